"""Holds what a task's report shows: the link and the ids while it is open, the answer after, and nothing that runs."""

from __future__ import annotations

import asyncio
import dataclasses
import html
from collections.abc import Iterator
from pathlib import Path

import flyte.report
import pytest

from flyteplugins.hitl import _flyte
from flyteplugins.hitl._flyte import REPORT_TAB
from flyteplugins.hitl._form_link import FormLink
from flyteplugins.hitl._records import Question, Response
from flyteplugins.hitl._report import show_in_report
from flyteplugins.hitl._service import Service
from flyteplugins.hitl.show import Image
from tests.support.questions import answered, asked, question
from tests.support.shown import kept, png, showing
from tests.unit.parsed_html import ParsedHtml
from tests.unit.task_contexts import entered, task_context

ATTACKS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</pre></details><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "{{ 7 * 7 }}{% raw %}",
    "$NAV_HTML ${BODY_HTML} $$",
    "&lt;script&gt;",
]


@pytest.fixture
def in_task(tmp_path: Path) -> Iterator[Path]:
    """Runs the test inside of a task on a laptop; gives the file of its report."""
    (tmp_path / "outputs").mkdir()
    with entered(task_context(tmp_path)):
        yield tmp_path / "outputs" / "report.html"


async def link_to(service: Service, asked_question: Question | None = None, turn: int = 1) -> FormLink:
    request = await asked(service, asked_question, turn=turn)
    token = (await service.links()).token(request.request_id)
    return FormLink(request=request, endpoint="http://127.0.0.1:1", token=token)


def tab() -> str:
    return flyte.report.current_report().get_tab(REPORT_TAB).get_html()


@pytest.mark.asyncio
async def test_an_open_event_shows_its_link_its_ids_and_the_call(service: Service, in_task: Path) -> None:
    link = await link_to(service, question(bool, name="review", prompt="Approve **this**?"))

    await show_in_report(link, None)

    shown = ParsedHtml(tab())
    assert [element.attributes["href"] for element in shown.all("a")] == [link.form_url]
    assert link.request.request_id in shown.text
    assert link.request.response_path in shown.text
    assert link.curl in shown.text
    assert "waiting" in shown.text
    assert "strong" in shown.tags


@pytest.mark.asyncio
async def test_an_open_event_says_until_when_it_can_be_answered(service: Service, in_task: Path) -> None:
    link = await link_to(service)
    assert link.request.deadline is not None

    await show_in_report(link, None)

    (time,) = ParsedHtml(tab()).all("time")
    assert time.attributes["datetime"] == link.request.deadline.isoformat()
    assert f"Until {link.request.deadline:%Y-%m-%d %H:%M} UTC" in ParsedHtml(tab()).text


@pytest.mark.asyncio
async def test_an_event_without_a_limit_says_so(service: Service, in_task: Path) -> None:
    request = await asked(service, timeout_seconds=None)

    await show_in_report(FormLink(request=request, endpoint="http://127.0.0.1:1", token="t"), None)

    assert "No time limit." in ParsedHtml(tab()).text


@pytest.mark.asyncio
async def test_a_closed_event_says_when_and_with_what_words(service: Service, in_task: Path) -> None:
    link = await link_to(service)
    outcome = await answered(service, link.request, "true", comment="Ship <b>now</b>.")

    await show_in_report(link, outcome)

    shown = ParsedHtml(tab())
    assert f"Closed on {outcome.responded_at:%Y-%m-%d %H:%M} UTC" in shown.text
    assert "Ship <b>now</b>." in shown.text
    assert "b" not in shown.tags


@pytest.mark.asyncio
async def test_an_event_says_what_its_form_shows_and_loads_no_picture(service: Service, in_task: Path) -> None:
    things = await kept(service, Image(png(), title="The <b>curve</b>", name="curve"), {"a": 1})
    content = question(bool, prompt="Look: ![the curve](attachment:curve)")

    await show_in_report(await link_to(service, showing(content, things)), None)

    assert "Shown on the form: The <b>curve</b>, shown-2.json" in ParsedHtml(tab()).text
    assert "Look: the curve" in ParsedHtml(tab()).text
    assert not {"img", "b"} & ParsedHtml(tab()).tags


@pytest.mark.asyncio
async def test_the_report_is_saved_at_once(service: Service, in_task: Path) -> None:
    """The task waits from here on: nobody would see what is saved at its end."""
    link = await link_to(service)

    await show_in_report(link, None)

    assert html.escape(link.form_url) in await asyncio.to_thread(in_task.read_text)


@pytest.mark.asyncio
async def test_an_answered_event_says_what_and_by_whom_and_has_no_call_any_more(
    service: Service, in_task: Path
) -> None:
    link = await link_to(service, question(bool, labels=("Ship it", "Hold")))
    await show_in_report(link, None)

    await show_in_report(link, await answered(service, link.request, "true", responder="ann"))

    shown = ParsedHtml(tab())
    assert "Ship it — by ann" in shown.text
    assert "completed" in shown.text
    assert "waiting" not in shown.text
    assert link.request.response_path not in shown.text
    assert "curl" not in shown.text


@pytest.mark.asyncio
async def test_a_cancelled_event_shows_no_answer(service: Service, in_task: Path) -> None:
    link = await link_to(service, question(bool, labels=("Ship it", "Hold")))

    await show_in_report(link, await service.cancel(link.request, "not needed"))

    shown = ParsedHtml(tab()).text
    assert "cancelled" in shown
    assert "Ship it" not in shown
    assert "Hold" not in shown


@pytest.mark.asyncio
async def test_every_event_of_the_attempt_has_its_section(service: Service, in_task: Path) -> None:
    first = await link_to(service, question(bool, name="first"))
    second = await link_to(service, question(int, name="second"))

    await show_in_report(first, None)
    await show_in_report(second, None)
    await show_in_report(first, await answered(service, first.request))

    shown = ParsedHtml(tab())
    assert len(shown.all("section")) == 2
    assert shown.text.index("first") < shown.text.index("second")
    assert shown.text.count("waiting") == 1
    assert shown.text.count("completed") == 1


def hostile_question(attack: str) -> Question:
    return question(str, name=attack, prompt=attack)


def hostile_link(link: FormLink, attack: str) -> FormLink:
    request = link.request.model_copy(update={"request_id": attack, "response_path": attack})
    return dataclasses.replace(link, request=request, endpoint=f"http://h/{attack}")


@pytest.mark.asyncio
@pytest.mark.parametrize("attack", ATTACKS)
async def test_nothing_that_is_shown_can_run(service: Service, in_task: Path, attack: str) -> None:
    link = await link_to(service, hostile_question(attack))
    outcome = await answered(service, link.request, attack, responder=attack, comment=attack)
    harmless = await tags_of_a_harmless_report(service, link, outcome)

    await show_in_report(hostile_link(link, attack), None)
    await show_in_report(link, outcome)

    shown = ParsedHtml(tab())
    assert shown.tags <= harmless
    assert not any(name.startswith("on") for element in shown.elements for name in element.attributes)
    assert shown.others == []
    # The name, and once more the answer.
    assert shown.text.count(attack) >= 2


async def tags_of_a_harmless_report(service: Service, link: FormLink, outcome: Response) -> set[str]:
    """The tags of a report of the same shape with nothing hostile in it; its sections are then taken away again."""
    plain = await link_to(service, question(str, name="plain", prompt="plain"))
    await show_in_report(plain, None)
    await show_in_report(plain, await answered(service, plain.request, "plain", responder="ann"))
    other = await link_to(service, question(bool, name="other", prompt="other"))
    await show_in_report(other, None)
    tags = ParsedHtml(tab()).tags
    _flyte.current_attempt().reported.clear()
    return tags


@pytest.mark.asyncio
async def test_a_report_that_cannot_be_saved_is_no_reason_to_fail(
    service: Service, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    link = await link_to(service)
    (tmp_path / "outputs").write_text("a file where the folder should be")

    with entered(task_context(tmp_path)):
        await show_in_report(link, None)

    assert "could not be put into the task's report" in caplog.text
    assert link.token not in caplog.text


@pytest.mark.asyncio
async def test_outside_of_a_task_nothing_is_shown(service: Service) -> None:
    await show_in_report(await link_to(service), None)

    assert flyte.report.current_report().get_tab(REPORT_TAB).content == []
