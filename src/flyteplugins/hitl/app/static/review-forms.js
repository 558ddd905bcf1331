// The forms of items whose decision is more than a choice. What is typed in one stays in it until it is kept.
"use strict";

class ReviewForms {
  // `place` holds the form of the item that is shown: at first, the one that came with the page.
  constructor(place, number) {
    this.place = place;
    this.left = new Map();
    this.number = number;
    this.isFirst = true;
    this.prepare();
  }

  get form() {
    return this.place.querySelector("form");
  }

  prepare() {
    for (const field of this.form.querySelectorAll("[autofocus]")) field.removeAttribute("autofocus");
    prepare(this.form);
    changeRowsInPlace(this.form);
    this.held = entriesOf(this.form);
  }

  // Where something was typed, or is still to be kept, the form is as it was left; else it comes with the item.
  show(number, markup) {
    const isThere = this.isFirst && number === this.number;
    this.isFirst = false;
    if (isThere) return;
    this.leave();
    this.number = number;
    const left = this.left.get(number);
    if (left) {
      this.held = left.held;
      if (left.form !== this.form) this.place.replaceChildren(left.form);
    } else {
      this.place.innerHTML = markup;
      this.prepare();
    }
  }

  leave() {
    const left = this.left.get(this.number);
    if (isTypedIn(this.form, this.held)) this.left.set(this.number, { form: this.form, held: this.held, isSent: false });
    else if (left && !left.isSent) this.left.delete(this.number);
  }

  // What is sent now is what the form holds, until the app says otherwise.
  sent(entries) {
    this.held = entries;
    this.left.set(this.number, { form: this.form, held: entries, isSent: true });
  }

  kept(number) {
    const left = this.left.get(number);
    if (left && isTypedIn(left.form, left.held)) left.isSent = false;
    else this.left.delete(number);
  }

  refused(number) {
    const left = this.left.get(number);
    if (left) Object.assign(left, { held: null, isSent: false });
    if (number === this.number) this.held = null;
  }

  // Another decision stands at the item now, and its form is to show that one.
  forget(number) {
    this.left.delete(number);
    if (number === this.number) this.held = entriesOf(this.form);
  }

  isTyped(number) {
    if (number === this.number) return isTypedIn(this.form, this.held);
    const left = this.left.get(number);
    return Boolean(left) && isTypedIn(left.form, left.held);
  }

  // The items at which something is typed that is not kept.
  typed() {
    return [...new Set([...this.left.keys(), this.number])].filter((number) => this.isTyped(number)).sort((one, other) => one - other);
  }
}

function entriesOf(form) {
  return Array.from(new FormData(form)).filter(([name]) => name === "value" || name.startsWith("value."));
}

function isTypedIn(form, held) {
  return JSON.stringify(entriesOf(form)) !== JSON.stringify(held);
}

// Says in the form what is wrong with what it sent.
function showProblem(form, { errors, detail }) {
  form.querySelector(".notice")?.remove();
  const notice = document.createElement("div");
  notice.className = "notice notice-error";
  notice.setAttribute("role", "alert");
  const title = document.createElement("strong");
  title.textContent = "This decision was not kept.";
  const list = document.createElement("ul");
  for (const error of errors.length ? errors : [{ field: "", reason: detail }]) {
    const path = error.field.replace(/^\d+\./, "");
    const input = document.getElementById(path);
    if (input) input.setAttribute("aria-invalid", "true");
    const label = path.replace(/^value\.?/, "");
    const line = document.createElement("li");
    line.textContent = label ? `${label}: ${error.reason}` : error.reason;
    list.append(line);
  }
  notice.append(title, list);
  form.prepend(notice);
  (form.querySelector('[aria-invalid="true"]') || form.querySelector("input:not([type=hidden]), select, textarea"))?.focus();
}
