// The list of all items beside the one that is shown. Only the rows in sight are in the page, however many there are.
"use strict";

const ROW_HEIGHT = 40;
const MORE_ROWS = 6;

class ReviewList {
  // `rowOf` tells what a row shows; `choose` is called with the number of the item that was pressed.
  constructor(scroll, canvas, rowOf, choose) {
    this.scroll = scroll;
    this.canvas = canvas;
    this.rowOf = rowOf;
    this.numbers = [];
    this.current = 0;
    this.rows = [];
    this.isWaiting = false;
    scroll.addEventListener("scroll", () => this.drawSoon(), { passive: true });
    canvas.addEventListener("click", (event) => {
      const row = event.target.closest("[data-number]");
      if (row) choose(Number(row.dataset.number));
    });
    new ResizeObserver(() => this.drawSoon()).observe(scroll);
  }

  // Which items are listed, in order.
  list(numbers) {
    this.numbers = numbers;
    this.canvas.style.height = `${numbers.length * ROW_HEIGHT}px`;
    this.drawSoon();
  }

  show(number) {
    this.current = number;
    const place = this.placeOf(number);
    const top = place * ROW_HEIGHT;
    const { scrollTop, clientHeight } = this.scroll;
    if (place >= 0 && (top < scrollTop || top + ROW_HEIGHT > scrollTop + clientHeight)) {
      this.scroll.scrollTop = Math.max(0, top - clientHeight / 2);
    }
    this.drawSoon();
  }

  // The numbers rise, so half of them can be left out at each step.
  placeOf(number) {
    let low = 0;
    let high = this.numbers.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      if (this.numbers[middle] === number) return middle;
      if (this.numbers[middle] < number) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  drawSoon() {
    if (this.isWaiting) return;
    this.isWaiting = true;
    requestAnimationFrame(() => {
      this.isWaiting = false;
      this.draw();
    });
  }

  draw() {
    const first = Math.max(0, Math.floor(this.scroll.scrollTop / ROW_HEIGHT) - MORE_ROWS);
    const fitting = Math.ceil(this.scroll.clientHeight / ROW_HEIGHT) + 2 * MORE_ROWS;
    const shown = this.numbers.slice(first, first + fitting);
    while (this.rows.length < shown.length) this.rows.push(this.canvas.appendChild(this.made()));
    while (this.rows.length > shown.length) this.rows.pop().remove();
    shown.forEach((number, place) => this.fill(this.rows[place], number, first + place));
  }

  made() {
    const row = document.createElement("button");
    row.type = "button";
    row.className = "review-entry";
    // The arrow keys and J and K lead through the items; ten thousand stops of the tab key help nobody.
    row.tabIndex = -1;
    for (const part of ["number", "title", "mark"]) {
      const span = document.createElement("span");
      span.className = `review-${part}`;
      row.append(span);
    }
    return row;
  }

  fill(row, number, place) {
    const { title, mark, isDecided } = this.rowOf(number);
    const [first, second, third] = row.children;
    row.dataset.number = number;
    row.style.transform = `translateY(${place * ROW_HEIGHT}px)`;
    first.textContent = (number + 1).toLocaleString("en");
    second.textContent = title;
    third.textContent = mark;
    third.classList.toggle("review-none", !isDecided);
    if (number === this.current) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
}
