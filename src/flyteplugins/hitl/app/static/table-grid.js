// The grid on the page: only the rows in sight are there, with a selection and an editor of one cell.

import { isEditable, isNumeric, show } from "./table-cells.js";
import { CellEditor, describe, shownBefore } from "./table-editor.js";

export const ROW_HEIGHT = 34;
const MARGIN_ROWS = 8;
const SAMPLED_ROWS = 200;

export class Grid {
  constructor(model, { label, noteId, tell }) {
    this.model = model;
    this.noteId = noteId;
    this.tell = tell;
    this.shown = null;
    this.active = { index: 0, column: 0 };
    this.anchor = this.active;
    this.editor = null;
    this.rows = new Map();
    this.onSelect = () => {};
    this.build(label);
    this.scroller.addEventListener("scroll", () => this.render(), { passive: true });
    new ResizeObserver(() => this.render()).observe(this.scroller);
  }

  // What is in sight: all rows, or those that were changed when the filter was set.

  get count() { return this.shown ? this.shown.length : this.model.rowCount; }
  get lastColumn() { return this.model.columns.length - 1; }
  rowAt(index) { return this.shown ? this.shown[index] : index; }
  indexOf(row) { return this.shown ? this.shown.indexOf(row) : row; }

  filter(isOn) {
    this.finish();
    const all = Array.from({ length: this.model.rowCount }, (_, row) => row);
    this.shown = isOn ? all.filter((row) => this.model.isRowChanged(row)) : null;
    this.scroller.scrollTop = 0;
    this.select(0, 0, { focus: false });
    this.refresh();
  }

  refresh() {
    if (this.shown) this.shown = [...this.shown.filter((row) => !this.model.isAdded(row)), ...this.model.addedRows];
    this.body.style.height = `${this.count * ROW_HEIGHT}px`;
    this.element.setAttribute("aria-rowcount", this.count + 1);
    // With no cell to stand on, what scrolls must be reached by itself.
    setOrRemove(this.scroller, "tabindex", !(this.count && this.model.columns.length) && "0");
    const last = Math.max(0, this.count - 1);
    if (this.active.index > last) this.active = { ...this.active, index: last };
    if (this.anchor.index > last) this.anchor = { ...this.anchor, index: last };
    this.render(true);
    this.onSelect();
  }

  build(label) {
    this.scroller = made("div", "table-scroll");
    this.element = made("div", "table-grid", { role: "grid", "aria-label": label, "aria-multiselectable": "true" });
    this.element.setAttribute("aria-colcount", this.model.columns.length + 1);
    this.head = made("div", "table-head", { role: "rowgroup" });
    this.body = made("div", "table-body", { role: "rowgroup" });
    const row = made("div", "table-row", { role: "row", "aria-rowindex": "1" });
    row.append(made("div", "table-number", { role: "columnheader", "aria-colindex": "1" }, this.model.labelName || "Row"));
    this.model.columns.forEach((column, number) => {
      const header = made("div", "table-title", { role: "columnheader", "aria-colindex": number + 2, title: `${column.name}: ${describe(column)} (${column.dtype})` }, column.name);
      header.classList.toggle("is-number", isNumeric(column));
      header.dataset.column = number;
      row.append(header);
    });
    this.head.append(row);
    this.element.append(this.head, this.body);
    this.scroller.append(this.element);
    this.element.style.setProperty("--columns", this.widths());
  }

  widths() {
    const { model } = this;
    const sampled = Math.min(SAMPLED_ROWS, model.initialCount);
    const labels = Array.from({ length: sampled }, (_, row) => model.label(row).length);
    const inPixels = (characters, least, most) => Math.round(Math.min(most, Math.max(least, characters * 8 + 24)));
    const widths = model.columns.map((column, number) => {
      const texts = model.cells[number].slice(0, sampled).map((value) => show(column, value).length);
      const choices = column.choices.map((choice) => choice.length + 3);
      return inPixels(Math.max(4, column.name.length, ...texts, ...choices), 72, 288);
    });
    const first = inPixels(Math.max(String(model.initialCount).length, model.labelName.length, ...labels), 56, 160);
    return `${first}px ${widths.map((width) => `minmax(${width}px, ${width}fr)`).join(" ")}`;
  }

  // Drawing

  render(isAll = false) {
    const top = this.scroller.scrollTop;
    const first = Math.max(0, Math.floor(top / ROW_HEIGHT) - MARGIN_ROWS);
    const last = Math.min(this.count, Math.ceil((top + this.scroller.clientHeight) / ROW_HEIGHT) + MARGIN_ROWS);
    const wanted = new Set();
    for (let index = first; index < last; index += 1) wanted.add(index);
    // The cell that has the focus stays, however far one scrolls away from it.
    if (this.active.index < this.count) wanted.add(this.active.index);
    const spare = [];
    for (const [index, element] of this.rows) {
      if (wanted.has(index)) continue;
      this.rows.delete(index);
      spare.push(element);
    }
    for (const index of wanted) {
      const isThere = this.rows.has(index);
      if (isThere && !isAll) continue;
      const element = this.rows.get(index) ?? spare.pop() ?? this.newRow();
      this.rows.set(index, element);
      this.fill(element, index);
      if (!element.isConnected) this.body.append(element);
    }
    for (const element of spare) element.remove();
  }

  newRow() {
    const row = made("div", "table-row", { role: "row" });
    row.append(made("div", "table-number", { role: "rowheader", "aria-colindex": "1" }));
    this.model.columns.forEach((column, number) => {
      const cell = made("div", "table-cell", { role: "gridcell", "aria-colindex": number + 2 });
      cell.dataset.column = number;
      cell.classList.toggle("is-number", isNumeric(column));
      cell.classList.toggle("is-fixed", !isEditable(column));
      if (!isEditable(column)) cell.setAttribute("aria-readonly", "true");
      row.append(cell);
    });
    return row;
  }

  fill(element, index) {
    const row = this.rowAt(index);
    element.dataset.index = index;
    element.style.transform = `translateY(${index * ROW_HEIGHT}px)`;
    element.setAttribute("aria-rowindex", index + 2);
    element.classList.toggle("is-added", this.model.isAdded(row));
    element.classList.toggle("is-removed", this.model.isRemoved(row));
    const [number, ...cells] = element.children;
    number.textContent = this.model.label(row);
    if (this.model.isRemoved(row)) number.append(made("span", "sr-only", {}, " removed"));
    cells.forEach((cell, column) => this.fillCell(cell, index, row, column));
  }

  fillCell(cell, index, row, column) {
    const isActive = index === this.active.index && column === this.active.column;
    if (!(isActive && this.editor)) {
      const content = this.model.cell(row, column);
      const isChanged = this.model.isChanged(row, column);
      const text = this.model.text(row, column);
      cell.textContent = text;
      cell.classList.toggle("is-blank", text === "" && content.value === "");
      cell.classList.toggle("is-changed", isChanged);
      setOrRemove(cell, "aria-invalid", "reason" in content && "true");
      const before = isChanged && `Before: ${shownBefore(this.model.columns[column], this.model.before(row, column))}`;
      setOrRemove(cell, "title", content.reason || before || (text.length > 20 && text));
    }
    cell.tabIndex = isActive ? 0 : -1;
    setOrRemove(cell, "aria-describedby", isActive && this.noteId);
    cell.setAttribute("aria-selected", this.isSelected(index, column));
    cell.classList.toggle("is-active", isActive);
  }

  cellElement(index, column) { return this.rows.get(index)?.children[column + 1]; }

  // Selection: a rectangle from the anchor to the active cell, which has the focus.

  get selection() {
    const { active, anchor } = this;
    return {
      top: Math.min(active.index, anchor.index),
      bottom: Math.max(active.index, anchor.index),
      left: Math.min(active.column, anchor.column),
      right: Math.max(active.column, anchor.column),
    };
  }

  isSelected(index, column) {
    const { top, bottom, left, right } = this.selection;
    return index >= top && index <= bottom && column >= left && column <= right;
  }

  selectedRows() {
    const { top, bottom } = this.selection;
    return this.count ? Array.from({ length: bottom - top + 1 }, (_, number) => this.rowAt(top + number)) : [];
  }

  select(index, column, { extend = false, focus = true, reveal = true } = {}) {
    this.active = { index: clamp(index, this.count - 1), column: clamp(column, this.lastColumn) };
    if (!extend) this.anchor = this.active;
    if (reveal) this.reveal();
    this.render(true);
    if (focus) this.focus();
    this.onSelect();
  }

  selectArea(active, anchor) {
    this.active = active;
    this.anchor = anchor;
    this.render(true);
    this.focus();
    this.onSelect();
  }

  focus() { this.cellElement(this.active.index, this.active.column)?.focus({ preventScroll: true }); }

  reveal() {
    const { scroller, active } = this;
    const top = active.index * ROW_HEIGHT;
    const room = scroller.clientHeight - this.head.offsetHeight;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (top + ROW_HEIGHT > scroller.scrollTop + room) scroller.scrollTop = top + ROW_HEIGHT - room;
    const titles = this.head.firstElementChild.children;
    const title = titles[active.column + 1];
    if (!title) return;
    const fixed = titles[0].offsetWidth;
    const left = title.offsetLeft - fixed;
    const width = scroller.clientWidth - fixed;
    if (left < scroller.scrollLeft) scroller.scrollLeft = left;
    else if (left + title.offsetWidth > scroller.scrollLeft + width) scroller.scrollLeft = left + title.offsetWidth - width;
  }

  // How many whole rows are in sight.
  get rowsInSight() {
    return Math.max(1, Math.floor((this.scroller.clientHeight - this.head.offsetHeight) / ROW_HEIGHT));
  }

  goTo({ row, column }) {
    if (this.indexOf(row) < 0) this.shown = null;
    this.refresh();
    this.select(this.indexOf(row), column);
  }

  // Editing

  edit({ key = "", isTyping = false } = {}) {
    const { index, column } = this.active;
    const described = this.model.columns[column];
    const row = this.rowAt(index);
    if (row === undefined || this.editor) return;
    if (this.model.isRemoved(row)) return void this.tell("This row is removed. Restore it to edit it.");
    if (!isEditable(described)) return void this.tell(`The column “${described.name}” is only shown; it cannot be edited.`);
    this.reveal();
    this.render();
    const cell = this.cellElement(index, column);
    const label = `${described.name}, row ${this.model.label(row)}`;
    const isFresh = isTyping && described.kind !== "bool" && described.kind !== "choice";
    this.editor = new CellEditor(described, isFresh ? "" : this.model.text(row, column), { label, describedBy: this.noteId, isTyping });
    cell.replaceChildren(this.editor.field);
    cell.classList.add("is-editing");
    this.editor.field.addEventListener("blur", () => this.finish({ focus: false }));
    this.editor.field.addEventListener("input", () => this.check());
    this.editor.begin(key);
    this.onSelect();
  }

  check() {
    const { fault, field } = this.editor;
    setOrRemove(field, "aria-invalid", fault && "true");
    this.onSelect(fault);
  }

  // Takes what was typed, fitting or not, unless it is to be forgotten.
  finish({ isCancelled = false, focus = true } = {}) {
    const { editor } = this;
    if (!editor) return;
    const { index, column } = this.active;
    const row = this.rowAt(index);
    const { text, fault } = editor;
    this.editor = null;
    this.cellElement(index, column)?.classList.remove("is-editing");
    if (!isCancelled && !editor.field.validity.badInput) this.model.type(row, column, text);
    if (!isCancelled && fault) this.tell(fault);
    this.render(true);
    if (focus) this.focus();
    this.onSelect();
  }

  empty() {
    const { top, bottom, left, right } = this.selection;
    this.model.together(() => {
      for (let index = top; index <= bottom && index < this.count; index += 1) {
        for (let column = left; column <= right; column += 1) this.model.type(this.rowAt(index), column, "");
      }
    });
  }
}

export function made(tag, name, attributes = {}, text = "") {
  const element = document.createElement(tag);
  element.className = name;
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
  element.textContent = text;
  return element;
}

function setOrRemove(element, attribute, value) {
  if (value) element.setAttribute(attribute, value);
  else element.removeAttribute(attribute);
}

export const clamp = (value, most) => Math.max(0, Math.min(value, most));
