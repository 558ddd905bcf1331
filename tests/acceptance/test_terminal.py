"""Scripts on a real terminal: what they wait for is seen there, and can be answered there.

Each test is a process on a pseudo-terminal of its own, whose screen is drawn as a terminal would.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.support.person import answer, opened, state
from tests.support.scripts import REPOSITORY, SCRIPTS, running_script
from tests.support.terminals import TerminalScript, running_on_terminal

pytestmark = pytest.mark.slow

SCRIPT = SCRIPTS / "at_the_terminal.py"
TYPING = "type an answer"
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


def outcome(home: Path) -> dict[str, Any]:
    (path,) = (home / ".flyte" / "hitl" / "responses").glob("*.json")
    found = json.loads(path.read_text())
    assert isinstance(found, dict)
    return found


def rows_with(script: TerminalScript, text: str) -> list[str]:
    return [line for line in script.lines if text in line]


def test_an_answer_is_typed(tmp_path: Path) -> None:
    with running_on_terminal(SCRIPT, "bool", home=tmp_path) as script:
        row = script.until_seen(TYPING)
        script.type("y\n")
        script.succeeded()

    moment = r"until (\w{3} )?\d\d:\d\d"
    assert re.match(rf"⏳ bool · waiting \d+ s · {moment} · type an answer or open the form · http://", row)
    assert "“bool” is answered: Approve" in script.lines
    assert any(re.match("answer bool True .+ on this machine terminal", line) for line in script.lines)
    assert not rows_with(script, "waiting")
    response = outcome(tmp_path)
    assert (response["channel"], response["value"]) == ("terminal", True)
    assert response["responder"].endswith(" on this machine")


def test_the_documented_example_is_answered_where_it_runs(tmp_path: Path) -> None:
    with running_on_terminal(REPOSITORY / "examples" / "human_in_the_loop.py", home=tmp_path) as script:
        script.until_seen(TYPING)
        assert rows_with(script, "Analysis found 3 anomalies with 87% confidence.")
        script.type("reject\n")
        script.succeeded()

    assert rows_with(script, "Processing rejected by reviewer")


def test_a_local_run_of_flyte_is_answered_where_it_runs(tmp_path: Path) -> None:
    shutil.copy(REPOSITORY / "examples" / "human_in_the_loop.py", tmp_path / "example.py")
    flyte = tmp_path / "flyte_command.py"
    flyte.write_text("from flyte.cli.main import main\nmain()\n")
    with running_on_terminal(flyte, "run", "--local", "example.py", "main", home=tmp_path, columns=100) as script:
        script.until_seen(TYPING)
        script.type("approve\n")
        script.succeeded()

    # Flyte draws a box through rich.
    assert rows_with(script, "│ Completed Local Run")
    assert rows_with(script, "Processing approved")


def test_a_wrong_answer_is_refused_as_on_the_page_and_the_next_is_taken(tmp_path: Path) -> None:
    with running_on_terminal(SCRIPT, "int", home=tmp_path) as script:
        script.until_seen(TYPING)
        link = script.link()
        script.type("1.5\n")
        reason = script.until_seen("is not a whole number")
        assert reason in opened(link).send("1.5").text.replace("&#39;", "'")
        assert state(link)["status"] == "pending"
        script.type("\n")
        script.type("42\n")
        script.succeeded()

    assert rows_with(script, "answer int 42 ")


def test_the_workflow_checks_what_is_typed(tmp_path: Path) -> None:
    with running_on_terminal(SCRIPT, "even", home=tmp_path) as script:
        script.until_seen(TYPING)
        script.type("3\n")
        script.until_seen("3 is odd.")
        script.until_seen(TYPING)
        script.type("4\n")
        script.succeeded()

    assert rows_with(script, "answer even 4 ")


def test_the_page_wins_while_somebody_types(tmp_path: Path) -> None:
    with running_on_terminal(SCRIPT, "str", "input", home=tmp_path) as script:
        script.until_seen(TYPING)
        script.type("half of an ans")
        answer(script.link(), "from the page")
        script.until_seen("name:")
        script.type("wer\n")
        script.succeeded()

    assert any(re.match("“str” was answered by .+ on this machine on the page.", line) for line in script.lines)
    assert rows_with(script, "answer str 'from the page'")
    # It was never ours to take.
    assert "read 'half of an answer'" in script.lines


def test_the_page_is_told_that_the_terminal_was_first(tmp_path: Path) -> None:
    # The second question keeps the app alive.
    with running_on_terminal(SCRIPT, "int", "bool", home=tmp_path) as script:
        script.until_seen(TYPING)
        form = opened(script.link(1))
        script.type("7\n")
        script.until_seen("“bool” asks:")
        page = form.send("8")

    assert page.status_code == 409
    assert "where the script runs" in page.text


def test_what_is_typed_after_the_wait_is_left_for_the_script(tmp_path: Path) -> None:
    with running_on_terminal(SCRIPT, "int", "input", home=tmp_path) as script:
        script.until_seen(TYPING)
        script.type("7\n")
        script.until_seen("answer int 7")
        script.type("Ada\n")
        script.succeeded()

    # Behind the prompt, where that came after what was typed.
    assert any(line.endswith("read 'Ada'") for line in script.lines)


def test_what_was_typed_before_the_question_is_no_answer(tmp_path: Path) -> None:
    with running_on_terminal(SCRIPT, "bool", home=tmp_path) as script:
        script.type("y\n")
        script.until_seen("is not taken for its answer")
        script.until_seen(TYPING)
        assert state(script.link())["status"] == "pending"
        script.type("n\n")
        script.succeeded()

    assert rows_with(script, "answer bool False")


def test_several_questions_are_put_in_the_order_in_which_they_were_asked(tmp_path: Path) -> None:
    words = ["literal", "enum", "approval", "date", "float", "list", "secret"]
    with running_on_terminal(SCRIPT, *words, home=tmp_path) as script:
        script.until_seen("literal and 6 more")
        script.until_seen("“literal” asks:")
        for name, typed in (("enum", "2\n"), ("approval", "GREEN\n"), ("date", "n: too early\n")):
            script.type(typed)
            script.until_seen(f"“{name}” asks:")
        # It leaves the queue.
        answer(script.link(5), "0.5")
        script.type("2026-12-24\n")
        script.until_seen("list and 1 more")
        assert "answer on the form" in script.until_seen("waiting")

    assert [line.split(" root")[0] for line in rows_with(script, "answer ") if "asks" not in line]
    for row in (
        "answer literal 'dog'",
        "answer enum <Colour.GREEN: 'green'>",
        "answer approval Approval(approved=False, reason='too early')",
        "answer date datetime.date(2026, 12, 24)",
        "answer float 0.5",
    ):
        assert rows_with(script, row)
    for name in ("float", "list", "secret"):
        assert not rows_with(script, f"“{name}” asks:")


def test_what_the_script_prints_stays_whole(tmp_path: Path) -> None:
    with running_on_terminal(SCRIPT, "print", "int", home=tmp_path, rows=10) as script:
        script.until_seen(TYPING)
        script.until_seen("half 30 and half")
        script.until(lambda: script.written.count("⏳") > 8, "more of the line")
        # The cursor was left at its start.
        assert "30 of 30 ..." in script.lines
        script.type("7\n")
        script.succeeded()

    for number in range(1, 31):
        assert f"out {number}, a line of the script" in script.lines
        assert f"err {number}, a line of the script" in script.lines
        assert f"half {number} and half" in script.lines, script.seen
    # It was drawn meanwhile, many times, and nothing is left of it.
    assert script.written.count("⏳") > 8
    assert not rows_with(script, "⏳")


def test_a_prompt_cannot_speak_to_the_terminal(tmp_path: Path) -> None:
    with running_on_terminal(SCRIPT, "int", home=tmp_path) as script:
        script.until_seen("What do *you* think?")

    assert "\x1b[31m" not in script.written


def test_piped_input_is_left_alone(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"from the pipe\n")
    os.close(writing)
    with running_on_terminal(SCRIPT, "str", "input", home=tmp_path, standard_input=reading) as script:
        os.close(reading)
        script.until_seen("answer on the form")
        answer(script.link(), "from the page")
        script.succeeded()

    assert rows_with(script, "answer str 'from the page'")
    assert rows_with(script, "read 'from the pipe'")


@pytest.mark.parametrize("is_closed", [True, False])
def test_a_script_without_input_waits_all_the_same(is_closed: bool, tmp_path: Path) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    with running_on_terminal(SCRIPT, "str", home=tmp_path, standard_input=nothing, without_input=is_closed) as script:
        os.close(nothing)
        script.until_seen("answer on the form")
        answer(script.link(), "from the page")
        script.succeeded()

    assert rows_with(script, "answer str 'from the page'")


def test_the_end_of_the_input_ends_no_wait(tmp_path: Path) -> None:
    with running_on_terminal(SCRIPT, "int", home=tmp_path) as script:
        script.until_seen(TYPING)
        script.type("\x04")
        script.until(lambda: script.written.count("⏳") > 5, "more of the line")
        # In the middle of a line, it hands over what is there.
        script.type("1\x04")
        script.type("2\n")
        script.succeeded()

    assert rows_with(script, "answer int 12 ")


def test_a_job_in_the_background_takes_nothing_and_draws_nothing(tmp_path: Path) -> None:
    with running_on_terminal(SCRIPT, "int", home=tmp_path, job="back") as script:
        script.until_seen("Waiting for an answer to “int” until ")
        script.type("7\n")
        answer(script.link(), "8")
        script.succeeded()

    assert rows_with(script, "answer int 8 ")
    assert "\x1b" not in script.written


def test_a_job_that_is_put_into_the_background_takes_nothing_until_it_is_in_front_again(tmp_path: Path) -> None:
    with running_on_terminal(SCRIPT, "int", home=tmp_path, job="front") as script:
        script.until_seen(TYPING)
        script.put_back()
        # Whoever reads this from the background is stopped by the system.
        script.type("a command for the shell\n")
        script.until_seen("Waiting for an answer to “int”")
        drawn = script.written.count("⏳")
        assert state(script.link())["status"] == "pending"
        assert script.written.count("⏳") == drawn
        script.bring_forward()
        script.until_seen("is not taken for its answer")
        script.type("7\n")
        script.succeeded()

    assert rows_with(script, "answer int 7 ")


def test_a_job_that_is_stopped_goes_on_where_it_was(tmp_path: Path) -> None:
    with running_on_terminal(SCRIPT, "int", home=tmp_path, job="front") as script:
        script.until_seen(TYPING)
        script.stop_job()
        assert script.mode == script.first_mode
        script.go_on()
        script.type("7\n")
        script.succeeded()

    assert rows_with(script, "answer int 7 ")


def test_the_line_fits_a_window_that_was_made_smaller(tmp_path: Path) -> None:
    with running_on_terminal(SCRIPT, "int", home=tmp_path, columns=120) as script:
        script.until_seen(TYPING)
        assert len(script.until_seen("⏳")) > 60
        script.resize(40, 60)
        script.until(lambda: 40 < len(script.until_seen("⏳")) < 60, "line that fits")
        script.type("7\n")
        script.succeeded()


def test_a_script_that_fails_leaves_the_terminal_as_it_was(tmp_path: Path) -> None:
    with running_on_terminal(SCRIPT, "int", "fail", home=tmp_path) as script:
        assert script.ended() == 1
        assert script.mode == script.first_mode

    assert "“int” is waited for no more." in script.lines
    assert rows_with(script, "ValueError: The script fails.")
    assert not rows_with(script, "⏳")
    assert not re.search(r"\x1b\[\?|\x1b\[\d*;?\d*r", script.written)


def test_ctrl_c_ends_the_script_and_leaves_the_terminal_as_it_was(tmp_path: Path) -> None:
    with running_on_terminal(SCRIPT, "int", home=tmp_path) as script:
        script.until_seen(TYPING)
        assert script.mode == script.first_mode
        script.type("\x03")
        status = script.ended()
        assert script.mode == script.first_mode

    assert status in (-signal.SIGINT, 128 + signal.SIGINT, 1)
    assert rows_with(script, "KeyboardInterrupt")
    assert not rows_with(script, "⏳")
    assert outcome(tmp_path)["channel"] == "run_ended"


def test_ctrl_c_ends_a_script_that_blocks_with_no_more_than_its_own_traceback(tmp_path: Path) -> None:
    blocking = tmp_path / "blocking.py"
    blocking.write_text("import flyteplugins.hitl as hitl\nhitl.new_event('review', data_type=bool).wait()\n")
    with running_on_terminal(blocking, home=tmp_path) as script:
        script.until_seen(TYPING)
        script.type("\x03")
        status = script.ended()
        assert script.mode == script.first_mode

    assert status == -signal.SIGINT
    assert "“review” is waited for no more." in script.lines
    assert script.seen.rstrip().endswith("KeyboardInterrupt:")
    assert script.seen.count("Traceback") + script.seen.count("traceback") == 1
    assert outcome(tmp_path)["channel"] == "run_ended"


CATCHING = """
import flyteplugins.hitl as hitl

try:
    hitl.new_event("first", data_type=bool).wait()
except KeyboardInterrupt:
    print("answer", hitl.new_event("second", data_type=bool).wait())
"""


def test_after_ctrl_c_a_script_may_ask_something_else(tmp_path: Path) -> None:
    catching = tmp_path / "catching.py"
    catching.write_text(CATCHING)
    with running_on_terminal(catching, home=tmp_path) as script:
        script.until_seen(TYPING)
        script.type("\x03")
        script.until_seen("“second” asks:")
        assert rows_with(script, "“first” is waited for no more.")
        script.until_seen("⏳ second")
        script.type("y\n")
        script.succeeded()

    assert "answer True" in script.lines


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_killed_script_leaves_the_terminal_as_it_was(number: signal.Signals, tmp_path: Path) -> None:
    with running_on_terminal(SCRIPT, "int", home=tmp_path) as script:
        script.until_seen(TYPING)
        script.send(number)
        assert script.ended() == -number
        assert script.mode == script.first_mode

    # No mode was set that would have to be taken back: the cursor is shown, and the whole screen scrolls.
    assert not re.search(r"\x1b\[\?|\x1b\[\d*;?\d*r", script.written)


def test_without_colour_only_the_place_of_the_line_is_told(tmp_path: Path) -> None:
    with running_on_terminal(SCRIPT, "int", home=tmp_path, environment={"NO_COLOR": "1"}) as script:
        script.until_seen(TYPING)

    assert not re.search(r"\x1b\[[0-9;]*m", script.written)


@pytest.mark.parametrize("environment", [{"FLYTE_HITL_PROGRESS": "0"}, {"TERM": "dumb"}])
def test_it_is_switched_off(environment: dict[str, str], tmp_path: Path) -> None:
    with running_on_terminal(SCRIPT, "int", "input", home=tmp_path, environment=environment) as script:
        link = script.link()
        script.type("Ada\n")
        answer(link, "7")
        script.succeeded()

    assert "\x1b" not in script.written
    assert rows_with(script, "read 'Ada'")
    assert bool(rows_with(script, "Waiting for")) <= ("TERM" in environment)


def test_a_pipe_after_the_script_is_not_drawn_over(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    with running_on_terminal(SCRIPT, "int", home=tmp_path, standard_output=writing) as script:
        os.close(writing)
        script.until_seen("Waiting for an answer to “int”")
        with os.fdopen(reading) as printed:
            link = next(line for line in printed if line.startswith("http"))
        script.kill()

    assert "/form/" in link
    assert "\x1b" not in script.written


def test_a_log_gets_one_line_when_the_waiting_begins_and_one_when_it_ends(tmp_path: Path) -> None:
    with running_script(SCRIPT, "int", home=tmp_path) as script:
        link = script.link()
        script.until(lambda: script.errors, "line that says what is waited for")
        answer(link, "7")
        script.succeeded()

    first, last = script.errors.splitlines()
    assert re.fullmatch(r"Waiting for an answer to “int” until (\w+ )?\d\d:\d\d\.", first)
    assert re.fullmatch(r"“int” was answered by .+ on this machine on the page\.", last)
    assert not CONTROL.search(script.errors + script.output)
