// The field in which one cell is typed: of the kind that its column wants.

import { HINTS, read, show } from "./table-cells.js";

const DAY = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;
const LOCAL_MOMENT = /^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,3})?)?$/;

export class CellEditor {
  // `content` is the text of the cell, or "" when typing begins anew; `isTyping` says that a key is about to go in.
  constructor(column, content, { label, describedBy, isTyping }) {
    this.column = column;
    this.content = content;
    this.field = this.made(isTyping);
    this.field.classList.add("table-field");
    this.field.setAttribute("aria-label", label);
    this.field.setAttribute("aria-describedby", describedBy);
    this.field.autocomplete = "off";
    this.field.spellcheck = false;
  }

  get isChoice() { return this.field instanceof HTMLSelectElement; }

  get text() {
    if (this.field.type === "datetime-local") return this.field.value.replace("T", " ");
    return this.field.value;
  }

  // The reason why the column does not take what is typed, or "".
  get fault() {
    if (this.field.validity.badInput) return "The date is not complete.";
    const found = read(this.column, this.text);
    return this.text !== this.content && "reason" in found ? found.reason : "";
  }

  made(isTyping) {
    if (this.column.kind === "bool") return this.selection(["true", "false"]);
    if (this.column.kind === "choice") return this.selection(this.column.choices);
    if (this.column.kind === "str") return this.textArea();
    return this.input(isTyping);
  }

  selection(choices) {
    const field = document.createElement("select");
    const isKnown = choices.includes(this.content);
    if (this.column.nullable || this.content === "") field.append(new Option("(empty)", ""));
    if (!isKnown && this.content !== "") field.append(new Option(this.content, this.content));
    for (const choice of choices) field.append(new Option(choice, choice));
    field.value = this.content;
    return field;
  }

  textArea() {
    const field = document.createElement("textarea");
    field.rows = Math.min(6, this.content.split("\n").length);
    field.value = this.content;
    return field;
  }

  input(isTyping) {
    const field = document.createElement("input");
    field.type = isTyping ? "text" : this.typeOfInput();
    if (this.column.kind === "float") field.inputMode = "decimal";
    if (this.column.kind === "int" && this.column.least === "0") field.inputMode = "numeric";
    if (field.type === "datetime-local") field.step = "any";
    field.placeholder = field.type === "text" ? HINTS[this.column.kind] : "";
    field.value = field.type === "datetime-local" ? this.content.replace(" ", "T") : this.content;
    return field;
  }

  // A field with a calendar, where it can hold all that is in the cell.
  typeOfInput() {
    const { kind, zone } = this.column;
    const fits = (pattern) => this.content === "" || pattern.test(this.content);
    if (kind === "date" && fits(DAY)) return "date";
    return kind === "datetime" && !zone && fits(LOCAL_MOMENT) ? "datetime-local" : "text";
  }

  // Puts the caret where typing goes on, or picks the choice that begins with the key.
  begin(key) {
    this.field.focus({ preventScroll: true });
    if (this.isChoice) {
      const found = [...this.field.options].find((option) => key && option.text.toLowerCase().startsWith(key.toLowerCase()));
      if (found) this.field.value = found.value;
    } else if (!this.field.type.startsWith("date")) {
      this.field.setSelectionRange(this.content.length, this.content.length);
    }
  }

  // A line break in text: Enter alone is done with the cell.
  breakLine() {
    if (this.column.kind !== "str") return;
    this.field.setRangeText("\n", this.field.selectionStart, this.field.selectionEnd, "end");
    this.field.rows = Math.min(6, this.field.value.split("\n").length);
  }
}

export const describe = (column) => {
  // The bounds of 64 bits tell nobody anything.
  const bounds = column.kind === "int" && column.greatest?.length <= 10 ? ` from ${column.least} to ${column.greatest}` : "";
  const zone = column.zone ? `, in the time of ${column.zone}` : "";
  return `${HINTS[column.kind]}${bounds}${zone}${column.kind === "other" || column.nullable ? "" : ", never empty"}`;
};

export const shownBefore = (column, value) => show(column, value) || "empty";
