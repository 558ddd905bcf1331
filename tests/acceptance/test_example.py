"""The documented example and its kin as whole processes: a link is printed, a person answers, the script goes on.

Holds that the documented page works as it says on a machine with no configuration, P1 (what was said to be accepted is
what the workflow gets) and P5 (the type that was asked for).
"""

from __future__ import annotations

import html
import json
import re
import subprocess
import time
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.support.browser import watched_page
from tests.support.person import answer, opened, state
from tests.support.scripts import REPOSITORY, SCRIPTS, Link, RunningScript, running_script

pytestmark = pytest.mark.slow

EXAMPLE = REPOSITORY / "examples" / "human_in_the_loop.py"
DOCUMENTED = Path(__file__).with_name("documented_example.md")

APPROVED = "Processing approved — continuing pipeline."
REJECTED = "Processing rejected by reviewer — pipeline halted."


def lines_that_say_something(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def test_the_example_is_the_documented_one() -> None:
    blocks = re.findall(r"```\n(.*?)```", DOCUMENTED.read_text(), re.DOTALL)

    assert len(blocks) == 4
    assert lines_that_say_something(EXAMPLE.read_text()) == lines_that_say_something("".join(blocks))


@pytest.mark.parametrize(("value", "printed"), [("true", APPROVED), ("false", REJECTED)])
def test_a_person_answers_the_example_through_the_form(value: str, printed: str, tmp_path: Path) -> None:
    with running_script(EXAMPLE, home=tmp_path) as script:
        link = script.link()
        form = httpx.get(link.url)
        assert "Analysis found 3 anomalies with 87% confidence." in form.text

        last_page = opened(link).send(value)
        script.succeeded()

    assert last_page.status_code == 200
    assert "Answer accepted" in last_page.text
    assert printed in script.output
    # Where it took long enough to be told of.
    told = ("Waiting for an answer to “review_decision” until ", "“review_decision” was answered by ")
    assert all(line.startswith(told) for line in script.errors.splitlines())


@pytest.mark.parametrize("has_script", [True, False])
def test_a_browser_is_shown_that_the_answer_was_accepted_although_the_script_ends(
    has_script: bool, browser: Browser, tmp_path: Path
) -> None:
    with running_script(EXAMPLE, home=tmp_path) as script:
        link = script.link()
        with watched_page(browser, link.endpoint, java_script_enabled=has_script) as watched:
            watched.page.goto(link.url)
            watched.page.get_by_role("button", name="Approve").click()
            script.succeeded()

            expect(watched.page.get_by_text("Answer accepted")).to_be_visible()
            card = watched.page.locator(".card")
            expect(card).to_have_css("border-top-style", "solid")
    assert APPROVED in script.output


def test_a_slow_browser_is_waited_for(tmp_path: Path) -> None:
    with running_script(EXAMPLE, home=tmp_path) as script:
        link = script.link()
        told = opened(link).send("true", follow=False)
        assert told.status_code == 303
        # The script has its answer since, and would be gone.
        time.sleep(1.5)
        page = httpx.get(urljoin(f"{link.endpoint}/submit", told.headers["location"]))
        assert script.ended(within=10) == 0

    assert "Answer accepted" in page.text


def test_the_link_stands_on_a_line_of_its_own_on_standard_output(tmp_path: Path) -> None:
    with running_script(EXAMPLE, home=tmp_path) as script:
        link = script.link()
        assert link.url in script.output.splitlines()
        assert len(script.links) == 1


def report_of(link: Link) -> Path:
    """The report that shows a link, found by the run that the form's page names."""
    page = httpx.get(link.url).text
    found = re.search(r"run ([\w-]+)</p>", page)
    assert found, page
    reports = Path("/tmp/flyte/metadata", found[1]).glob("*/report.html")
    return next(report for report in reports if link.request_id in report.read_text())


def curl_in(report: str) -> str:
    found = re.search(r"<pre>(curl.*?)</pre>", report, re.DOTALL)
    assert found, report
    return html.unescape(found[1])


def run_in_a_shell(command: str) -> dict[str, object]:
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=True, timeout=30)
    reply = json.loads(done.stdout)
    assert isinstance(reply, dict)
    return reply


@pytest.mark.parametrize(("value", "printed"), [("true", APPROVED), ("false", REJECTED)])
def test_a_program_answers_by_the_curl_in_the_report(value: str, printed: str, tmp_path: Path) -> None:
    with running_script(EXAMPLE, home=tmp_path) as script:
        link = script.link()
        path = report_of(link)
        report = path.read_text()
        command = curl_in(report)
        assert html.escape(link.url) in report
        assert f"<code>{link.request_id}</code>" in report

        reply = run_in_a_shell(command.replace('"value": "true"', f'"value": "{value}"'))
        script.succeeded()

    assert reply["status"] == "completed"
    assert reply["value"] is (value == "true")
    assert printed in script.output
    assert str(path.parent.parent) in script.lines, "the run's printed url is not the folder of its reports"
    assert "completed" in path.read_text()


def test_the_documented_call_with_the_ids_of_the_report(tmp_path: Path) -> None:
    with running_script(EXAMPLE, home=tmp_path) as script:
        link = script.link()
        response_path = re.search(r"<code>(responses/\S+)</code>", report_of(link).read_text())
        assert response_path
        body = {
            "request_id": link.request_id,
            "response_path": response_path[1],
            "value": "true",
            "data_type": "bool",
        }
        reply = httpx.post(f"{link.endpoint}/submit/json", json=body)
        script.succeeded()

    assert reply.status_code == 200
    assert APPROVED in script.output


def test_blocking_calls_in_tasks_that_are_plain_functions(tmp_path: Path) -> None:
    with running_script(SCRIPTS / "sync_tasks.py", home=tmp_path) as script:
        answer(script.link(), "yes")
        script.succeeded()

    assert script.lines[-1] == "right"


@pytest.mark.parametrize("manner", ["blocking", "awaited"])
def test_outside_of_any_task(manner: str, tmp_path: Path) -> None:
    with running_script(SCRIPTS / "outside.py", manner, home=tmp_path) as script:
        answer(script.link(), "9007199254740993")
        script.succeeded()

    assert script.lines[-1] == "9007199254740993"


def by_name(script: RunningScript, count: int) -> dict[str, Link]:
    script.link(count)
    return {state(link)["name"]: link for link in script.links}


def test_an_answer_of_each_type_to_one_task_at_once(tmp_path: Path) -> None:
    answers = {"a_int": "-12", "a_float": "1e-3", "a_str": "two\r\nlines, ¡Unicode! 🎉", "a_bool": "no"}
    with running_script(SCRIPTS / "every_type.py", home=tmp_path) as script:
        for name, link in by_name(script, 4).items():
            answer(link, answers[name])
        script.succeeded()

    assert script.lines[-1] == repr([-12, 0.001, "two\nlines, ¡Unicode! 🎉", False])
    assert len({link.port for link in script.links}) == 1


def test_times_fallbacks_cancelling_and_whole_outcomes(tmp_path: Path) -> None:
    with running_script(SCRIPTS / "parameters.py", home=tmp_path) as script:
        link = by_name(script, 4)["described"]
        assert state(link)["deadline"] is None
        answer(link, "hello", comment="with care")
        script.succeeded()

    times_out, goes_on, is_cancelled, is_described = script.lines[-4:]
    assert times_out.startswith("TimeoutError Nobody answered “too_late” before")
    assert goes_on == "7 timed_out None timer"
    assert is_cancelled.startswith("cancelled the budget is settled / ")
    assert is_described.startswith("hello completed form with care None True ")
    assert is_described.endswith(" on this machine")


def test_two_runs_of_one_process_ask_two_questions_at_one_address(tmp_path: Path) -> None:
    with running_script(SCRIPTS / "two_runs.py", home=tmp_path) as script:
        answer(script.link(1), "1")
        answer(script.link(2), "2")
        script.succeeded()
        first, second = script.links

    assert [line for line in script.lines if line.isdigit()] == ["1", "2"]
    assert first.request_id != second.request_id
    assert first.endpoint == second.endpoint


def test_an_unsupported_type_is_refused_when_the_event_is_made(tmp_path: Path) -> None:
    with running_script(SCRIPTS / "unsupported_type.py", home=tmp_path) as script:
        assert script.ended() == 1

    assert script.links == []
    # Flyte writes what went wrong to standard output, broken into lines of its own.
    said = " ".join(script.output.split())
    assert "`bytes` is nothing that a person types. Ask for a `flyte.io.File`." in said
