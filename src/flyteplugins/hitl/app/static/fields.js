// Comfort for fields: rows without a new page, moments in the reader's zone, search in long lists of choices.
"use strict";

// A button that adds, removes or moves a row asks the app for the form anew, and only the form is put into the page.
function changeRowsInPlace(form) {
  form.addEventListener("click", async (event) => {
    const button = event.target.closest('button[name="action"]');
    if (!button) return;
    event.preventDefault();
    const before = new Set(rowIds(form));
    const body = new URLSearchParams(new FormData(form, button));
    form.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(button.formAction, { method: "POST", body, headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const fresh = page.querySelector("form.answer");
      if (!response.ok || !fresh) throw new Error(String(response.status));
      resolveAddresses(fresh, response.url);
      const secrets = typedSecrets(form);
      form.replaceChildren(...fresh.childNodes);
      fillSecrets(form, secrets);
      prepare(form);
      focusAfter(form, button, before);
    } catch {
      tell("The app could not be reached. What you typed is still here; try again.");
    } finally {
      form.removeAttribute("aria-busy");
    }
  });
}

// Addresses are relative to the page that they came with, which is not the one that they are put into.
function resolveAddresses(fresh, page) {
  for (const name of ["formaction", "href", "src"]) {
    for (const element of fresh.querySelectorAll(`[${name}]`)) {
      const address = element.getAttribute(name);
      if (!address.startsWith("#")) element.setAttribute(name, new URL(address, page).href);
    }
  }
}

// The app sends no secret back, and what was typed must not be lost by adding a row.
function typedSecrets(form) {
  return new Map(Array.from(form.querySelectorAll('input[type="password"]'), (field) => [field.name, field.value]));
}

function fillSecrets(form, secrets) {
  for (const field of form.querySelectorAll('input[type="password"]')) field.value = secrets.get(field.name) || "";
}

function rowIds(form) {
  return Array.from(form.querySelectorAll(".row[id]"), (row) => row.id);
}

// To the first field of a new row; else to where the same button is now, or to the list.
function focusAfter(form, button, before) {
  const list = button.value.split(":")[1];
  const added = rowIds(form).find((id) => !before.has(id));
  const inRow = added && document.getElementById(added).querySelector("input:not([type=hidden]), select, textarea");
  const again = Array.from(form.querySelectorAll('button[name="action"]')).find((each) => each.value === button.value);
  const inList = document.getElementById(list);
  const target = inRow || again || (inList && inList.querySelector("input:not([type=hidden]), select, textarea, button")) || inList;
  if (target) target.focus();
}

// The app speaks UTC. The reader types in the zone of the browser, and what is sent is UTC again.
function showMomentsInTheReadersZone(form) {
  for (const field of form.querySelectorAll("[data-moment]")) {
    const input = field.querySelector('input[type="datetime-local"]');
    if (!input) continue;
    const sent = document.createElement("input");
    sent.type = "hidden";
    sent.name = input.name;
    sent.value = input.value;
    input.removeAttribute("name");
    const moment = input.value ? new Date(`${input.value}Z`) : null;
    if (moment && !Number.isNaN(moment.getTime())) input.value = asLocal(moment);
    input.addEventListener("input", () => {
      const typed = input.value ? new Date(input.value) : null;
      sent.value = typed && !Number.isNaN(typed.getTime()) ? typed.toISOString() : "";
    });
    input.after(sent);
    field.querySelector("[data-zone]").textContent = Intl.DateTimeFormat().resolvedOptions().timeZone;
  }
}

function asLocal(moment) {
  const two = (number) => String(number).padStart(2, "0");
  const day = `${String(moment.getFullYear()).padStart(4, "0")}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
  const seconds = moment.getSeconds() || moment.getMilliseconds() ? `:${two(moment.getSeconds())}` : "";
  const fraction = moment.getMilliseconds() ? `.${String(moment.getMilliseconds()).padStart(3, "0")}` : "";
  return `${day}T${two(moment.getHours())}:${two(moment.getMinutes())}${seconds}${fraction}`;
}

function searchLongLists(form) {
  for (const field of form.querySelectorAll("[data-searchable]")) {
    const select = field.querySelector("select");
    const options = select ? Array.from(select.options) : Array.from(field.querySelectorAll(".option"));
    const search = document.createElement("input");
    search.type = "search";
    search.className = "search";
    search.placeholder = "Search…";
    search.autocomplete = "off";
    search.setAttribute("aria-label", `Search in ${field.dataset.searchable}`);
    search.addEventListener("input", () => filter(select, options, search.value.trim().toLowerCase()));
    search.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      // Enter chooses what was found, and does not send the form.
      event.preventDefault();
      const found = options.find((option) => !option.hidden && option.value !== "");
      if (select && found) select.value = found.value;
      else if (found) found.querySelector("input").click();
    });
    (select || field.querySelector(".option-list")).before(search);
  }
}

function filter(select, options, wanted) {
  for (const option of options) {
    const isMatch = option.textContent.toLowerCase().includes(wanted);
    const isKept = isMatch || (select ? option.selected : option.querySelector("input").checked);
    option.hidden = !isKept;
  }
}

function prepare(form) {
  showMomentsInTheReadersZone(form);
  searchLongLists(form);
}

const answerForm = document.querySelector("form.answer[data-status]");
if (answerForm) {
  prepare(answerForm);
  changeRowsInPlace(answerForm);
}
