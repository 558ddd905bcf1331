// What keys, pointer and clipboard do to the grid: as in a spreadsheet.

import { isEditable } from "./table-cells.js";
import { fromText, toText } from "./table-clipboard.js";
import { clamp } from "./table-grid.js";

const MAX_ROWS = 100000;

export class GridInput {
  constructor(grid) {
    this.grid = grid;
    this.isDragging = false;
    this.listen();
  }

  listen() {
    this.grid.element.addEventListener("keydown", (event) => (this.grid.editor ? this.onEditorKey(event) : this.onKey(event)));
    this.grid.element.addEventListener("pointerdown", (event) => this.onPointerDown(event));
    this.grid.element.addEventListener("pointermove", (event) => this.onPointerMove(event));
    this.grid.element.addEventListener("click", (event) => this.onClick(event));
    this.grid.element.addEventListener("dblclick", (event) => event.target.closest(".table-cell") && this.grid.edit());
    for (const kind of ["copy", "cut", "paste"]) {
      this.grid.element.addEventListener(kind, (event) => this.onClipboard(event, kind));
    }
  }

  onClipboard(event, kind) {
    if (this.grid.editor || !this.grid.count) return;
    event.preventDefault();
    if (kind === "paste") return void this.paste(event.clipboardData.getData("text/plain"));
    event.clipboardData.setData("text/plain", this.copied());
    if (kind === "cut") this.grid.empty();
  }

  onEditorKey(event) {
    if (event.isComposing) return;
    const { index, column } = this.grid.active;
    if (event.key === "Escape") this.grid.finish({ isCancelled: true });
    else if (event.key === "Enter" && event.altKey) this.grid.editor.breakLine();
    else if (event.key === "Enter") this.finishAndGo(index + (event.shiftKey ? -1 : 1), column);
    else if (event.key === "Tab") this.finishAndGo(...this.neighbour(event.shiftKey));
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  finishAndGo(index, column) {
    this.grid.finish();
    this.grid.select(index, column);
  }

  // The cell beside, and from the end of a row the first of the next.
  neighbour(isBack) {
    const { index, column } = this.grid.active;
    if (isBack) return column > 0 ? [index, column - 1] : [Math.max(0, index - 1), index > 0 ? this.grid.lastColumn : 0];
    if (column < this.grid.lastColumn) return [index, column + 1];
    return index + 1 < this.grid.count ? [index + 1, 0] : [index, column];
  }

  onKey(event) {
    const isCommand = event.ctrlKey || event.metaKey;
    if (event.altKey && !isCommand) return;
    const isDone = this.move(event, isCommand) || (isCommand ? this.command(event) : this.act(event));
    if (isDone) event.preventDefault();
  }

  move(event, isCommand) {
    const { index, column } = this.grid.active;
    const page = Math.max(1, this.grid.rowsInSight - 1);
    const last = this.grid.count - 1;
    const goals = {
      ArrowUp: [isCommand ? 0 : index - 1, column],
      ArrowDown: [isCommand ? last : index + 1, column],
      ArrowLeft: [index, isCommand ? 0 : column - 1],
      ArrowRight: [index, isCommand ? this.grid.lastColumn : column + 1],
      PageUp: [index - page, column],
      PageDown: [index + page, column],
      Home: [isCommand ? 0 : index, 0],
      End: [isCommand ? last : index, this.grid.lastColumn],
    };
    const goal = goals[event.key];
    if (goal) this.grid.select(...goal, { extend: event.shiftKey });
    return Boolean(goal);
  }

  command(event) {
    const key = event.key.toLowerCase();
    if (key === "z" && !event.shiftKey) return this.grid.model.undo() || true;
    if (key === "y" || (key === "z" && event.shiftKey)) return this.grid.model.redo() || true;
    if (key !== "a") return false;
    this.grid.selectArea({ index: 0, column: 0 }, { index: Math.max(0, this.grid.count - 1), column: this.grid.lastColumn });
    return true;
  }

  act(event) {
    const { index, column } = this.grid.active;
    const { key } = event;
    if (key === "Tab") return this.tab(event.shiftKey);
    if (key === "Enter" || key === "F2") return this.grid.edit() ?? true;
    if (key === "Delete" || key === "Backspace") return this.grid.empty() ?? true;
    if (key === "Escape") return this.grid.select(index, column) ?? true;
    if (key === " " && event.shiftKey) {
      this.grid.selectArea({ index, column: 0 }, { index, column: this.grid.lastColumn });
      return true;
    }
    if (key === " " && this.grid.model.columns[column]?.kind === "bool") return this.flip() ?? true;
    const isWriting = [...key].length === 1 || key === "Process" || key === "Dead";
    if (!isWriting) return false;
    this.grid.edit({ key, isTyping: true });
    // The key itself goes into the field that has the focus now; a list has chosen by it already.
    return !this.grid.editor || this.grid.editor.isChoice;
  }

  // Along the row, and from its end out of the table: nobody is caught in it.
  tab(isBack) {
    const { index, column } = this.grid.active;
    const goal = column + (isBack ? -1 : 1);
    if (goal < 0 || goal > this.grid.lastColumn) return false;
    this.grid.select(index, goal);
    return true;
  }

  flip() {
    const { index, column } = this.grid.active;
    if (this.grid.count) this.grid.model.type(this.grid.rowAt(index), column, this.grid.model.text(this.grid.rowAt(index), column) === "true" ? "false" : "true");
  }

  placeOf(target) {
    const cell = target.closest?.(".table-cell");
    const row = target.closest?.(".table-row");
    return cell && row?.dataset.index !== undefined ? { index: Number(row.dataset.index), column: Number(cell.dataset.column) } : null;
  }

  onPointerDown(event) {
    if (event.button !== 0 || this.grid.editor?.field.contains(event.target)) return;
    const place = this.placeOf(event.target);
    if (event.pointerType === "touch") return;
    this.isDragging = Boolean(place);
    if (!place) return;
    event.preventDefault();
    this.grid.finish();
    this.grid.select(place.index, place.column, { extend: event.shiftKey });
  }

  onPointerMove(event) {
    if (!this.isDragging || !(event.buttons & 1)) return void (this.isDragging = false);
    const place = this.placeOf(document.elementFromPoint(event.clientX, event.clientY) ?? this.grid.element);
    const isElsewhere = place && (place.index !== this.grid.active.index || place.column !== this.grid.active.column);
    if (isElsewhere) this.grid.select(place.index, place.column, { extend: true });
  }

  onClick(event) {
    const { target } = event;
    if (target.classList.contains("table-title")) return this.selectColumn(Number(target.dataset.column));
    if (target.classList.contains("table-number")) return this.selectRow(target.parentElement, event.shiftKey);
    const place = this.placeOf(target);
    if (event.pointerType !== "touch" || !place || this.grid.editor?.field.contains(target)) return;
    const isAgain = place.index === this.grid.active.index && place.column === this.grid.active.column && document.activeElement === target;
    this.grid.finish();
    this.grid.select(place.index, place.column);
    if (isAgain) this.grid.edit();
  }

  selectColumn(column) {
    this.grid.finish();
    this.grid.selectArea({ index: 0, column }, { index: Math.max(0, this.grid.count - 1), column });
  }

  selectRow(element, isExtended) {
    if (element.dataset.index === undefined) return;
    this.grid.finish();
    const index = Number(element.dataset.index);
    const from = isExtended ? this.grid.anchor.index : index;
    this.grid.selectArea({ index, column: 0 }, { index: from, column: this.grid.lastColumn });
  }

  // Clipboard

  copied() {
    const { top, bottom, left, right } = this.grid.selection;
    const rows = [];
    for (let index = top; index <= bottom && index < this.grid.count; index += 1) {
      const cells = [];
      for (let column = left; column <= right; column += 1) cells.push(this.grid.model.text(this.grid.rowAt(index), column));
      rows.push(cells);
    }
    return toText(rows);
  }

  paste(text) {
    const pasted = fromText(text);
    const { top, bottom, left, right } = this.grid.selection;
    const isFilling = pasted.length === 1 && pasted[0].length === 1;
    const height = isFilling ? bottom - top + 1 : pasted.length;
    const width = isFilling ? right - left + 1 : Math.max(...pasted.map((cells) => cells.length));
    const left_out = { rows: 0, columns: Math.max(0, left + width - 1 - this.grid.lastColumn) };
    this.grid.model.together(() => {
      for (let number = 0; number < height; number += 1) {
        const row = this.rowForPaste(top + number);
        if (row === undefined) {
          left_out.rows = height - number;
          break;
        }
        for (let column = left; column < Math.min(left + width, this.grid.lastColumn + 1); column += 1) {
          const content = isFilling ? pasted[0][0] : pasted[number][column - left];
          if (content !== undefined) this.grid.model.type(row, column, content);
        }
      }
    });
    const end = { index: clamp(top + height - 1, this.grid.count - 1), column: clamp(left + width - 1, this.grid.lastColumn) };
    this.grid.selectArea({ index: top, column: left }, end);
    this.tellPasted(left_out, left, end.column);
  }

  rowForPaste(index) {
    if (index < this.grid.count) return this.grid.rowAt(index);
    if (this.grid.shown || this.grid.model.whyNoRows || this.grid.model.rowCount >= MAX_ROWS) return undefined;
    return this.grid.model.addRow();
  }

  tellPasted(left_out, left, right) {
    const fixed = this.grid.model.columns.slice(left, right + 1).filter((column) => !isEditable(column)).map((column) => `“${column.name}”`);
    const told = [];
    if (left_out.columns) told.push(`${left_out.columns} more columns than there are`);
    if (left_out.rows) told.push(`${left_out.rows} more rows than can be added`);
    if (fixed.length) told.push(`cells of ${fixed.join(", ")}, which cannot be edited`);
    if (told.length) this.grid.tell(`Not pasted: ${told.join("; ")}.`);
  }
}
