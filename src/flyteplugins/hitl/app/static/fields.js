// Comfort for fields: moments in the reader's zone, search in long lists of choices.
"use strict";

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
if (answerForm) prepare(answerForm);
