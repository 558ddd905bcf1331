"""A review of as many items as one may have: figures are recorded, and what must not grow with the items is held."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.support.browser import watched_page
from tests.support.house import House, run
from tests.support.reader import accepted, show
from tests.support.reviews import review_asked

pytestmark = pytest.mark.slow

COUNT = 10_000
BY_KEY = 1_000
ARTIFACTS = Path(__file__).resolve().parents[2] / ".artifacts"

# Presses a key as soon as the item before is gone, as nobody can, and tells how long each took to be shown.
_DECIDE = """
async (count) => {
  const heading = document.getElementById("review-heading");
  const waits = [];
  for (let each = 0; each < count; each += 1) {
    const before = heading.textContent;
    const start = performance.now();
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key: each % 3 ? "1" : "2", bubbles: true }));
    while (heading.textContent === before) {
      await new Promise((resolve) => {
        const channel = new MessageChannel();
        channel.port1.onmessage = resolve;
        channel.port2.postMessage(0);
      });
    }
    waits.push(performance.now() - start);
  }
  waits.sort((one, other) => one - other);
  return { median: waits[count >> 1], p99: waits[Math.floor(count * 0.99)], most: waits[count - 1] };
}
"""


def test_ten_thousand_items_are_reviewed_in_one_request(browser: Browser, house: House) -> None:
    started = time.monotonic()
    items = [f"Caption {number}: **a cat** asleep on the piano of house {number % 97}." for number in range(COUNT)]
    request = run(review_asked(house.service, items, groups=["all"] * COUNT))
    figures: dict[str, object] = {"items": COUNT, "asked_s": round(time.monotonic() - started, 2)}
    with watched_page(browser, house.endpoint, viewport={"width": 1280, "height": 900}) as watched:
        page = watched.page
        started = time.monotonic()
        show(house, page, request)
        expect(page.locator(".review-saved")).to_have_text("All kept")
        figures["ready_s"] = round(time.monotonic() - started, 2)
        figures["first_paint_ms"] = round(page.evaluate("performance.getEntriesByName('first-paint')[0].startTime"))
        figures["decision_ms"] = page.evaluate(_DECIDE, BY_KEY)
        expect(page.locator("#review-decided")).to_have_text(f"{BY_KEY:,}")
        expect(page.locator(".review-saved")).to_have_text("All kept", timeout=30_000)
        page.locator("#review-scroll").evaluate("each => { each.scrollTop = each.scrollHeight }")
        expect(page.locator(".review-entry").last).to_contain_text(f"{COUNT:,}")
        page.get_by_role("button", name="Previous").click()
        started = time.monotonic()
        page.keyboard.press("a")
        page.get_by_role("dialog").get_by_role("button", name="Apply").click()
        expect(page.locator("#review-decided")).to_have_text(f"{COUNT:,}", timeout=30_000)
        expect(page.locator(".review-saved")).to_have_text("All kept", timeout=60_000)
        figures["applied_to_the_rest_s"] = round(time.monotonic() - started, 2)
        figures["elements"] = page.evaluate("document.querySelectorAll('*').length")
        figures["heap_mb"] = round(page.evaluate("performance.memory.usedJSHeapSize") / 1e6, 1)
        figures["calls"] = len(watched.requests)
        started = time.monotonic()
        page.reload()
        expect(page.locator("#review-decided")).to_have_text(f"{COUNT:,}")
        figures["opened_again_s"] = round(time.monotonic() - started, 2)
        expect(page.locator(".review-saved")).to_have_text("All kept")
        started = time.monotonic()
        page.get_by_role("button", name="Submit").click()
        page.get_by_role("dialog").get_by_role("button", name="Submit").click()
        expect(accepted(page)).to_be_visible(timeout=60_000)
        figures["submitted_s"] = round(time.monotonic() - started, 2)
        items_calls = watched.sent("GET", f"/review/{request.request_id}/items")
        batches = watched.sent("POST", "/review/progress")
    ARTIFACTS.mkdir(exist_ok=True)
    (ARTIFACTS / "review-of-ten-thousand.json").write_text(json.dumps(figures, indent=2))
    print(json.dumps(figures, indent=2))

    value = house.value(request)
    assert value[:BY_KEY] == [bool(number % 3) for number in range(BY_KEY)]
    assert len(value) == COUNT
    assert set(value[BY_KEY:]) == {value[BY_KEY - 1]}
    assert isinstance(figures["elements"], int)
    assert figures["elements"] < 500, "the page holds more than what is in sight"
    assert items_calls <= BY_KEY / 50 + 10, "items are fetched more than once"
    assert batches < 120, "decisions are not sent together"
