"""Holds `flyteplugins.hitl.testing`: what tests of users' own workflows answer with."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import flyte.io
import pandas as pd
import polars as pl
import pytest
from pydantic import BaseModel, Field, SecretStr

import flyteplugins.hitl as hitl
from flyteplugins.hitl import testing
from flyteplugins.hitl.errors import EventCancelled, EventTimedOut, FieldError, InvalidParameter


@dataclass
class Invoice:
    customer: str
    total: Annotated[float, Field(ge=0)]


class Login(BaseModel):
    user: str = Field(alias="userName")
    password: SecretStr


@dataclass
class Scan:
    title: str
    file: flyte.io.File


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home in which nothing may be left."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.delenv("FLYTE_HITL_STORE", raising=False)
    yield folder
    assert list(folder.iterdir()) == []


def ask(name: str = "review", data_type: Any = bool, **options: Any) -> Any:
    return hitl.new_event(name, data_type=data_type, **options).wait()


def test_a_question_is_answered_and_can_be_looked_at() -> None:
    with hitl.testing.answers({"review_decision": True}) as asked:
        assert ask("review_decision", prompt="Is **this** right?", show=hitl.show.Text("abc", title="Log")) is True

    question = asked["review_decision"]
    assert (question.name, question.prompt, question.data_type) == ("review_decision", "Is **this** right?", bool)
    assert question.show == ("Log",)
    assert question.answer is True
    assert question.status is hitl.Status.COMPLETED
    assert question.deadline == question.asked_at + timedelta(hours=1)
    assert question.errors == []
    assert asked.names == ["review_decision"]
    assert len(asked) == 1
    assert "review_decision" in asked


@pytest.mark.parametrize("key", ["label_1", "label*", "label_[0-9]", re.compile(r"label_\d")])
def test_an_answer_is_found_by_name_pattern_or_regular_expression(key: Any) -> None:
    with testing.answers({key: "spam"}):
        assert ask("label_1", str) == "spam"


def test_a_name_counts_before_a_pattern_and_the_first_pattern_before_others() -> None:
    with testing.answers({"*": "any", "label*": "pattern", "label_1": "name"}, allow_unused=True):
        assert ask("label_1", str) == "name"
        assert ask("label_2", str) == "any"


def test_a_regular_expression_must_fit_the_whole_name() -> None:
    with pytest.raises(testing.UnexpectedQuestion), testing.answers({re.compile("label"): "spam"}):
        ask("label_1", str)


def test_a_function_is_given_the_question() -> None:
    with testing.answers({"label*": lambda question: question.name.upper()}):
        assert ask("label_1", str) == "LABEL_1"


def test_a_function_may_be_async() -> None:
    async def decide(question: testing.AskedQuestion) -> bool:
        await asyncio.sleep(0)
        return "good" in question.prompt

    with testing.answers({"review": decide}):
        assert ask(prompt="good") is True
        assert ask(prompt="bad") is False


def test_one_function_answers_everything() -> None:
    with testing.answers(lambda question: {"a": 1, "b": 2}[question.name]) as asked:
        assert ask("a", int) + ask("b", int) == 3
    assert asked.names == ["a", "b"]


@pytest.mark.parametrize(
    ("data_type", "given", "gotten"),
    [
        (Invoice, Invoice("Ada", 3), Invoice("Ada", 3.0)),
        (Invoice, {"customer": "Ada", "total": 3}, Invoice("Ada", 3.0)),
        (list[Invoice], [Invoice("Ada", 3), {"customer": "Bob", "total": 1}], [Invoice("Ada", 3), Invoice("Bob", 1)]),
        (list[int], [1, 2], [1, 2]),
        (Literal["a", "b"], "b", "b"),
        (hitl.Status, hitl.Status.PENDING, hitl.Status.PENDING),
        (timedelta, timedelta(hours=1), timedelta(hours=1)),
        (hitl.Approval, hitl.Approval(False, "No."), hitl.Approval(False, "No.")),
        (SecretStr, SecretStr("s3cret"), SecretStr("s3cret")),
        (SecretStr, "s3cret", SecretStr("s3cret")),
        (
            Login,
            Login(userName="ada", password=SecretStr("s3cret")),
            Login(userName="ada", password=SecretStr("s3cret")),
        ),
        (int | None, None, None),
    ],
)
def test_an_answer_is_a_value_of_the_type_or_its_json(data_type: Any, given: Any, gotten: Any) -> None:
    with testing.answers({"review": given}):
        assert ask(data_type=data_type) == gotten


def test_the_short_ways_are_answered() -> None:
    given = {
        "approval": {"approved": False, "reason": "Too dear."},
        "choice": "b",
        "invoice": lambda question: replace(question.initial, total=7),
    }
    with testing.answers(given) as asked:
        assert hitl.approve("Pay?") == hitl.Approval(False, "Too dear.")
        assert hitl.choose("Which?", ["a", "b"], name="choice") == "b"
        assert hitl.edit(Invoice("Ada", 3), "Right?", name="invoice") == Invoice("Ada", 7)
    assert asked["invoice"].initial == Invoice("Ada", 3)


def test_a_review_is_answered_by_its_items() -> None:
    with testing.answers({"review": lambda question: ["spam" in item for item in question.items]}) as asked:
        assert hitl.review(["spam", "eggs"], initial=[None, True]) == [True, False]
    assert asked["review"].items == ("spam", "eggs")
    assert asked["review"].initial == [None, True]


def test_a_review_with_too_few_decisions_fails() -> None:
    with pytest.raises(testing.WrongAnswer, match="value"), testing.answers({"review": [True]}):
        hitl.review(["spam", "eggs"])


@pytest.mark.parametrize("library", [pd, pl])
def test_a_data_frame_is_answered_by_the_frame_as_it_is_to_be(library: Any) -> None:
    frame = library.DataFrame({"sensor": ["a", "b", "c"], "celsius": [1.5, 2.5, 3.5]})
    wanted = library.DataFrame({"sensor": ["a", "B", "c", "d"], "celsius": [1.5, 20.5, 3.5, 4.5]})
    with testing.answers({"readings": wanted}):
        outcome: hitl.Outcome[Any] = hitl.new_event("readings", data_type=library.DataFrame, initial=frame).response()
    assert outcome.value is not None
    assert outcome.value.equals(wanted)
    assert [change.kind for change in outcome.changes] == ["edited", "edited", "added"]


def test_a_row_that_is_gone_from_a_data_frame_is_removed() -> None:
    frame = pd.DataFrame({"sensor": ["a", "b", "c"]})
    with testing.answers({"readings": lambda question: question.initial.drop(index=1)}):
        outcome: hitl.Outcome[Any] = hitl.new_event("readings", data_type=pd.DataFrame, initial=frame).response()
    assert outcome.value is not None
    assert list(outcome.value["sensor"]) == ["a", "c"]
    assert [change.kind for change in outcome.changes] == ["removed"]


def test_a_data_frame_is_answered_by_its_changes() -> None:
    frame = pd.DataFrame({"celsius": [1.5, 215.0]})
    with testing.answers({"readings": {"edited": [[1, 0, 21.5]]}}):
        assert list(ask("readings", pd.DataFrame, initial=frame)["celsius"]) == [1.5, 21.5]


def test_a_data_frame_with_another_column_is_no_answer() -> None:
    frame = pd.DataFrame({"celsius": [1.5]})
    given = {"readings": frame.assign(kelvin=[274.65])}
    with pytest.raises(testing.WrongAnswer, match="add or remove columns"), testing.answers(given):
        ask("readings", pd.DataFrame, initial=frame)


def read(file: Any) -> bytes:
    with file.open_sync("rb") as opened:
        content: bytes = opened.read()
        return content


def test_a_file_is_answered_by_its_path_or_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    path.write_bytes(b"%PDF-1.7\n")
    with testing.answers({"path": path, "bytes": b"abc", "file": flyte.io.File(path=str(path))}):
        file = ask("path", flyte.io.File)
        assert read(file) == b"%PDF-1.7\n"
        assert file.name == "scan.pdf"
        assert read(ask("bytes", flyte.io.File)) == b"abc"
        assert read(ask("file", flyte.io.File)) == b"%PDF-1.7\n"
    assert read(file) == b"%PDF-1.7\n"


def test_files_are_answered_inside_of_other_things(tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    path.write_bytes(b"%PDF-1.7\n")
    given = {
        "json": {"title": "A", "file": path},
        "object": Scan("B", flyte.io.File(path=str(path))),
        "list": [b"one", b"two"],
    }
    with testing.answers(given):
        assert read(ask("json", Scan).file) == b"%PDF-1.7\n"
        scan = ask("object", Scan)
        assert (scan.title, read(scan.file)) == ("B", b"%PDF-1.7\n")
        assert [read(file) for file in ask("list", list[flyte.io.File])] == [b"one", b"two"]


def test_a_file_is_held_against_its_limits() -> None:
    small = Annotated[flyte.io.File, hitl.Upload(max_bytes=2)]
    pdf = Annotated[flyte.io.File, hitl.Upload(media_types=("application/pdf",))]
    given = {"small": testing.in_turn(testing.refused(b"abc"), b"ab"), "pdf": b"%PDF-1.7"}
    with testing.answers(given) as asked:
        assert read(ask("small", small)) == b"ab"
        assert read(ask("pdf", pdf)) == b"%PDF-1.7"
    assert "too large" in asked["small"].errors[0].reason


def test_a_file_that_is_not_there_fails(tmp_path: Path) -> None:
    with pytest.raises(testing.WrongAnswer, match="cannot be read"), testing.answers({"file": tmp_path / "none.pdf"}):
        ask("file", flyte.io.File)


def test_an_answer_that_nobody_could_give_fails_with_the_errors_of_its_fields() -> None:
    with pytest.raises(testing.WrongAnswer) as caught, testing.answers({"invoice": {"customer": "Ada", "total": -1}}):
        ask("invoice", Invoice)
    assert "value.total: " in str(caught.value)
    assert "“invoice”" in str(caught.value)


@pytest.mark.parametrize("given", ["maybe", 2, None, "yes please"])
def test_a_bool_is_not_guessed(given: Any) -> None:
    with pytest.raises(testing.WrongAnswer, match="value: "), testing.answers({"review": given}):
        ask()


def test_what_nobody_can_send_fails() -> None:
    with pytest.raises(testing.WrongAnswer, match="nobody can type or send"), testing.answers({"review": object()}):
        ask()


def test_a_refused_answer_is_followed_by_the_next() -> None:
    with testing.answers({"review": testing.in_turn(testing.refused("maybe"), True)}) as asked:
        assert ask() is True
    assert [error.field for error in asked["review"].errors] == ["value"]
    assert asked["review"].answer is True


def test_validate_runs_as_in_real_life() -> None:
    checked: list[int] = []

    def at_most_40(hours: int) -> None:
        checked.append(hours)
        if hours > 40:
            raise hitl.Invalid("Only 40 hours are left.")

    refused = testing.refused
    with testing.answers({"hours": testing.in_turn(refused("many"), refused(50), refused(41), 12)}) as asked:
        assert ask("hours", int, validate=at_most_40) == 12
    assert checked == [50, 41, 12]
    left = FieldError(field="value", reason="Only 40 hours are left.")
    assert asked["hours"].errors[1:] == [left, left]


def test_an_answer_that_validate_refuses_fails() -> None:
    with (
        pytest.raises(testing.WrongAnswer, match="value: Only 40 hours are left"),
        testing.answers({"hours": 50}),
    ):
        ask("hours", int, validate=lambda hours: None if hours <= 40 else "Only 40 hours are left.")


@pytest.mark.parametrize("options", [{}, {"validate": lambda value: True}])
def test_an_answer_that_has_to_be_refused_and_is_taken_fails(options: Any) -> None:
    with (
        pytest.raises(testing.WrongAnswer, match="has to be refused"),
        testing.answers({"review": testing.in_turn(testing.refused(True), False)}),
    ):
        ask(**options)


def test_a_function_that_gives_what_is_refused_is_called_again_and_sees_why() -> None:
    def correct(question: testing.AskedQuestion) -> Any:
        return 3 if question.errors else testing.refused("three")

    with testing.answers({"count": correct}):
        assert ask("count", int) == 3


def test_a_function_that_only_gives_what_is_refused_ends() -> None:
    with pytest.raises(testing.WrongAnswer, match="none to stand"), testing.answers(lambda _: testing.refused("x")):
        ask(data_type=int)


@pytest.mark.parametrize("given", [testing.refused(1), testing.in_turn(), testing.in_turn(1, testing.refused(2))])
def test_answers_that_end_with_a_refusal_are_none(given: Any) -> None:
    with pytest.raises(InvalidParameter, match="refused"), testing.answers({"review": given}):
        pass


def test_answers_are_given_in_turn() -> None:
    with testing.answers({"count": testing.in_turn(1, [2], 3)}):
        assert ask("count", int) == 1
        assert ask("count", list[int]) == [2]
        assert ask("count", int) == 3


def test_asking_more_often_than_there_are_answers_fails() -> None:
    with (
        pytest.raises(testing.UnexpectedQuestion, match="after all 1 answers of 'count'"),
        testing.answers({"count": testing.in_turn(1)}),
    ):
        [ask("count", int) for _ in range(2)]


def test_asking_less_often_than_there_are_answers_fails() -> None:
    with (
        pytest.raises(testing.UnusedAnswer, match="again, so 2 of its answers"),
        testing.answers({"count": testing.in_turn(1, 2, 3)}),
    ):
        ask("count", int)


@pytest.mark.parametrize("validate", [None, lambda value: True])
def test_never_runs_into_the_deadline(validate: Any) -> None:
    with testing.answers({"review": testing.never()}) as asked:
        event = hitl.new_event("review", data_type=bool, validate=validate)
        assert event.status() is hitl.Status.PENDING
        with pytest.raises(TimeoutError) as caught:
            event.wait()
    assert isinstance(caught.value, EventTimedOut)
    assert asked["review"].status is hitl.Status.TIMED_OUT
    assert asked.clock.now() == event.deadline


def test_never_gives_the_value_for_it() -> None:
    with testing.answers({"review": testing.never()}):
        assert ask(on_timeout=False) is False


def test_never_with_no_deadline_fails_instead_of_waiting() -> None:
    with pytest.raises(testing.WrongAnswer, match="no deadline"), testing.answers({"review": testing.never()}):
        ask(timeout_seconds=None)


def test_never_takes_no_answer_from_others_that_were_asked_at_once() -> None:
    async def both() -> tuple[bool, bool]:
        late = await hitl.new_event.aio("late", data_type=bool, on_timeout=False)
        other = await hitl.new_event.aio("other", data_type=bool)
        first, second = await asyncio.gather(late.wait.aio(), other.wait.aio())
        return first, second

    with testing.answers({"late": testing.never(), "other": True}):
        assert asyncio.run(both()) == (False, True)


def test_a_cancelled_question_raises() -> None:
    with (
        testing.answers({"review": testing.cancelled("Called off.")}) as asked,
        pytest.raises(EventCancelled, match="Called off"),
    ):
        ask()
    assert asked["review"].status is hitl.Status.CANCELLED


def test_the_whole_outcome_has_who_answered_and_what_they_added() -> None:
    with testing.answers({"review": testing.answered(True, responder="ada@example.org", comment="Well done.")}):
        outcome = hitl.new_event("review", data_type=bool).response()
    assert (outcome.value, outcome.responder, outcome.comment) == (True, "ada@example.org", "Well done.")


@pytest.mark.asyncio
async def test_the_clock_moves_a_workflow_that_runs_beside_the_test_past_its_deadline() -> None:
    with testing.answers({"review": testing.left_open()}) as asked:
        event = await hitl.new_event.aio("review", data_type=bool, timeout_seconds=60)
        waiting = asyncio.ensure_future(event.wait.aio())
        asked.clock.advance(59)
        assert await event.status.aio() is hitl.Status.PENDING
        asked.clock.advance(timedelta(seconds=1))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(waiting, 20)


def test_a_question_left_open_can_be_cancelled_by_its_workflow() -> None:
    with testing.answers({"review": testing.left_open()}):
        event = hitl.new_event("review", data_type=bool)
        assert event.cancel("Enough.").status is hitl.Status.CANCELLED


def test_an_answer_that_comes_too_late_is_not_taken() -> None:
    def after_an_hour(question: testing.AskedQuestion) -> bool:
        asked.clock.advance(3600)
        return True

    with testing.answers({"review": after_an_hour}) as asked, pytest.raises(TimeoutError):
        ask()
    assert asked["review"].answer is None


def test_the_clock_stands_still_and_never_goes_back() -> None:
    with testing.answers({}) as asked:
        now = asked.clock.now()
        assert asked.clock.now() == now
        with pytest.raises(ValueError, match="cannot go back"):
            asked.clock.advance(-1)


def test_an_unexpected_question_fails_where_it_is_asked_with_the_question() -> None:
    with (
        pytest.raises(testing.UnexpectedQuestion) as caught,
        testing.answers({"other": 1, "label*": 2}),
    ):
        ask("review", prompt="Is this right?")
    for told in ("“review”", "bool", "Is this right?", "'other', 'label*'", "testing.answers"):
        assert told in str(caught.value)


def swallowing(*names: str) -> None:
    for name in names:
        with contextlib.suppress(Exception):
            ask(name)


def of_another_kind() -> None:
    try:
        ask()
    except Exception:
        raise LookupError("something else") from None


def test_an_unexpected_question_fails_though_the_workflow_swallows_the_error() -> None:
    with pytest.raises(testing.UnexpectedQuestion, match="“review”"), testing.answers({}):
        swallowing("review")


def test_an_unexpected_question_fails_though_the_workflow_makes_another_error_of_it() -> None:
    with pytest.raises(testing.UnexpectedQuestion) as caught, testing.answers({}):
        of_another_kind()
    assert isinstance(caught.value.__cause__, LookupError)


def test_several_failures_are_told_together() -> None:
    with pytest.raises(testing.UnexpectedQuestion, match=r"(?s)“one”.*“two”"), testing.answers({}):
        swallowing("one", "two")


def test_an_error_of_a_function_is_raised_though_it_is_swallowed() -> None:
    def fault(question: object) -> bool:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), testing.answers({"review": fault}), pytest.raises(ZeroDivisionError):
        ask()


def test_an_unused_answer_fails_at_the_end() -> None:
    with pytest.raises(testing.UnusedAnswer) as caught, testing.answers({"review": True, "revue": True}):
        ask()
    assert "Nobody asked 'revue'" in str(caught.value)
    assert "“review”" in str(caught.value)


def test_an_unused_answer_hides_no_other_error() -> None:
    with pytest.raises(LookupError), testing.answers({"review": True}):
        raise LookupError


def test_unused_answers_may_be_allowed() -> None:
    with testing.answers({"review": True}, allow_unused=True):
        pass


def test_an_error_of_the_workflow_comes_through() -> None:
    with pytest.raises(ZeroDivisionError), testing.answers({"divisor": 0}):
        1 // ask("divisor", int)


def test_what_was_not_asked_is_looked_up_with_a_message() -> None:
    with testing.answers({"review": True}) as asked:
        ask()
    with pytest.raises(KeyError, match="Nobody asked 'revue'"):
        asked["revue"]


def test_what_was_asked_is_a_sequence_in_order() -> None:
    with testing.answers({"*": 1}) as asked:
        for name in ("a1", "b", "a2", "b"):
            ask(name, int, prompt=f"{name}?")
    assert asked.names == ["a1", "b", "a2", "b"]
    assert [question.name for question in asked.named("a*")] == ["a1", "a2"]
    assert asked[-1] is asked["b"]
    assert [question.name for question in asked[:2]] == ["a1", "b"]
    assert repr(asked) == "Asked(['a1', 'b', 'a2', 'b'])"


def test_the_same_question_with_a_key_is_asked_twice_and_answered_once() -> None:
    with testing.answers({"review": testing.in_turn(True)}) as asked:
        assert ask(idempotency_key="k") is True
        assert ask(idempotency_key="k") is True
    assert len(asked) == 1
    assert asked["review"].times_asked == 2


def test_a_block_inside_of_another_is_an_error_that_says_where_the_other_is() -> None:
    with testing.answers({}), pytest.raises(RuntimeError, match=r"test_testing\.py:\d+"), testing.answers({}):
        pass


def test_a_block_can_be_opened_after_one_that_failed() -> None:
    with pytest.raises(testing.UnusedAnswer), testing.answers({"review": True}):
        pass
    with testing.answers({"review": True}):
        assert ask() is True


def test_after_the_block_people_are_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLYTE_HITL_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("FLYTE_HITL_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("FLYTE_HITL_CHECK_ENDPOINT", "false")
    with testing.answers({"review": True}):
        assert hitl.new_event("review", data_type=bool).endpoint != "http://127.0.0.1:9"
    event = hitl.new_event("review", data_type=bool)
    assert event.endpoint == "http://127.0.0.1:9"
    assert event.status() is hitl.Status.PENDING


@pytest.mark.parametrize("given", [None, 3, "review", {3: True}])
def test_what_gives_no_answers_is_an_error(given: Any) -> None:
    with pytest.raises(InvalidParameter), testing.answers(given):
        pass


@pytest.mark.parametrize(
    "given",
    [
        testing.never,
        {"review": testing.cancelled},
        {"review": testing.in_turn(testing.left_open, True)},
        {"review": testing.in_turn(testing.in_turn(True, False), True)},
    ],
    ids=str,
)
def test_what_is_not_called_or_stands_in_another_is_found_at_once(given: Any) -> None:
    """Else `cancelled` would be taken for a function that answers, and cancel with the question for its reason."""
    with pytest.raises(InvalidParameter, match=r"Call it: `testing\.|inside of another"), testing.answers(given):
        pass


def test_a_thousand_questions_take_about_a_second() -> None:
    """By the time that the processor takes, as the machine is shared, and with much to spare."""
    began = time.process_time()
    with testing.answers({"review_*": True}) as asked:
        for number in range(1_000):
            assert ask(f"review_{number}") is True
    assert len(asked) == 1_000
    assert time.process_time() - began < 10


def test_questions_of_many_threads_are_answered() -> None:
    gotten: list[bool] = []
    with testing.answers({"review*": True}) as asked:
        threads = [threading.Thread(target=lambda n=n: gotten.append(ask(f"review{n}"))) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert gotten == [True] * 8
    assert sorted(asked.names) == [f"review{n}" for n in range(8)]


@pytest.mark.asyncio
async def test_questions_of_an_async_test_are_answered() -> None:
    async def main() -> str:
        events = [await hitl.new_event.aio(f"label_{n}", data_type=str) for n in range(3)]
        return "".join(await asyncio.gather(*(event.wait.aio() for event in events)))

    with testing.answers({"label*": lambda question: question.name[-1]}):
        assert await main() == "012"


tasks = flyte.TaskEnvironment(name="answered-by-a-test")


@tasks.task
async def asks_in_a_task(prompt: str) -> bool:
    event = await hitl.new_event.aio("in_a_task", data_type=bool, prompt=prompt)
    return await event.wait.aio()


@tasks.task
def asks_in_a_plain_task(prompt: str) -> bool:
    return hitl.new_event("in_a_task", data_type=bool, prompt=prompt).wait()


@tasks.task
async def swallows() -> str:
    try:
        return str(await asks_in_a_task("Really?"))
    except Exception:
        return "swallowed"


@pytest.mark.asyncio
async def test_a_task_that_is_called_as_a_function_is_answered() -> None:
    with testing.answers({"in_a_task": True}) as asked:
        assert await asks_in_a_task("Really?") is True
    assert asked["in_a_task"].prompt == "Really?"


IN_FLYTE = """
import sys, threading
import flyte
from flyteplugins.hitl import testing
from tests.unit.test_testing import asks_in_a_plain_task, asks_in_a_task, swallows

flyte.init()
for task in (asks_in_a_task, asks_in_a_plain_task):
    with testing.answers({"in_a_task": testing.in_turn(True, False)}) as asked:
        assert flyte.run(task, "Really?").outputs()[0] is True
        assert flyte.run(task, "Really?").outputs()[0] is False
    assert asked.names == ["in_a_task"] * 2, asked
for task, arguments in ((asks_in_a_task, ["Really?"]), (swallows, [])):
    try:
        with testing.answers({}):
            print(flyte.run(task, *arguments).outputs()[0])
    except testing.UnexpectedQuestion as error:
        print(error)
    else:
        sys.exit("It did not fail.")
with testing.answers({"in_a_task": testing.never()}):
    try:
        flyte.run(asks_in_a_task, "Really?")
    except Exception as error:
        print(type(error).__name__, error)
ours = [thread.name for thread in threading.enumerate() if "hitl" in thread.name]
assert not ours, ours
assert not {"fastapi", "uvicorn", "flyteplugins.hitl.app"} & set(sys.modules)
"""


def test_a_run_in_local_mode_is_answered_with_no_app_and_no_thread(home: Path, tmp_path: Path) -> None:
    """In a process of its own, because Flyte keeps something in its home, and what is loaded is counted."""
    done = subprocess.run(
        [sys.executable, "-c", IN_FLYTE], capture_output=True, text=True, timeout=120, env=_environment(tmp_path)
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The workflow asks “in_a_task” (bool)" in done.stdout
    assert "Nobody answered “in_a_task”" in done.stdout
    assert not (tmp_path / ".flyte" / "hitl").exists()


def _environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FLYTE", "_U_"))}
    root = str(Path(__file__).resolve().parents[2])
    return {**kept, "HOME": str(home), "PYTHONPATH": os.pathsep.join([root, f"{root}/src"])}
