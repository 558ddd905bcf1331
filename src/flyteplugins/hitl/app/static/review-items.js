// The items of a review, fetched some at a time and a little ahead, and forgotten again where there are many.
"use strict";

const ITEMS_AT_ONCE = 50;
const MOST_FETCHES_KEPT = 24;

class ReviewItems {
  constructor(count, addressOf, changed) {
    this.count = count;
    this.addressOf = addressOf;
    this.changed = changed;
    this.known = new Map();
    this.starts = [];
    this.fetching = null;
  }

  has(number) {
    return this.known.has(number);
  }

  get(number) {
    return this.known.get(number);
  }

  set(number, item) {
    this.known.set(number, item);
  }

  delete(number) {
    this.known.delete(number);
  }

  keys() {
    return this.known.keys();
  }

  async ensure(number) {
    if (this.fetching) await this.fetching;
    if (!this.has(number)) await this.fetch(Math.floor(number / ITEMS_AT_ONCE) * ITEMS_AT_ONCE);
  }

  fetchAhead(number) {
    const ahead = Math.min(number + ITEMS_AT_ONCE / 2, this.count - 1);
    if (this.has(ahead) || this.fetching) return;
    const start = Math.floor(ahead / ITEMS_AT_ONCE) * ITEMS_AT_ONCE;
    this.fetching = this.fetch(start).catch(() => {}).finally(() => { this.fetching = null; });
  }

  async fetch(start) {
    const reply = await fetch(this.addressOf({ start, count: ITEMS_AT_ONCE }), { cache: "no-store" });
    if (!reply.ok) throw new Error(String(reply.status));
    for (const item of (await reply.json()).items) this.known.set(item.number, item);
    this.starts = [...this.starts.filter((each) => each !== start), start];
    while (this.starts.length > MOST_FETCHES_KEPT) {
      const oldest = this.starts.shift();
      for (let each = oldest; each < oldest + ITEMS_AT_ONCE; each += 1) this.known.delete(each);
    }
    this.changed();
  }
}
