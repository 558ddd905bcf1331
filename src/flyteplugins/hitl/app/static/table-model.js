// The table, what was changed in it, and how to take that back.
//
// A row is named by a number: those of the initial table come first, then those that were added. A cell that was
// changed is {value}, or {text, reason} while what was typed does not fit.

import { isEditable, isSame, read, show } from "./table-cells.js";

export class TableModel {
  constructor(table) {
    this.columns = table.columns;
    this.initialCount = table.row_count;
    this.labels = table.labels;
    this.labelName = table.label_name;
    this.whyNoRows = table.why_no_rows;
    this.cells = table.cells;
    this.edits = new Map();
    this.added = [];
    this.removed = new Set();
    this.past = [];
    this.future = [];
    this.steps = null;
    this.onChange = () => {};
  }

  get rowCount() { return this.initialCount + this.added.length; }
  get addedRows() { return this.added.map((_, number) => this.initialCount + number); }
  isAdded(row) { return row >= this.initialCount; }
  isRemoved(row) { return this.removed.has(row); }
  label(row) {
    if (this.isAdded(row)) return "new";
    return this.labels ? this.labels[row] : String(row);
  }

  // The cell as it is now: {value} or {text, reason}.
  cell(row, column) {
    if (this.isAdded(row)) return this.added[row - this.initialCount][column];
    return this.edits.get(this.key(row, column)) ?? { value: this.cells[column][row] };
  }

  before(row, column) { return this.isAdded(row) ? undefined : this.cells[column][row]; }
  isChanged(row, column) { return !this.isAdded(row) && this.edits.has(this.key(row, column)); }
  isRowChanged(row) {
    return this.isAdded(row) || this.isRemoved(row) || this.columns.some((_, column) => this.isChanged(row, column));
  }

  text(row, column) {
    const cell = this.cell(row, column);
    return "reason" in cell ? cell.text : show(this.columns[column], cell.value);
  }

  // Types into a cell; what does not fit is kept with the reason.
  type(row, column, text) {
    if (!isEditable(this.columns[column]) || this.isRemoved(row) || text === this.text(row, column)) return;
    this.put(row, column, read(this.columns[column], text));
  }

  put(row, column, cell) {
    const before = this.before(row, column);
    const isBack = !this.isAdded(row) && "value" in cell && isSame(this.columns[column], cell.value, before);
    if (isBack && !this.isChanged(row, column)) return;
    this.step({ kind: "cell", row, column, cell: isBack ? undefined : cell });
  }

  addRow() {
    const cells = this.columns.map((_, column) => this.restored(column, null));
    this.step({ kind: "insert", at: this.added.length, cells });
    return this.rowCount - 1;
  }

  // From the last to the first, since a row that was added is gone at once and moves those behind it.
  removeRows(rows) {
    for (const row of [...rows].sort((one, other) => other - one)) {
      if (this.isAdded(row)) this.step({ kind: "delete", at: row - this.initialCount });
      else if (!this.isRemoved(row)) this.step({ kind: "remove", row, isRemoved: true });
    }
  }

  restoreRows(rows) {
    for (const row of rows) if (this.isRemoved(row)) this.step({ kind: "remove", row, isRemoved: false });
  }

  // All that is done inside is one thing to undo.
  together(work) {
    if (this.steps) return work();
    this.steps = [];
    try {
      return work();
    } finally {
      const steps = this.steps;
      this.steps = null;
      if (steps.length) {
        this.past.push(steps);
        this.future = [];
        this.onChange();
      }
    }
  }

  step(step) {
    this.together(() => this.steps.push(this.apply(step)));
  }

  undo() { return this.travel(this.past, this.future); }
  redo() { return this.travel(this.future, this.past); }

  travel(from, to) {
    const steps = from.pop();
    if (!steps) return false;
    to.push(steps.reverse().map((step) => this.apply(step)));
    this.onChange();
    return true;
  }

  undoAll() {
    this.together(() => {
      this.removeRows(this.addedRows);
      this.restoreRows([...this.removed]);
      for (const key of [...this.edits.keys()]) this.step({ kind: "cell", ...this.place(key), cell: undefined });
    });
  }

  // Does one thing and returns its contrary.
  apply(step) {
    if (step.kind === "insert") {
      this.added.splice(step.at, 0, step.cells);
      return { kind: "delete", at: step.at };
    }
    if (step.kind === "delete") {
      const [cells] = this.added.splice(step.at, 1);
      return { kind: "insert", at: step.at, cells };
    }
    if (step.kind === "remove") {
      if (step.isRemoved) this.removed.add(step.row);
      else this.removed.delete(step.row);
      return { kind: "remove", row: step.row, isRemoved: !step.isRemoved };
    }
    return this.applyToCell(step);
  }

  applyToCell({ row, column, cell }) {
    if (this.isAdded(row)) {
      const cells = this.added[row - this.initialCount];
      const before = cells[column];
      cells[column] = cell;
      return { kind: "cell", row, column, cell: before };
    }
    const key = this.key(row, column);
    const before = this.edits.get(key);
    if (cell === undefined) this.edits.delete(key);
    else this.edits.set(key, cell);
    return { kind: "cell", row, column, cell: before };
  }

  key(row, column) { return row * this.columns.length + column; }
  place(key) { return { row: Math.floor(key / this.columns.length), column: key % this.columns.length }; }

  // What is sent, and kept over a reload: a cell that does not fit goes as the text that was typed.
  changes() {
    const content = (cell) => ("reason" in cell ? cell.text : cell.value);
    const edited = [...this.edits].filter(([key]) => !this.isRemoved(this.place(key).row)).sort(([one], [other]) => one - other);
    return {
      edited: edited.map(([key, cell]) => [this.place(key).row, this.place(key).column, content(cell)]),
      added: this.added.map((cells) => cells.map(content)),
      removed: [...this.removed].sort((one, other) => one - other),
    };
  }

  // Takes up changes of before; `reasons` are those of the app, by path.
  restore(changes, reasons = {}) {
    (changes.edited ?? []).forEach(([row, column, content], number) => {
      if (!(row >= 0 && row < this.initialCount) || !this.columns[column]) return;
      const cell = this.restored(column, content, reasons[`edited.${number}`]);
      if ("value" in cell && isSame(this.columns[column], cell.value, this.before(row, column))) return;
      this.edits.set(this.key(row, column), cell);
    });
    (changes.added ?? []).forEach((cells, number) => {
      const path = `added.${number}`;
      this.added.push(this.columns.map((_, column) => this.restored(column, cells[column] ?? null, reasons[`${path}.${column}`])));
    });
    for (const row of changes.removed ?? []) if (row >= 0 && row < this.initialCount) this.removed.add(row);
    this.onChange();
  }

  restored(column, content, reason) {
    const described = this.columns[column];
    const text = typeof content === "string" ? content : show(described, content);
    if (reason) return { text, reason };
    if (!isEditable(described)) return { value: null };
    return content === "" && described.kind === "str" ? { value: "" } : read(described, text);
  }

  // The places of all cells that do not fit, in order.
  faults() {
    const found = [];
    for (const [key, cell] of this.edits) {
      const place = this.place(key);
      if ("reason" in cell && !this.isRemoved(place.row)) found.push(place);
    }
    this.added.forEach((cells, number) => cells.forEach((cell, column) => {
      if ("reason" in cell) found.push({ row: this.initialCount + number, column });
    }));
    return found.sort((one, other) => one.row - other.row || one.column - other.column);
  }

  counts() {
    let cells = 0;
    for (const key of this.edits.keys()) if (!this.isRemoved(this.place(key).row)) cells += 1;
    return { cells, added: this.added.length, removed: this.removed.size };
  }
}
