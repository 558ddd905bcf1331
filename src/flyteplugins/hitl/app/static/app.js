// Comfort only: every page works without this script.
"use strict";

const STATUS_EVERY_MS = 4000;
const SOON_MS = 5 * 60 * 1000;

const zoned = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const zone = new Intl.DateTimeFormat(undefined, { timeZoneName: "short" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

function showTimesInTheReadersZone() {
  for (const time of document.querySelectorAll("time[datetime]")) {
    const moment = new Date(time.dateTime);
    const name = zone.formatToParts(moment).find((part) => part.type === "timeZoneName");
    time.title = time.textContent;
    time.textContent = `${zoned.format(moment)} ${name ? name.value : ""}`.trim();
  }
}

function inWords(milliseconds) {
  const seconds = Math.round(milliseconds / 1000);
  for (const [unit, size] of [["day", 86400], ["hour", 3600], ["minute", 60]]) {
    if (Math.abs(seconds) >= 2 * size || (unit === "minute" && Math.abs(seconds) >= size)) {
      return relative.format(Math.trunc(seconds / size), unit);
    }
  }
  return relative.format(seconds, "second");
}

function countDown() {
  const deadline = document.querySelector(".deadline");
  if (!deadline) return;
  const left = document.createElement("span");
  left.className = "deadline-left";
  deadline.append(left);
  const end = new Date(deadline.querySelector("time").dateTime).getTime();
  const show = () => {
    const milliseconds = end - Date.now();
    left.textContent = milliseconds > 0 ? inWords(milliseconds) : "the time is over";
    deadline.classList.toggle("deadline-soon", milliseconds < SOON_MS);
  };
  show();
  setInterval(show, 1000);
}

function sendOnlyOnce(form) {
  form.addEventListener("submit", (event) => {
    if (form.getAttribute("aria-busy") === "true") {
      event.preventDefault();
      return;
    }
    if (new URLSearchParams(new FormData(form)).toString().length > Number(form.dataset.maxBytes)) {
      event.preventDefault();
      tell("The answer is too large to be sent. Shorten it; nothing is lost.");
      return;
    }
    form.setAttribute("aria-busy", "true");
    tell("Sending your answer…");
  });
  // A page that comes back from the browser's cache must be usable again.
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
}

function tell(text, link) {
  const live = document.getElementById("live");
  if (!live) return;
  live.hidden = false;
  live.replaceChildren(text);
  if (link) {
    const anchor = document.createElement("a");
    anchor.href = location.href;
    anchor.textContent = link;
    live.append(" ", anchor);
  }
}

function silence() {
  const live = document.getElementById("live");
  live.hidden = true;
  live.replaceChildren();
}

// Tells a reader whose question was closed elsewhere, and leaves what is typed alone.
function watch(form) {
  const address = new URL(form.dataset.status, location.href);
  address.searchParams.set("token", form.elements.token.value);
  let isAway = false;
  const look = async () => {
    if (document.hidden || form.getAttribute("aria-busy") === "true") return;
    try {
      const response = await fetch(address, { cache: "no-store" });
      if (!response.ok) throw new Error(String(response.status));
      const state = await response.json();
      if (isAway) silence();
      isAway = false;
      if (state.status !== "pending") {
        clearInterval(timer);
        tell("This question was closed while you were here.", "See how");
      }
    } catch {
      isAway = true;
      tell("The app cannot be reached. Has the script ended? What you typed is still here.");
    }
  };
  const timer = setInterval(look, STATUS_EVERY_MS);
}

showTimesInTheReadersZone();
countDown();
const form = document.querySelector("form[data-status]");
if (form) {
  sendOnlyOnce(form);
  watch(form);
}
