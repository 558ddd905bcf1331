// A table that is edited on the page: loads it, and keeps what was changed in a field of the form.

import { isEditable } from "./table-cells.js";
import { describe, shownBefore } from "./table-editor.js";
import { Grid, made } from "./table-grid.js";
import { GridInput } from "./table-input.js";
import { TableModel } from "./table-model.js";

const SAVE_AFTER_MS = 150;

class TableEditor {
  constructor(root) {
    this.root = root;
    this.field = root.querySelector("input[type=hidden]");
    this.message = root.querySelector(".table-message");
    this.key = `table ${location.pathname} ${this.field.name}`;
    // Until the table is there nothing is known, and the app is told so.
    this.field.value = "";
    document.addEventListener("submit", (event) => this.onSubmit(event), true);
    addEventListener("pagehide", () => this.save());
    this.load();
  }

  async load() {
    this.tell("Loading the table…");
    try {
      const response = await fetch(new URL(this.root.dataset.source, location.href));
      if (!response.ok) throw new Error(String(response.status));
      this.model = new TableModel(await response.json());
    } catch {
      this.tell("The table could not be loaded.");
      this.message.append(" ", button("Try again", () => this.load()));
      return;
    }
    this.tell("");
    this.restore();
    this.build();
    this.model.onChange = () => this.changed();
    this.changed();
  }

  // What came back with the page is newer than what this browser kept.
  restore() {
    const sent = this.root.dataset.changes;
    try {
      const kept = sent || sessionStorage.getItem(this.key);
      if (kept) this.model.restore(JSON.parse(kept), JSON.parse(this.root.dataset.errors || "{}"));
    } catch {
      this.model.edits.clear();
      this.model.added = [];
      this.model.removed.clear();
    }
  }

  build() {
    const { model } = this;
    this.note = made("p", "table-note", { id: `${this.field.name}-note` });
    this.live = made("p", "sr-only", { role: "status" });
    this.grid = new Grid(model, { label: this.root.dataset.label || "Table", noteId: this.note.id, tell: (text) => this.say(text) });
    new GridInput(this.grid);
    this.grid.onSelect = (fault) => this.describe(fault);
    this.tools = made("div", "table-tools", { role: "group", "aria-label": "Rows and changes" });
    this.addButton = button("Add row", () => this.addRow());
    this.removeButton = button("Remove row", () => this.removeOrRestore());
    this.undoButton = button("Undo", () => model.undo());
    this.redoButton = button("Redo", () => model.redo());
    this.tools.append(this.addButton, this.removeButton, this.undoButton, this.redoButton, this.filterBox());
    this.status = made("span", "table-status", { role: "status" });
    this.undoAllButton = button("Undo all", () => model.undoAll());
    this.faultButton = button("Next problem", () => this.goToNextFault());
    const summary = made("div", "table-summary");
    summary.append(this.status, this.faultButton, this.undoAllButton);
    const parts = [this.tools, this.grid.scroller, this.note, summary, this.live];
    if (model.whyNoRows) parts.push(made("p", "hint", {}, model.whyNoRows));
    parts.push(made("p", "hint", {}, "Type to replace what is in a cell; Enter, F2 or a double click edits it. Tab goes along the row, and from its end out of the table."));
    this.root.append(...parts);
    this.grid.refresh();
  }

  filterBox() {
    const label = made("label", "table-filter");
    this.filter = made("input", "", { type: "checkbox" });
    this.filter.addEventListener("change", () => this.grid.filter(this.filter.checked));
    // Enter in a field would send the form.
    this.filter.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
    label.append(this.filter, " Changed rows only");
    return label;
  }

  addRow() {
    if (this.model.whyNoRows) return this.say(this.model.whyNoRows);
    this.showAll();
    const row = this.model.addRow();
    const column = Math.max(0, this.model.columns.findIndex(isEditable));
    this.grid.goTo({ row, column });
  }

  removeOrRestore() {
    const rows = this.grid.selectedRows();
    if (rows.length && rows.every((row) => this.model.isRemoved(row))) this.model.together(() => this.model.restoreRows(rows));
    else this.model.together(() => this.model.removeRows(rows));
    this.grid.focus();
  }

  showAll() {
    this.filter.checked = false;
    if (this.grid.shown) this.grid.filter(false);
  }

  goToNextFault() {
    const faults = this.model.faults();
    if (!faults.length) return;
    const { index, column } = this.grid.active;
    const row = this.grid.rowAt(index);
    this.grid.goTo(faults.find((fault) => fault.row > row || (fault.row === row && fault.column > column)) ?? faults[0]);
    this.filter.checked = Boolean(this.grid.shown);
  }

  changed() {
    this.grid.refresh();
    const { cells, added, removed } = this.model.counts();
    const counted = [[cells, "cell", "changed"], [added, "row", "added"], [removed, "row", "removed"]];
    const told = counted.filter(([count]) => count).map(([count, noun, what]) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"} ${what}`);
    const faults = this.model.faults().length;
    if (faults) told.push(`${faults.toLocaleString("en")} ${faults === 1 ? "cell does" : "cells do"} not fit yet`);
    this.status.textContent = told.join(", ") || "Nothing changed.";
    this.status.classList.toggle("is-bad", faults > 0);
    this.faultButton.hidden = !faults;
    this.undoAllButton.hidden = !(cells || added || removed);
    enable(this.undoButton, this.model.past.length > 0);
    enable(this.redoButton, this.model.future.length > 0);
    enable(this.addButton, !this.model.whyNoRows);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), SAVE_AFTER_MS);
  }

  save() {
    clearTimeout(this.timer);
    if (!this.model) return;
    this.field.value = JSON.stringify(this.model.changes());
    try {
      sessionStorage.setItem(this.key, this.field.value);
    } catch {
      // No room or not allowed: then a reload starts anew.
    }
  }

  onSubmit(event) {
    if (event.target !== this.field.form) return;
    if (!this.model) return this.refuse(event, "The table is not loaded yet.");
    this.grid.finish({ focus: false });
    this.save();
    const faults = this.model.faults();
    if (!faults.length) return;
    this.refuse(event, `${faults.length === 1 ? "One cell does" : `${faults.length} cells do`} not fit yet.`);
    this.grid.goTo(faults[0]);
    this.filter.checked = Boolean(this.grid.shown);
  }

  refuse(event, reason) {
    event.preventDefault();
    event.stopImmediatePropagation();
    if (this.model) this.say(reason);
    else this.tell(reason);
  }

  // Says under the table what the active cell takes, held before, and why it does not fit.
  describe(fault) {
    const { model, grid } = this;
    const rows = grid.selectedRows();
    const isRestoring = rows.length > 0 && rows.every((row) => model.isRemoved(row));
    const noun = rows.length === 1 ? "row" : `${rows.length.toLocaleString("en")} rows`;
    this.removeButton.textContent = `${isRestoring ? "Restore" : "Remove"} ${rows.length ? noun : "row"}`;
    enable(this.removeButton, rows.length > 0);
    const row = grid.rowAt(grid.active.index);
    const column = model.columns[grid.active.column];
    this.note.replaceChildren();
    if (row === undefined || row >= model.rowCount) this.note.append(grid.shown ? "No row was changed." : "The table has no rows.");
    if (row === undefined || !column || row >= model.rowCount) return;
    const reason = fault ?? (grid.editor ? "" : model.cell(row, grid.active.column).reason);
    if (reason) this.note.append(made("strong", "table-reason", {}, reason), " ");
    this.note.append(`${column.name}: ${describe(column)}.`);
    if (model.isChanged(row, grid.active.column)) {
      this.note.append(` Before: ${clipped(shownBefore(column, model.before(row, grid.active.column)))}.`);
    }
    if (model.isRemoved(row)) this.note.append(" This row is removed.");
  }

  say(text) { this.live.textContent = text; }

  tell(text) {
    this.message.hidden = !text;
    this.message.replaceChildren(text);
  }
}

function button(text, work) {
  const element = made("button", "table-button", { type: "button" }, text);
  element.addEventListener("click", () => {
    if (element.getAttribute("aria-disabled") !== "true") work();
  });
  return element;
}

// Not `disabled`: that would take the focus away from whoever just pressed it.
function enable(element, isEnabled) {
  element.setAttribute("aria-disabled", String(!isEnabled));
}

const clipped = (text) => (text.length > 80 ? `${text.slice(0, 80)}…` : text);

for (const root of document.querySelectorAll(".table-editor")) new TableEditor(root);
