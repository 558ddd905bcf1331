// Going through a review without a new page for each item. Everything works without this script too.
"use strict";

const LOOK_EVERY_MS = 4000;

class Review {
  constructor(root) {
    const data = root.dataset;
    this.count = Number(data.count);
    this.number = Number(data.item) - 1;
    this.wanted = this.number;
    this.seen = 0;
    this.isChoice = data.kind === "choice";
    this.mayBePartial = data.partial === "yes";
    this.address = (what, parameters = {}) => {
      const url = new URL(`${data.base}review/${data.request}/${what}`, location.href);
      url.search = new URLSearchParams({ token: data.token, ...parameters });
      return url;
    };
    this.decided = new Map();
    this.items = new ReviewItems(this.count, (parameters) => this.address("items", parameters), () => this.list.drawSoon());
    this.undone = [];
    this.body = document.getElementById("review-body");
    this.place = document.getElementById("review-form");
    this.forms = this.isChoice ? null : new ReviewForms(this.place, this.number);
    this.queue = new ReviewQueue(data.request, data.token, new URL(`${data.base}review/progress`, location.href), {
      kept: (told, changes) => this.kept(told, changes),
      refused: (problem, changes) => this.refused(problem, changes),
      closed: () => tell("This review was closed. What you decided since is not part of it.", "See how"),
      state: showSaved,
    });
    this.list = new ReviewList(
      document.getElementById("review-scroll"),
      document.getElementById("review-canvas"),
      (number) => this.row(number),
      (number) => this.show(number),
    );
    this.start();
  }

  async start() {
    for (const id of ["review-tools", "review-side"]) document.getElementById(id).hidden = false;
    document.body.classList.add("review-live");
    this.listen();
    this.relist();
    await this.look();
    this.queue.flush();
    await this.show(this.number, { isQuiet: true });
    this.queue.tell();
    setInterval(() => { if (!document.hidden) this.look(); }, LOOK_EVERY_MS);
  }

  listen() {
    this.place.addEventListener("submit", (event) => {
      event.preventDefault();
      this.decide(event.target, event.submitter);
    });
    for (const kind of ["input", "change"]) this.place.addEventListener(kind, () => this.list.drawSoon());
    document.getElementById("review-previous")?.remove();
    document.getElementById("review-next")?.remove();
    const nav = document.querySelector(".review-nav");
    this.previous = this.button("Previous", () => this.step(-1));
    this.next = this.button("Next", () => this.step(1));
    nav.prepend(this.previous, this.next);
    document.getElementById("review-all").hidden = true;
    document.getElementById("review-undo").addEventListener("click", () => this.undo());
    document.getElementById("review-apply").addEventListener("click", () => this.applyToRest());
    document.getElementById("review-help").addEventListener("click", showKeys);
    document.getElementById("review-only").addEventListener("change", () => this.relist());
    document.getElementById("review-jump").addEventListener("submit", (event) => {
      event.preventDefault();
      this.jump(document.getElementById("review-jump-to"));
    });
    document.getElementById("review-submit").addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    document.getElementById("notice")?.addEventListener("click", (event) => {
      const link = event.target.closest("a[data-item]");
      if (!link) return;
      event.preventDefault();
      this.show(Number(link.dataset.item) - 1);
    });
    document.addEventListener("keydown", (event) => pressKey(this, event));
  }

  button(words, action) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button-small";
    button.textContent = words;
    button.addEventListener("click", action);
    return button;
  }

  // How far the review has come, others' decisions included. Nothing is fetched twice.
  async look() {
    let told;
    try {
      const reply = await fetch(this.address("progress", { known: this.seen }), { cache: "no-store" });
      if (!reply.ok) throw new Error(String(reply.status));
      told = await reply.json();
    } catch {
      this.isAway = true;
      tell("The app cannot be reached. Go on: what you decide stays on this device until it is kept.");
      return;
    }
    if (this.isAway) {
      silence();
      this.queue.flush();
    }
    this.isAway = false;
    if (told.status !== "pending") {
      tell("This review was closed while you were here.", "See how");
      return;
    }
    if (told.decided !== null) this.take(told);
  }

  take(told) {
    const before = this.decided;
    this.seen = told.seen;
    this.decided = new Map(Object.entries(told.decided).map(([number, text]) => [Number(number), text]));
    for (const [number, entries] of this.queue.pending) this.note(number, entries);
    if (!this.isChoice) this.forgetChanged(before);
    this.relist();
    this.draw();
  }

  // Forms that were fetched hold what was decided then.
  forgetChanged(before) {
    for (const number of this.items.keys()) {
      if (before.get(number) !== this.decided.get(number)) this.items.delete(number);
    }
  }

  note(number, entries) {
    if (entries === null) this.decided.delete(number);
    else this.decided.set(number, this.isChoice ? entries[0][1] : shortly(entries));
  }

  async show(number, { isQuiet = false, prefix = "" } = {}) {
    if (number < 0 || number >= this.count) return;
    this.wanted = number;
    if (!this.items.has(number)) {
      try {
        await this.items.ensure(number);
      } catch {
        if (this.wanted === number) this.wanted = this.number;
        tell("The item could not be fetched. Try again in a moment.");
        return;
      }
      if (this.wanted !== number) return;
    }
    this.number = number;
    this.draw(true);
    this.list.show(number);
    this.items.fetchAhead(number);
    clearTimeout(this.addressTimer);
    this.addressTimer = setTimeout(() => this.keepInAddress(), 300);
    if (!isQuiet) say(`${prefix}Item ${number + 1} of ${this.count}: ${this.items.get(number).title}`);
  }

  keepInAddress() {
    const url = new URL(location.href);
    url.searchParams.set("item", this.number + 1);
    history.replaceState(null, "", url);
  }

  draw(isNew = false) {
    const item = this.items.get(this.number);
    if (item && isNew) {
      const heading = document.getElementById("review-heading");
      heading.firstChild.textContent = `Item ${(this.number + 1).toLocaleString("en")} `;
      // Made safe by the app.
      this.body.innerHTML = item.html;
      this.fill(item);
    }
    if (this.isChoice) this.mark(item);
    this.previous.disabled = this.number === 0;
    this.next.disabled = this.number === this.count - 1;
    document.getElementById("review-apply").disabled = !this.decided.has(this.number);
    document.getElementById("review-undo").disabled = !this.undone.length;
    showCount(this.decided.size, this.count, this.mayBePartial);
    this.list.drawSoon();
  }

  // A few choices are the same for every item; other forms come with the item.
  fill(item) {
    if (this.forms) return this.forms.show(this.number, item.form);
    const form = this.place.querySelector("form");
    form.elements.item.value = this.number + 1;
    form.setAttribute("aria-label", `Decision on item ${this.number + 1}`);
    form.querySelector(".notice")?.remove();
  }

  mark(item) {
    const form = this.place.querySelector("form");
    const key = this.decided.get(this.number);
    let label = null;
    for (const button of form.querySelectorAll(".review-choices button")) {
      if (button.value === key) label = button.querySelector(".review-label").textContent;
      if (button.value === key) button.setAttribute("aria-pressed", "true");
      else button.removeAttribute("aria-pressed");
    }
    const state = form.querySelector(".review-state");
    const said = document.createElement("span");
    said.className = label === null ? "review-open" : "review-kept";
    said.textContent = label === null ? "Undecided" : `Decided: ${label}`;
    state.replaceChildren(said);
    if (item && item.suggested !== null) {
      const suggested = document.createElement("span");
      suggested.className = "review-suggested";
      suggested.textContent = `Suggested: ${item.suggested}`;
      state.append(suggested);
    }
    const withdraw = form.querySelector(".review-withdraw");
    if (label === null) withdraw?.remove();
    else if (!withdraw) form.append(withdrawal());
  }

  // Nobody decides on an item that is not shown yet.
  get isMoving() {
    return this.wanted !== this.number;
  }

  async decide(form, submitter) {
    if (this.isMoving) return undefined;
    const number = this.number;
    if (submitter && submitter.name === "withdraw") {
      this.remember([[number, this.forms ? this.forms.held : this.entriesBefore(number)]]);
      await this.change([[number, null]]);
      return this.show(number, { prefix: "Taken back. " });
    }
    if (this.isChoice) return this.choose(submitter.value);
    const entries = entriesOf(form);
    this.remember([[number, this.decided.has(number) ? this.forms.held : null]]);
    this.forms.sent(entries);
    this.problem = null;
    this.queue.put(number, entries);
    this.note(number, entries);
    this.queue.schedule();
    await this.queue.flush();
    if (this.problem && this.problem.number === number) {
      this.undone.pop();
      return showProblem(form, this.problem);
    }
    return this.goOn(number, "Kept. ");
  }

  choose(key) {
    if (this.isMoving) return undefined;
    const number = this.number;
    const label = this.labelOf(key);
    this.remember([[number, this.entriesBefore(number)]]);
    this.put([[number, [["value", key]]]]);
    return this.goOn(number, `${label}. `);
  }

  labelOf(key) {
    const button = Array.from(this.place.querySelectorAll(".review-choices button")).find((each) => each.value === key);
    return button ? button.querySelector(".review-label").textContent : key;
  }

  entriesBefore(number) {
    return this.decided.has(number) ? [["value", this.decided.get(number)]] : null;
  }

  put(changes) {
    for (const [number, entries] of changes) {
      this.queue.put(number, entries);
      this.note(number, entries);
    }
    this.queue.schedule();
    this.relistIfFiltered();
    this.draw();
  }

  async change(changes) {
    this.put(changes);
    if (this.forms) {
      for (const [number] of changes) {
        this.forms.forget(number);
        this.items.delete(number);
      }
      await this.queue.flush();
    }
  }

  goOn(number, prefix) {
    const next = this.nextUndecided(number);
    if (next !== null) return this.show(next, { prefix });
    this.draw();
    say(`${prefix}All ${this.count} items are decided. Press Enter to submit.`);
    document.getElementById("review-send").focus();
    return undefined;
  }

  nextUndecided(number) {
    for (let step = 1; step < this.count; step += 1) {
      const each = (number + step) % this.count;
      if (!this.decided.has(each)) return each;
    }
    return this.decided.has(number) ? null : number;
  }

  step(by) {
    let number = this.number + by;
    if (document.getElementById("review-only").checked) {
      while (number >= 0 && number < this.count && this.decided.has(number)) number += by;
    }
    return this.show(number);
  }

  remember(before) {
    this.undone.push({ number: this.number, before });
    if (this.undone.length > 500) this.undone.shift();
  }

  async undo() {
    const last = this.undone.pop();
    if (!last) return;
    await this.change(last.before);
    const what = last.before.length === 1 ? "Undone. " : `Undone at ${last.before.length} items. `;
    await this.show(last.number, { prefix: what });
  }

  async applyToRest() {
    if (this.isMoving) return undefined;
    const number = this.number;
    if (!this.decided.has(number)) return say("Decide on this item first.");
    let alike;
    try {
      const reply = await fetch(this.address("like", { item: number }), { cache: "no-store" });
      alike = (await reply.json()).items;
    } catch {
      return tell("The app cannot be reached, so it is not known which items are like this one.");
    }
    const rest = alike.filter((each) => each !== number && !this.decided.has(each));
    if (!rest.length) return say("No other undecided item is like this one.");
    const entries = this.isChoice ? [["value", this.decided.get(number)]] : this.forms.held;
    const words = this.isChoice ? `“${this.labelOf(this.decided.get(number))}”` : "this decision";
    const more = rest.length === 1 ? "1 more item" : `${rest.length.toLocaleString("en")} more items`;
    if (!(await askFirst(`Apply ${words} to ${more} like this one?`, "Apply"))) return undefined;
    this.remember(rest.map((each) => [each, null]));
    this.put(rest.map((each) => [each, entries]));
    for (const each of rest) if (!this.isChoice) this.items.delete(each);
    return this.goOn(number, `Applied to ${more}. `);
  }

  async kept(told, changes) {
    if (this.forms) {
      for (const [number] of changes) {
        this.forms.kept(number);
        this.items.delete(number);
      }
    }
    if (told.seen === this.seen + 1) this.seen = told.seen;
    else await this.look();
  }

  refused(problem, changes) {
    for (const [number] of changes) {
      this.decided.delete(number);
      this.forms?.refused(number);
      this.problem = { number, errors: problem.errors || [], detail: problem.detail };
    }
    this.relistIfFiltered();
    this.draw();
    if (changes.length !== 1 || changes[0][0] !== this.number) {
      tell(`A decision was not kept: ${problem.detail || "it does not fit"}`);
    }
  }

  async submit() {
    await this.queue.flush();
    if (!this.queue.isEmpty) return tell("Some decisions are not kept yet, because the app cannot be reached. Nothing is lost; submit when it is back.");
    await this.look();
    const left = this.count - this.decided.size;
    if (left && !this.mayBePartial) {
      const next = this.nextUndecided(this.number);
      tell(`${left.toLocaleString("en")} of ${this.count.toLocaleString("en")} items are undecided. Decide on the rest first.`);
      return next === null ? undefined : this.show(next);
    }
    const what = left ? `${this.decided.size.toLocaleString("en")} decisions, with ${left.toLocaleString("en")} items undecided` : `all ${this.count.toLocaleString("en")} decisions`;
    if (!(await askFirst(`Submit ${what}? The workflow goes on with them.${this.leftOut()}`, "Submit"))) return undefined;
    const form = document.getElementById("review-submit");
    form.elements.seen.value = this.seen;
    form.setAttribute("aria-busy", "true");
    return form.submit();
  }

  leftOut() {
    const typed = this.forms ? this.forms.typed() : [];
    if (!typed.length) return "";
    const where = typed.length > 5 ? `${typed.length} items` : `item ${typed.map((number) => number + 1).join(", ")}`;
    return ` What is typed at ${where} is not kept, and is left out.`;
  }

  jump(input) {
    const number = Number(input.value.replaceAll(",", ""));
    input.value = "";
    input.blur();
    if (Number.isInteger(number) && number >= 1 && number <= this.count) this.show(number - 1);
    else say(`There is no such item: they are numbered from 1 to ${this.count}.`);
  }

  row(number) {
    const title = this.items.get(number)?.title ?? "";
    const text = this.decided.get(number);
    if (this.forms?.isTyped(number)) return { title, mark: "typed, not kept", isDecided: false };
    if (text === undefined) return { title, mark: "undecided", isDecided: false };
    return { title, mark: this.isChoice ? this.labelOf(text) : text || "(empty text)", isDecided: true };
  }

  relist() {
    const isOnly = document.getElementById("review-only").checked;
    const numbers = [];
    for (let number = 0; number < this.count; number += 1) if (!isOnly || !this.decided.has(number)) numbers.push(number);
    this.list.list(numbers);
  }

  relistIfFiltered() {
    if (document.getElementById("review-only").checked) this.relist();
  }

}

function withdrawal() {
  const button = document.createElement("button");
  button.className = "review-withdraw";
  button.name = "withdraw";
  button.value = "yes";
  button.formNoValidate = true;
  button.textContent = "Take the decision back";
  return button;
}

function shortly(entries) {
  const text = entries.map(([, each]) => each.trim()).filter(Boolean).join(" · ");
  return text.length > 90 ? `${text.slice(0, 90)}…` : text;
}

const reviewRoot = document.getElementById("review");
if (reviewRoot && document.getElementById("review-body")) new Review(reviewRoot);
