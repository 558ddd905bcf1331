"""A workflow that is killed in the middle of a review finds it again, with all that was decided (P2)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.scripts import SCRIPTS, Link, running_script

pytestmark = pytest.mark.slow

COUNT = 150


def keep(link: Link, numbers: range, label: str) -> None:
    body = {"request_id": link.request_id, "token": link.token, "decisions": [{"items": [*numbers], "value": label}]}
    reply = httpx.post(f"{link.endpoint}/review/progress", json=body, timeout=20)
    assert reply.status_code == 200, reply.text


def progress(link: Link) -> dict[str, Any]:
    url = f"{link.endpoint}/review/{link.request_id}/progress"
    found = httpx.get(url, params={"token": link.token}, timeout=20).json()
    assert isinstance(found, dict)
    return found


def test_a_workflow_that_is_killed_half_way_through_a_review_finds_all_of_it(tmp_path: Path) -> None:
    script = SCRIPTS / "reviewing.py"
    with running_script(script, "one-run", home=tmp_path) as running:
        first = running.link()
        keep(first, range(75), "good")
        running.kill()
    with running_script(script, "one-run", home=tmp_path) as running:
        again = running.link()
        assert again.url == first.url
        found = progress(again)
        assert found["decided"] == {str(number): "good" for number in range(75)}
        keep(again, range(75, COUNT), "bad")
        form = {"request_id": again.request_id, "token": again.token, "seen": str(found["seen"] + 1)}
        reply = httpx.post(f"{again.endpoint}/review/submit", data=form, timeout=20, follow_redirects=True)
        assert "Answer accepted" in reply.text
        running.succeeded()

        assert running.lines[-1].split() == ["labels:", *["good"] * 75, *["bad"] * 75]
