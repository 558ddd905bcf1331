"""`flyte hitl answer` and `cancel`: the rules of the form, with exit codes."""

from __future__ import annotations

import json
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Any, Literal

import httpx
import pytest
from flyte.io import File
from pydantic import BaseModel, SecretStr

from flyteplugins.hitl import Upload
from flyteplugins.hitl._machine import on_this_machine, user_of_this_machine
from flyteplugins.hitl._records import Channel, Request
from flyteplugins.hitl.cli._exits import Exit
from tests.support.commands import COMMAND, Asker, at_a_terminal, environment, hitl
from tests.support.house import open_house, run
from tests.support.questions import answered
from tests.support.reviews import review_asked

pytestmark = pytest.mark.slow

ME = on_this_machine(user_of_this_machine())


class Line(BaseModel):
    item: str
    price: float = 2.5


class Order(BaseModel):
    name: str
    size: Literal["small", "large"]
    lines: list[Line]
    note: str | None = None


class Login(BaseModel):
    user: str
    password: SecretStr


ORDER = {"name": "tea", "size": "large", "lines": [{"item": "green", "price": 3.0}], "note": None}


@pytest.mark.parametrize(
    ("data_type", "given", "expected"),
    [
        (bool, ["y"], True),
        (bool, ["--value-json", "false"], False),
        (int, ["--", "-5"], -5),
        (float, ["1.5"], 1.5),
        (str, ["two words"], "two words"),
        (str, ["--value-json", '"-"'], "-"),
        (Literal["a", "b"], ["b"], "b"),
        (dict, ['{"a": [1]}'], {"a": [1]}),
        (list[int], ["[1, 2]"], [1, 2]),
        (int | None, ["--value-json", "null"], None),
        (Order, [json.dumps(ORDER)], ORDER),
    ],
    ids=str,
)
def test_an_answer_is_read_as_the_form_reads_it(
    data_type: Any, given: list[str], expected: Any, local_store: str
) -> None:
    asker = Asker(local_store)
    request = asker.ask(data_type)

    done = hitl("answer", "--comment", "from here", "--store", local_store, request.request_id, *given)

    outcome = asker.outcome(request)
    assert (done.code, done.errors) == (0, "")
    assert "Accepted" in done.output
    assert outcome is not None
    assert outcome.value == expected
    assert type(outcome.value) is type(expected)
    assert (outcome.channel, outcome.responder, outcome.comment) == (Channel.CLI, ME, "from here")


def test_an_answer_may_come_through_standard_input(store_url: str) -> None:
    asker = Asker(store_url)
    text, value = asker.ask(str, name="text"), asker.ask(list[int], name="value")

    assert hitl("answer", text.request_id, "-", store=store_url, stdin="two\nlines\n").code == 0
    done = hitl("answer", value.request_id, "--value-json", "-", "--json", store=store_url, stdin="[1]\n")

    outcome = asker.outcome(text)
    assert outcome is not None
    assert outcome.value == "two\nlines"
    assert done.data["outcome"]["value"] == [1]
    assert done.data["outcome"]["channel"] == "cli"


def test_a_wrong_answer_is_refused_in_the_words_of_the_page(local_store: str) -> None:
    wrong = {"name": "tea", "size": "huge", "lines": [{"item": 1}]}
    with open_house(local_store) as house:
        request = house.ask(Order)
        body = {"request_id": request.request_id, "token": house.link(request).token, "value": wrong}
        problem = httpx.post(f"{house.endpoint}/submit/json", json=body, timeout=20).json()

    plain = hitl("answer", request.request_id, json.dumps(wrong), store=local_store)
    told = hitl("answer", request.request_id, json.dumps(wrong), "--json", store=local_store)

    assert plain.code == told.code == 5
    assert told.error["errors"] == problem["errors"]
    assert {each["field"] for each in told.error["errors"]} == {"value.size", "value.lines.0.item"}
    assert plain.errors.startswith("error: value.size: ")
    assert len(plain.errors.splitlines()) == 1
    assert told.error["exit_code"] == 5
    assert Asker(local_store).outcome(request) is None


def test_the_loser_is_told_who_was_quicker(store_url: str) -> None:
    asker = Asker(store_url)
    request = asker.ask(int)
    run(answered(asker.service, request, "7", responder="Ada"))

    late = hitl("answer", request.request_id, "8", store=store_url)
    as_json = hitl("answer", request.request_id, "8", "--json", store=store_url)

    assert late.code == as_json.code == 4
    assert "by Ada through the form" in late.errors
    assert "The answer that stands: 7." in late.errors
    assert as_json.error["outcome"]["responder"] == "Ada"
    assert as_json.output == ""


def test_an_answer_after_the_deadline_is_told_so(local_store: str) -> None:
    asker = Asker(local_store)
    request = asker.ask(timeout_seconds=0.001)

    late = hitl("answer", request.request_id, "yes", store=local_store)

    assert late.code == 4
    assert "deadline" in late.errors


def test_the_same_key_counts_once(local_store: str) -> None:
    asker = Asker(local_store)
    request = asker.ask(int)
    arguments = ("answer", request.request_id, "7", "--idempotency-key", "ticket-1")

    assert [hitl(*arguments, store=local_store).code for _ in range(2)] == [0, 0]
    assert hitl("answer", request.request_id, "7", store=local_store).code == 4


def test_a_question_is_named_by_the_beginning_of_its_id_or_its_link(store_url: str) -> None:
    asker = Asker(store_url)
    first, second = asker.ask(name="first"), asker.ask(name="second")
    same = len([None for one, other in zip(first.request_id, second.request_id, strict=True) if one == other])
    common = next(n for n in range(27) if first.request_id[:n] != second.request_id[:n]) - 1
    assert same >= common >= 10, "Both were asked by one action."

    ambiguous = hitl("answer", first.request_id[:common], "yes", store=store_url)
    short = hitl("answer", first.request_id[: common + 1], "yes", store=store_url)
    link = f"https://hitl.example.org/form/{second.request_id}?token=abc"
    by_link = hitl("answer", link, "no", store=store_url)

    assert ambiguous.code == 3
    for text in (first.request_id, second.request_id, "(first)", "(second)"):
        assert text in ambiguous.errors
    assert (short.code, by_link.code) == (0, 0)
    assert asker.outcome(first) is not None
    assert asker.outcome(second) is not None


@pytest.mark.parametrize("given", ["zzzz", "z" * 26, "../keys", "UPPER!", ""])
def test_what_names_no_question_is_not_found(given: str, local_store: str) -> None:
    Asker(local_store).ask()

    done = hitl("answer", given, "yes", store=local_store)

    assert done.code == 3
    assert done.errors.startswith("error: ")
    assert len(done.errors.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["answer"],
        ["answer", "zzzz", "--unknown"],
        ["answer", "zzzz", "1", "--value-json", "1"],
        ["answer", "zzzz"],
        ["unknown"],
        ["list", "--limit", "0"],
        ["list", "--store", ""],
        ["serve", "--port", "http"],
    ],
    ids=" ".join,
)
def test_a_wrong_use_is_told_on_one_line(arguments: list[str], local_store: str) -> None:
    Asker(local_store).ask()

    done = hitl(*arguments, FLYTE_HITL_STORE=local_store)

    assert done.code == 2
    assert done.errors.startswith("error: ")
    assert len(done.errors.splitlines()) == 1
    assert hitl(*arguments, "--json", FLYTE_HITL_STORE=local_store).error["exit_code"] == 2


def test_a_value_that_begins_with_a_dash_is_told_where_it_goes(local_store: str) -> None:
    asker = Asker(local_store)
    request = asker.ask(int)

    done = hitl("answer", request.request_id, "-5", store=local_store)
    then = hitl("answer", "--store", local_store, request.request_id, "--", "-5")

    assert done.code == 2
    assert "goes behind `--`" in done.errors
    assert "goes behind" not in hitl("answer", request.request_id, "--wat", store=local_store).errors
    assert then.code == 0
    outcome = asker.outcome(request)
    assert outcome is not None
    assert outcome.value == -5


def test_an_empty_answer_is_told_as_one(local_store: str) -> None:
    request = Asker(local_store).ask(str)

    assert hitl("answer", request.request_id, "", store=local_store).lines == [
        "Accepted: an empty text. The workflow gets it."
    ]


def test_a_setting_that_cannot_be_used_is_named(local_store: str) -> None:
    done = hitl("list", store=local_store, FLYTE_HITL_MAX_CHARACTERS="lots")

    assert done.code == 2
    assert "FLYTE_HITL_MAX_CHARACTERS" in done.errors


def test_cancel_closes_with_the_reason_and_who(store_url: str) -> None:
    asker = Asker(store_url)
    request = asker.ask(name="deploy")

    done = hitl("cancel", request.request_id, "--reason", "not today", store=store_url)
    again = hitl("cancel", request.request_id, store=store_url)
    answer = hitl("answer", request.request_id, "yes", store=store_url)

    outcome = asker.outcome(request)
    assert outcome is not None
    assert (outcome.status, outcome.channel, outcome.responder, outcome.comment) == (
        "cancelled",
        Channel.CLI,
        ME,
        "not today",
    )
    assert (done.code, again.code, answer.code) == (0, 4, 4)
    assert f"Cancelled by {ME} on the command line" in answer.errors


def test_a_page_says_that_it_was_answered_on_the_command_line(local_store: str) -> None:
    with open_house(local_store) as house:
        request = house.ask(int)
        assert hitl("answer", request.request_id, "7", store=local_store).code == 0
        page = httpx.get(house.link(request).url, timeout=20).text

    assert "on the command line" in page
    assert ME in page


def test_of_commands_and_forms_at_once_one_wins(store_url: str) -> None:
    with open_house(store_url) as house:
        request = house.ask(int)
        fields = {"request_id": request.request_id, "token": house.link(request).token}

        def by_command(number: int) -> bool:
            done = hitl("answer", request.request_id, str(number), store=store_url)
            assert done.code in (0, 4)
            return done.code == 0

        def by_form(number: int) -> bool:
            # So that the processes have started by then, and any may win.
            time.sleep(0.8)
            reply = httpx.post(f"{house.endpoint}/submit", data={**fields, "value": str(number)}, timeout=30)
            assert reply.status_code in (303, 409)
            return reply.status_code == 303

        with ThreadPoolExecutor(9) as racers:
            won = list(racers.map(lambda number: (by_command if number < 3 else by_form)(number), range(9)))
        response = house.response(request)

    assert won.count(True) == 1
    assert response is not None
    assert response.value == won.index(True)


def test_a_person_at_a_terminal_is_asked_field_by_field(local_store: str) -> None:
    asker = Asker(local_store)
    request = asker.ask(Order, name="order", prompt="What shall we order?")

    with at_a_terminal("answer", request.request_id, store=local_store) as person:
        person.until_shown("What shall we order?")
        person.answer("Name:", "tea")
        person.answer("Size:", "7")
        person.until_shown("Choose by a number")
        person.answer("Size:", "2")
        person.answer("[y/N]:", "y")
        person.answer("Item:", "green")
        person.answer("Price [2.5]:", "lots")
        person.answer("[y/N]:", "n")
        person.answer("Note (optional):", "")
        person.answer("Comment:", "with milk")
        person.answer("[Y/n]:", "")
        # The same fields once more, filled with what was typed.
        person.until_shown("✗ value.lines.0.price")
        person.answer("Name [tea]:", "")
        person.answer("Size [2]:", "")
        person.answer("Item [green]:", "")
        person.answer("Price [lots]:", "3")
        person.answer("[y/N]:", "n")
        person.answer("Note (optional):", "")
        person.answer("Comment:", "with milk")
        person.answer("[Y/n]:", "")
        assert person.ended() == 0
        assert "Accepted" in person.shown

    outcome = asker.outcome(request)
    assert outcome is not None
    assert outcome.value == ORDER
    assert outcome.comment == "with milk"


def test_a_secret_that_is_typed_is_not_shown(local_store: str) -> None:
    asker = Asker(local_store)
    request = asker.ask(Login)

    with at_a_terminal("answer", request.request_id, "--comment", "", store=local_store) as person:
        person.answer("User:", "ada")
        person.answer("Password:", "hunter2")
        person.answer("[Y/n]:", "")
        assert person.ended() == 0
        assert "hunter2" not in person.shown

    assert asker.outcome(request) is not None


def test_who_changes_his_mind_answers_nothing(local_store: str) -> None:
    asker = Asker(local_store)
    request = asker.ask(bool)

    with at_a_terminal("answer", request.request_id, store=local_store) as person:
        person.answer("Your answer:", "y")
        person.answer("Comment:", "")
        person.answer("[Y/n]:", "n")
        assert person.ended() == 130
    with at_a_terminal("answer", request.request_id, store=local_store) as person:
        person.until_shown("Your answer:")
        assert person.interrupted() == 130

    assert asker.outcome(request) is None


def test_a_question_that_is_closed_is_not_asked_at_the_terminal(local_store: str) -> None:
    asker = Asker(local_store)
    request = asker.ask(bool)
    run(answered(asker.service, request, "yes", responder="Ada"))

    with at_a_terminal("answer", request.request_id, store=local_store) as person:
        assert person.ended() == 4
        assert "by Ada" in person.shown


class Signed(BaseModel):
    by: str
    scan: File
    pages: list[File] = []


def stored(asker: Asker, request: Request, leaf: Any) -> bytes:
    """The bytes of a file among an answer, as the store has them."""

    async def read() -> bytes:
        record = await asker.service.uploads.read(request.request_id, leaf["upload"])
        return b"".join([piece async for piece in asker.service.uploads.content(record)])

    return run(read())


def test_files_are_sent_from_the_disk(store_url: str, tmp_path: Path) -> None:
    asker = Asker(store_url)
    request = asker.ask(Signed)
    scan, page = tmp_path / "scan=1.pdf", tmp_path / "page.txt"
    scan.write_bytes(b"%PDF-1.7\n" + bytes(3_000_000))
    page.write_text("one")

    done = hitl(
        "answer",
        request.request_id,
        '{"by": "Ada"}',
        *("--file", f"scan={scan}", "--file", f"value.pages={page}", "--file", f"pages={page}"),
        store=store_url,
    )

    outcome = asker.outcome(request)
    assert (done.code, done.errors) == (0, "")
    assert outcome is not None
    value: Any = outcome.value
    assert value["by"] == "Ada"
    assert (value["scan"]["name"], value["scan"]["media_type"]) == ("scan=1.pdf", "application/pdf")
    assert stored(asker, request, value["scan"]) == scan.read_bytes()
    assert [stored(asker, request, each) for each in value["pages"]] == [b"one", b"one"]


def test_a_file_alone_needs_no_field(local_store: str, tmp_path: Path) -> None:
    asker = Asker(local_store)
    request = asker.ask(File)
    scan = tmp_path / "a=b.txt"
    scan.write_text("one")

    assert hitl("answer", request.request_id, "--file", str(scan), store=local_store).code == 0

    outcome = asker.outcome(request)
    assert outcome is not None
    assert stored(asker, request, outcome.value) == b"one"


def test_a_file_that_does_not_fit_is_refused_and_the_question_stays_open(local_store: str, tmp_path: Path) -> None:
    asker = Asker(local_store)
    request = asker.ask(Annotated[File, Upload(media_types=["application/pdf"], max_bytes=10)])
    number = asker.ask(int, name="number")
    text, large = tmp_path / "text.txt", tmp_path / "large.pdf"
    text.write_text("one")
    large.write_bytes(b"%PDF-1.7\n" + bytes(10))

    def code(asked: Request, path: Path) -> int:
        done = hitl("answer", asked.request_id, "--file", str(path), store=local_store)
        assert len(done.errors.splitlines()) == 1
        return done.code

    assert code(request, text) == 5
    assert code(request, large) == 5
    assert code(number, text) == 5
    assert code(request, tmp_path / "missing.pdf") == 2
    assert asker.outcome(request) is None


def test_a_review_is_answered_by_a_list_and_not_by_typing(local_store: str) -> None:
    asker = Asker(local_store)
    request = run(review_asked(asker.service, ["a cat", "a dog"]))

    shown = hitl("show", request.request_id, store=local_store)
    with at_a_terminal("answer", request.request_id, store=local_store) as person:
        assert person.ended() == 2
        assert "flyte hitl open" in person.shown
    short = hitl("answer", request.request_id, "[true]", store=local_store)
    done = hitl("answer", request.request_id, "[true, false]", store=local_store)

    outcome = asker.outcome(request)
    closed = hitl("show", request.request_id, store=local_store)
    assert "Items     0 of 2 items are decided" in shown.output
    assert "items are decided" not in closed.output
    assert (short.code, done.code) == (5, 0)
    assert outcome is not None
    assert outcome.value == [True, False]


def test_who_is_about_to_answer_has_the_workflow_look_often(local_store: str) -> None:
    asker = Asker(local_store)
    request = asker.ask(bool)
    before = {path for path in (Path(local_store) / "marks").rglob("*") if path.is_file()}

    with at_a_terminal("answer", request.request_id, store=local_store) as person:
        person.until_shown("Your answer:")
        marks = {path for path in (Path(local_store) / "marks").rglob("*") if path.is_file()} - before

    assert len(marks) == 1


def test_an_input_that_is_closed_is_no_terminal(local_store: str) -> None:
    request = Asker(local_store).ask(bool)
    command = [*COMMAND, "answer", request.request_id, "--store", local_store]

    done = subprocess.run(
        ["sh", "-c", '"$@" <&-', "sh", *command],
        capture_output=True,
        env=environment(),
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == Exit.USAGE
    assert done.stderr.startswith("error: ")
