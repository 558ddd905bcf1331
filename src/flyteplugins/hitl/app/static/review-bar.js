// What a review says around its items: how many are decided, whether all is kept, and what it asks before it acts.
"use strict";

function showCount(decided, count, mayBePartial) {
  document.querySelector(".review-progress").value = decided;
  document.getElementById("review-decided").textContent = decided.toLocaleString("en");
  document.getElementById("review-send-count").textContent = `${decided.toLocaleString("en")} of ${count.toLocaleString("en")}`;
  const left = count - decided;
  const isShort = left > 0 && !mayBePartial;
  document.getElementById("review-send").disabled = isShort;
  const reason = document.getElementById("review-cannot");
  reason.hidden = !isShort;
  reason.textContent = isShort ? `${left.toLocaleString("en")} of ${count.toLocaleString("en")} ${left === 1 ? "item is" : "items are"} undecided, and the workflow asks for all.` : "";
}

function showSaved(pending, isAway) {
  const saved = document.getElementById("review-saved");
  saved.dataset.state = isAway ? "away" : pending ? "sending" : "kept";
  if (isAway) saved.textContent = `Offline: ${pending.toLocaleString("en")} on this device`;
  else saved.textContent = pending ? "Keeping…" : "All kept";
}

// For who cannot see the item change.
function say(text) {
  document.getElementById("review-said").textContent = text;
}

function askFirst(question, yes) {
  const dialog = document.getElementById("review-dialog");
  if (dialog.open) return Promise.resolve(false);
  document.getElementById("review-question").textContent = question;
  document.getElementById("review-yes").textContent = yes;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

function showKeys() {
  const dialog = document.getElementById("review-keys");
  if (!dialog.open) dialog.showModal();
}
