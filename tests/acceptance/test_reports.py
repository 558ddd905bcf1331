"""The report of a running task: each of its events has its place and says where it stands; no task shows another's."""

from __future__ import annotations

import re
import uuid
from pathlib import Path

import pytest

from tests.support.person import answer
from tests.support.scripts import SCRIPTS, Link, running_script
from tests.unit.parsed_html import ParsedHtml

pytestmark = pytest.mark.slow

SCRIPT = SCRIPTS / "several_events.py"


def sections(report: Path) -> dict[str, str]:
    """What a report says of each event, by its name; nothing while it is written."""
    found = re.findall(r"<section>.*?</section>", report.read_text(), re.DOTALL)
    return {re.findall(r"<h3>(.*?)</h3>", each)[0]: ParsedHtml(each).text for each in found}


def test_every_event_has_its_place_in_the_report_of_its_task(tmp_path: Path) -> None:
    run = f"hitl-test-{uuid.uuid4().hex[:12]}"

    def report_with(link: Link) -> Path | None:
        reports = Path("/tmp/flyte/metadata", run).glob("*/report.html")
        return next((each for each in reports if link.request_id in each.read_text()), None)

    with running_script(SCRIPT, run, home=tmp_path) as script:
        deploy, budget = script.link(1), script.link(2)
        report = script.until(lambda: report_with(budget), "report")
        answer(deploy, "true", comment="After lunch.")
        shown = script.until(
            lambda: found if "Ship it — by" in (found := sections(report)).get("deploy", "") else None, "first answer"
        )
        assert "After lunch." in shown["deploy"]
        assert "waiting" in shown["budget"]
        assert "No time limit." in shown["budget"]
        assert budget.request_id in shown["budget"]

        answer(budget, "1.5")
        last = script.link(5)
        report_of_child = script.until(lambda: report_with(last), "report of the child")
        answer(last, "9")
        script.succeeded()

    assert script.lines[-1] == "answers [True, 1.5, 3] 9"
    shown = sections(report)
    assert list(shown) == ["deploy", "budget", "fast", "last"]
    for name, words in {
        "deploy": "completed",
        "budget": "1.5 — by",
        "fast": "timed out",
        "last": "Nobody is needed any more.",
    }.items():
        assert words in shown[name]
        assert "waiting" not in shown[name]
        assert "Closed on" in shown[name]
    assert report_of_child != report
    assert list(sections(report_of_child)) == ["of_the_child"]
