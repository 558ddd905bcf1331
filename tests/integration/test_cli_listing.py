"""`flyte hitl list` and `show`, as processes on real stores."""

from __future__ import annotations

import subprocess
from datetime import datetime, timezone
from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr
from rich.cells import cell_len

from flyteplugins.hitl._records import Attachment, Question, StoredFile
from tests.support.commands import COMMAND, Asker, at_a_terminal, environment, hitl
from tests.support.house import run
from tests.support.questions import answered, kept

pytestmark = pytest.mark.slow

HOSTILE = "\x1b[2J\x1b]0;owned\x07 \u202eevil\r\nsecond"


class Login(BaseModel):
    user: str
    password: SecretStr


def test_what_is_open_is_listed_the_oldest_first(store_url: str) -> None:
    asker = Asker(store_url)
    first = asker.ask(name="deploy", prompt="\n# Deploy *now*?\n\nThere is more.", timeout_seconds=None)
    second = asker.ask(int, name="hours", prompt="How many?", timeout_seconds=3600)

    listed = hitl("list", store=store_url)

    assert listed.code == 0
    assert [row[0] for row in listed.rows] == [first.request_id, second.request_id]
    assert [row[1] for row in listed.rows] == ["deploy", "hours"]
    assert listed.rows[0][3:] == ["no deadline", "Deploy *now*?"]
    assert second.deadline is not None
    assert datetime.fromisoformat(listed.rows[1][3]) == second.deadline
    assert listed.rows[1][2].endswith(" s")


def test_the_list_as_json_holds_what_the_index_does(store_url: str) -> None:
    request = Asker(store_url).ask(int, name="hours", prompt="How many?\nPlease.")

    (listed,) = hitl("list", "--json", store=store_url).data["requests"]

    assert (listed["request_id"], listed["name"], listed["prompt"]) == (request.request_id, "hours", "How many?")
    assert listed["data_type"] == "int"
    assert listed["origin"]["run"] == "r"
    assert listed["waiting_seconds"] >= 0


def test_what_was_answered_is_not_listed(local_store: str) -> None:
    asker = Asker(local_store)
    request, other = asker.ask(name="a"), asker.ask(name="b")
    run(answered(asker.service, request))

    assert [row[0] for row in hitl("list", store=local_store).rows] == [other.request_id]


def test_the_list_ends_at_its_limit_and_says_so(local_store: str) -> None:
    asker = Asker(local_store)
    for number in range(3):
        asker.ask(name=f"q{number}")

    some = hitl("list", "--limit", "2", store=local_store)

    assert [row[1] for row in some.rows] == ["q0", "q1"]
    assert "--all" in some.errors
    assert [row[1] for row in hitl("list", "--all", "--limit", "1", store=local_store).rows] == ["q0", "q1", "q2"]
    assert hitl("list", "--limit", "2", "--json", store=local_store).data["has_more"] is True


def test_an_empty_store_lists_nothing(tmp_path: Path) -> None:
    listed = hitl("list", store=str(tmp_path))

    assert (listed.code, listed.output) == (0, "")
    assert "Nothing is open" in listed.errors
    assert hitl("list", "--json", store=str(tmp_path)).data == {"requests": [], "has_more": False, "damaged": []}
    assert list(tmp_path.iterdir()) == [], "To look at a store must not make one of it."


def test_a_folder_that_is_not_there_is_an_error_and_is_not_made(tmp_path: Path) -> None:
    folder = tmp_path / "misspelt"

    by_option = hitl("list", store=str(folder))
    by_variable = hitl("list", FLYTE_HITL_STORE=str(folder))

    assert by_option.code == by_variable.code == 6
    assert by_option.errors.startswith(f"error: There is no folder {folder}, which --store names")
    assert "FLYTE_HITL_STORE" in by_variable.errors
    assert not folder.exists()


def test_the_store_of_the_laptop_is_used_where_nothing_is_set(tmp_path: Path) -> None:
    request = Asker(str(tmp_path / ".flyte" / "hitl")).ask()

    assert [row[0] for row in hitl("list", HOME=str(tmp_path)).rows] == [request.request_id]


def test_the_option_wins_over_the_variable(tmp_path: Path) -> None:
    here, there = Asker(str(tmp_path / "here")), Asker(str(tmp_path / "there"))
    request, _ = here.ask(), there.ask()

    listed = hitl("list", store=here.store, FLYTE_HITL_STORE=there.store)

    assert [row[0] for row in listed.rows] == [request.request_id]


@pytest.mark.parametrize("command", ["list", "show"])
def test_nothing_of_a_workflow_moves_the_terminal(command: str, local_store: str) -> None:
    request = Asker(local_store).ask(name=f"name{HOSTILE}", prompt=f"prompt{HOSTILE}")
    arguments = [command] if command == "list" else [command, request.request_id]

    piped = hitl(*arguments, store=local_store)
    with at_a_terminal(*arguments, store=local_store, NO_COLOR="1", TERM="dumb") as process:
        assert process.ended() == 0
        screen = process.written

    for text in (piped.output, screen):
        assert "owned" in text
        assert not set(text) & {"\x1b", "\x07", "\u202e"}


def test_a_terminal_gets_a_table_in_colours_and_a_pipe_plain_lines(local_store: str) -> None:
    request = Asker(local_store).ask(name="deploy", timeout_seconds=3600)

    piped = hitl("list", store=local_store)
    with at_a_terminal("list", store=local_store) as process:
        process.ended()
    with at_a_terminal("list", store=local_store, NO_COLOR="1") as without:
        without.ended()

    assert piped.output.isascii()
    assert "\x1b[" in process.written
    assert "Time left" in process.shown
    assert request.request_id in process.shown
    assert "\x1b[3" not in without.written


def test_a_narrow_terminal_shows_the_question_and_the_whole_id(local_store: str) -> None:
    asker = Asker(local_store)
    requests = [
        asker.ask(name=name, prompt="進めますか？" * 20, timeout_seconds=3600) for name in ("deploy", "承認" * 20)
    ]

    with at_a_terminal("list", store=local_store, COLUMNS="40") as process:
        process.ended()

    rows = [row for row in process.shown.splitlines() if row]
    assert len(rows) == 4
    assert all(cell_len(row) <= 40 for row in rows)
    assert rows[0].startswith("deploy  進めますか？")
    assert [row.split()[0] for row in rows[1::2]] == [request.request_id for request in requests]
    assert rows[1].endswith(" min")


@pytest.mark.parametrize("arguments", [("list", "--all"), ("list", "--all", "--json"), ("watch", "--interval", "0.1")])
def test_a_reader_that_goes_away_is_no_error_to_tell(arguments: tuple[str, ...], local_store: str) -> None:
    asker = Asker(local_store)
    for number in range(3):
        asker.ask(name=f"deploy_{number}", prompt="Deploy? " * 100)
    with subprocess.Popen(
        [*COMMAND, *arguments, "--store", local_store],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        errors = process.stderr.read()

    assert errors == ""
    assert process.returncode == 1


def test_show_tells_all_there_is(store_url: str) -> None:
    asker = Asker(store_url)
    request = asker.ask(int, name="hours", prompt="How many?\n\nOf work.", on_timeout=3)
    run(answered(asker.service, request, "7", comment="as agreed", responder="Ada"))

    shown = hitl("show", request.request_id, store=store_url)
    data = hitl("show", request.request_id, "--json", store=store_url).data

    assert shown.code == 0
    for text in (
        request.request_id,
        "How many?",
        "Of work.",
        "completed",
        "as agreed",
        "answered by Ada through the form",
    ):
        assert text in shown.output
    assert (data["status"], data["prompt"], data["data_type"]) == ("completed", "How many?\n\nOf work.", "int")
    assert data["on_timeout"] == {"value": 3}
    assert (data["outcome"]["value"], data["outcome"]["responder"]) == (7, "Ada")


def test_show_tells_the_log_of_answers_that_were_checked(local_store: str) -> None:
    asker = Asker(local_store)
    request = asker.ask(int, name="hours", is_validated=True)
    run(kept(asker.service, request, "50", responder="Ada"))

    data = hitl("show", request.request_id, "--json", store=local_store).data
    shown = hitl("show", request.request_id, store=local_store)

    assert data["status"] == "pending"
    assert [(each["candidate"], each["state"], each["responder"]) for each in data["checks"]] == [(0, "kept", "Ada")]
    assert "answer 1 kept by Ada" in shown.output


def test_show_names_what_is_shown(local_store: str) -> None:
    asker = Asker(local_store)
    stored = StoredFile(digest="a" * 64, size=2048, media_type="text/csv", file_name="sales.csv")
    content = Question(
        name="report",
        prompt="Fine?",
        data_type="bool",
        answer_schema={"type": "boolean"},
        show=(Attachment(kind="table", title="Sales", files=(stored,)),),
    )
    request = asker.put(content)

    assert "table: Sales: sales.csv" in hitl("show", request.request_id, store=local_store).output


def test_a_secret_is_never_shown(local_store: str) -> None:
    asker = Asker(local_store)
    request = asker.ask(Login)
    given = hitl(
        "answer", request.request_id, "--value-json", '{"user": "ada", "password": "hunter2"}', store=local_store
    )

    said = [given.output, given.errors]
    for arguments in (["show"], ["show", "--json"]):
        said.append(hitl(*arguments, request.request_id, store=local_store).output)

    assert given.code == 0
    assert "ada" in said[2]
    assert not any("hunter2" in text or "sealed:" in text for text in said)


def test_a_deadline_that_is_over_is_told(local_store: str) -> None:
    request = Asker(local_store).ask(timeout_seconds=0.001)
    assert request.deadline is not None
    assert request.deadline < datetime.now(timezone.utc)

    data = hitl("show", request.request_id, "--json", store=local_store).data

    assert (data["status"], data["outcome"]) == ("timed_out", None)
    assert hitl("list", store=local_store).output == ""
