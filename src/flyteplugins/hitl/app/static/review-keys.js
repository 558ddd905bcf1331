// The keys of a review. What is typed into a field stays there.
"use strict";

function pressKey(review, event) {
  const target = event.target;
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "Escape" && target !== document.body) {
    target.blur();
    return;
  }
  const action = actionOfKey(review, event, target);
  if (!action) return;
  event.preventDefault();
  action();
}

function actionOfKey(review, event, target) {
  const isWithControl = event.ctrlKey || event.metaKey;
  if (event.key === "Enter" && isWithControl && !review.isChoice) return () => review.place.querySelector("form").requestSubmit();
  if (target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]")) return null;
  if (isWithControl && event.key.toLowerCase() === "z") return () => review.undo();
  if (isWithControl || event.altKey) return null;
  if (event.key === "Enter") return target.closest("button, a, summary, input") ? null : () => review.submit();
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  // A radio button has the arrow keys for itself.
  if (key.startsWith("Arrow") && target.closest("input")) return null;
  return choiceOfKey(review, key) || commandOfKey(review, key);
}

function choiceOfKey(review, key) {
  const choices = review.isChoice ? Array.from(review.place.querySelectorAll(".review-choices button")) : [];
  const yesOrNo = { y: "true", n: "false" }[key];
  const chosen = choices.find((each) => each.value === yesOrNo) || choices[/^[1-9]$/.test(key) ? Number(key) - 1 : -1];
  return chosen ? () => review.choose(chosen.value) : null;
}

function commandOfKey(review, key) {
  return {
    j: () => review.step(1), n: () => review.step(1), ArrowRight: () => review.step(1),
    k: () => review.step(-1), p: () => review.step(-1), ArrowLeft: () => review.step(-1),
    u: () => review.undo(), a: () => review.applyToRest(), "?": () => showKeys(),
    "/": () => document.getElementById("review-jump-to").focus(),
  }[key] || null;
}
