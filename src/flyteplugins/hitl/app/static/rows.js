// Rows without a new page: a button that adds, removes or moves one asks the app for the form anew, and only the form is
// put into the page. What is typed or pressed until it is there counts as well.
"use strict";

function changeRowsInPlace(form) {
  const changes = { isUnderWay: false, typed: 0, pressed: [] };
  form.addEventListener("input", () => { changes.typed += 1; });
  form.addEventListener("click", (event) => {
    const button = event.target.closest('button[name="action"]');
    if (!button) return;
    event.preventDefault();
    if (changes.isUnderWay) changes.pressed.push(button);
    else if (form.getAttribute("aria-busy") !== "true") changeRows(form, button, changes);
  });
  form.addEventListener("submit", (event) => {
    if (!changes.isUnderWay) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    changes.pressed.push(event.submitter);
  }, true);
}

async function changeRows(form, button, changes) {
  changes.isUnderWay = true;
  form.setAttribute("aria-busy", "true");
  try {
    putInPlace(form, await formAfter(form, button, changes), button);
  } catch {
    changes.pressed.length = 0;
    tell("The app could not be reached. What you typed is still here; try again.");
  } finally {
    changes.isUnderWay = false;
    form.removeAttribute("aria-busy");
  }
  pressNext(form, changes);
}

// What was typed on the way is not in the reply, so the app is asked again with it.
async function formAfter(form, button, changes) {
  let typed, fresh;
  do {
    typed = changes.typed;
    const body = new URLSearchParams(new FormData(form, button));
    const response = await fetch(button.formAction, { method: "POST", body, headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    fresh = page.querySelector("form.answer");
    if (!response.ok || !fresh) throw new Error(String(response.status));
    resolveAddresses(fresh, response.url);
  } while (changes.typed !== typed);
  return fresh;
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

function putInPlace(form, fresh, button) {
  const before = new Set(rowIds(form));
  const secrets = typedSecrets(form);
  const place = placeOfReader(form);
  form.replaceChildren(...fresh.childNodes);
  fillSecrets(form, secrets);
  prepare(form);
  if (!goBackTo(place)) focusAfter(form, button, before);
  form.dispatchEvent(new Event("change", { bubbles: true }));
}

function rowIds(form) {
  return Array.from(form.querySelectorAll(".row[id]"), (row) => row.id);
}

// The app sends no secret back, and what was typed must not be lost by adding a row.
function typedSecrets(form) {
  return new Map(Array.from(form.querySelectorAll('input[type="password"]'), (field) => [field.name, field.value]));
}

function fillSecrets(form, secrets) {
  for (const field of form.querySelectorAll('input[type="password"]')) field.value = secrets.get(field.name) || "";
}

// Where the reader went on while the app was asked. A row keeps its name, wherever it is moved to.
function placeOfReader(form) {
  const field = document.activeElement;
  if (!field.id || !form.contains(field) || !field.matches("input, select, textarea")) return null;
  return { id: field.id, start: field.selectionStart, end: field.selectionEnd };
}

function goBackTo(place) {
  const field = place && document.getElementById(place.id);
  if (!field) return false;
  field.focus();
  if (typeof place.start === "number") field.setSelectionRange(place.start, place.end);
  return true;
}

// To the first field of a new row; else to where the same button is now, or to the list.
function focusAfter(form, button, before) {
  const added = rowIds(form).find((id) => !before.has(id));
  const inRow = added && document.getElementById(added).querySelector("input:not([type=hidden]), select, textarea");
  const inList = document.getElementById(button.value.split(":")[1]);
  const first = inList && inList.querySelector("input:not([type=hidden]), select, textarea, button");
  const target = inRow || sameButton(form, button) || first || inList;
  if (target) target.focus();
}

function sameButton(form, button) {
  const isSame = (each) => each.name === button.name && each.value === button.value && !each.disabled;
  return Array.from(form.querySelectorAll("button[type=submit]")).find(isSame);
}

// A press of the button of a row that is gone by now is for nothing.
function pressNext(form, changes) {
  while (changes.pressed.length && !changes.isUnderWay) {
    const pressed = changes.pressed.shift();
    if (!pressed || pressed.name !== "action") {
      changes.pressed.length = 0;
      form.requestSubmit(pressed && sameButton(form, pressed));
    } else {
      const same = sameButton(form, pressed);
      if (same) same.click();
    }
  }
}

const formWithRows = document.querySelector("form.answer[data-status]");
if (formWithRows) changeRowsInPlace(formWithRows);
