// Sends decisions to the app as they are made. What is not kept there yet stays on this device until it is.
"use strict";

const SEND_AFTER_MS = 600;
const LONGEST_PAUSE_MS = 15000;

class ReviewQueue {
  // `on` is told what became of the decisions: kept, refused, closed, and how things stand.
  constructor(request, token, address, on) {
    this.request = request;
    this.token = token;
    this.address = address;
    this.on = on;
    this.waiting = new Map();
    this.sending = null;
    this.left = [];
    this.failures = 0;
    this.isClosed = false;
    this.timer = null;
    this.call = null;
    this.prefix = `hitl-review:${request}:`;
    this.name = this.prefix + ReviewQueue.key();
    this.takeOver();
    addEventListener("online", () => this.flush());
    addEventListener("pagehide", () => this.sendOnTheWayOut());
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.sendOnTheWayOut(); });
  }

  static key() {
    return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  // Entries as a form sends them, or null to be undecided again.
  put(number, entries) {
    this.waiting.set(number, entries);
  }

  schedule() {
    this.store();
    this.tell();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), SEND_AFTER_MS);
  }

  get pending() {
    const pending = new Map();
    for (const batch of [...this.left, ...(this.sending ? [this.sending] : [])]) {
      for (const [number, entries] of batch.changes) pending.set(number, entries);
    }
    for (const [number, entries] of this.waiting) pending.set(number, entries);
    return pending;
  }

  get isEmpty() {
    return !this.sending && !this.left.length && !this.waiting.size;
  }

  // One call at a time, in order; resolves once there is nothing more to send, or the app is out of reach.
  flush() {
    clearTimeout(this.timer);
    if (!this.call) this.call = this.sendAll().finally(() => { this.call = null; });
    return this.call;
  }

  async sendAll() {
    while (!this.isEmpty && !this.isClosed) {
      this.sending = this.sending || this.left.shift() || this.taken();
      this.store();
      this.tell();
      let reply;
      try {
        reply = await fetch(this.address, this.message(this.sending));
      } catch {
        return this.tryAgainLater();
      }
      if (reply.status === 429 || reply.status >= 500) return this.tryAgainLater();
      this.failures = 0;
      const batch = this.sending;
      this.sending = null;
      const told = await reply.json().catch(() => ({}));
      if (reply.ok) await this.on.kept(told, batch.changes);
      else if (reply.status === 409 || reply.status === 410) this.close();
      else this.on.refused(told, batch.changes);
      this.forget(batch);
      this.store();
      this.tell();
    }
    return undefined;
  }

  taken() {
    const batch = { key: ReviewQueue.key(), changes: [...this.waiting] };
    this.waiting.clear();
    return batch;
  }

  message(batch, keepalive = false) {
    const same = new Map();
    const withdrawn = [];
    for (const [number, entries] of batch.changes) {
      if (entries === null) {
        withdrawn.push(number);
        continue;
      }
      const spelled = JSON.stringify(entries);
      if (!same.has(spelled)) same.set(spelled, { items: [], entries });
      same.get(spelled).items.push(number);
    }
    const body = { request_id: this.request, token: this.token, key: batch.key, decisions: [...same.values()], withdrawn };
    return { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), keepalive };
  }

  tryAgainLater() {
    this.failures += 1;
    this.tell();
    this.timer = setTimeout(() => this.flush(), Math.min(1000 * 2 ** (this.failures - 1), LONGEST_PAUSE_MS));
  }

  close() {
    this.isClosed = true;
    this.waiting.clear();
    this.left = [];
    this.on.closed();
  }

  // The reply may never come: the same key makes sending it again harmless.
  sendOnTheWayOut() {
    if (this.isClosed || this.isEmpty) return;
    if (this.waiting.size) this.left.push(this.taken());
    this.store();
    for (const batch of this.left) fetch(this.address, this.message(batch, true)).catch(() => {});
    this.schedule();
  }

  store() {
    const batches = [...(this.sending ? [this.sending] : []), ...this.left];
    // What may still grow gets a key of its own each time: under one key there is only ever one content.
    if (this.waiting.size) batches.push({ key: ReviewQueue.key(), changes: [...this.waiting] });
    try {
      if (batches.length) localStorage.setItem(this.name, JSON.stringify(batches));
      else localStorage.removeItem(this.name);
    } catch {
      // A browser may keep nothing on the device: then the app alone has it.
    }
  }

  // What a tab left behind that was closed before the app had it.
  takeOver() {
    try {
      for (const name of Object.keys(localStorage).filter((each) => each.startsWith(this.prefix))) {
        for (const batch of JSON.parse(localStorage.getItem(name))) this.left.push({ ...batch, from: name });
      }
    } catch {
      this.left = [];
    }
  }

  forget(batch) {
    try {
      if (batch.from && !this.left.some((each) => each.from === batch.from)) localStorage.removeItem(batch.from);
    } catch {
      // As above.
    }
  }

  tell() {
    this.on.state(this.pending.size, this.failures > 0);
  }
}
