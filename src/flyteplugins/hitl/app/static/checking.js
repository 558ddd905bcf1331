// Shows the result of a check as soon as it is there. Without this script the page loads itself anew instead.
"use strict";

{
  const SOON_MS = 400;
  const LATER_MS = 1500;
  const SOON_LOOKS = 15;

  const check = document.querySelector("[data-known]");
  const live = document.getElementById("live");
  const address = new URL(check.dataset.status, location.href);
  // The token, and the number of the answer.
  address.search = location.search;
  let looks = 0;

  const look = async () => {
    try {
      const response = await fetch(address, { cache: "no-store" });
      if (!response.ok) throw new Error(String(response.status));
      const { status, check: found } = await response.json();
      if (`${status} ${found.candidate} ${found.state}` !== check.dataset.known) {
        location.reload();
        return;
      }
      live.hidden = true;
    } catch {
      live.hidden = false;
      live.textContent =
        "The app cannot be reached for now; the script may have ended. Your answer is kept: the workflow has it, or " +
        "checks it when it is back.";
    }
    looks += 1;
    clearTimeout(timer);
    timer = setTimeout(look, looks < SOON_LOOKS ? SOON_MS : LATER_MS);
  };

  let timer = setTimeout(look, SOON_MS);
  // Browsers let the timers of a page that nobody sees run late.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    clearTimeout(timer);
    look();
  });
}
