// Tables that are sorted by a click on a heading. Without this script they stand as the workflow gave them.
"use strict";

const words = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
const OPPOSITE = { ascending: "descending", descending: "ascending" };

function keyOf(cell, isNumber) {
  if (cell.querySelector(".shown-missing")) return null;
  const text = cell.textContent;
  const number = isNumber ? Number(text.replace(/inf$/, "Infinity")) : NaN;
  return Number.isNaN(number) ? (isNumber ? null : text) : number;
}

function compare(one, other) {
  return typeof one === "number" ? one - other || 0 : words.compare(one, other);
}

function sort(table, heading) {
  const direction = OPPOSITE[heading.getAttribute("aria-sort")] ?? "ascending";
  const isNumber = "number" in heading.dataset;
  const sign = direction === "ascending" ? 1 : -1;
  const rows = [...table.tBodies[0].rows].map((row) => [keyOf(row.cells[heading.cellIndex], isNumber), row]);
  // What is missing comes last, whichever way the others stand.
  rows.sort(([one], [other]) =>
    one === null || other === null ? (one === null) - (other === null) : sign * compare(one, other),
  );
  table.tBodies[0].replaceChildren(...rows.map(([, row]) => row));
  for (const each of table.tHead.rows[0].cells) each.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", direction);
}

for (const table of document.querySelectorAll("table[data-sortable]")) {
  for (const heading of table.tHead.rows[0].cells) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "shown-sort";
    button.append(...heading.childNodes);
    button.addEventListener("click", () => sort(table, heading));
    heading.append(button);
  }
}
