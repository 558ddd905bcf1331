"""What `docs/comparison.md` says of Flyte's own condition on a laptop, and of an event beside it: both are run.

Where Flyte changes, a test here fails, and the page has to be read again.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.person import answer, opened
from tests.support.scripts import SCRIPTS, RunningScript, clean_environment, running_script

pytestmark = pytest.mark.slow

SCRIPT = SCRIPTS / "beside_conditions.py"
LIMIT_SECONDS = 90


def condition(what: str, kind: str = "bool", *, typed: str | None, home: Path) -> subprocess.CompletedProcess[str]:
    """Runs the side of the condition, with lines on its standard input, or with that closed at once."""
    return subprocess.run(
        [sys.executable, str(SCRIPT), "condition", what, kind],
        input=typed or "",
        env=clean_environment(home),
        cwd=home,
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )


@contextlib.contextmanager
def asking_condition(what: str, *more: str, home: Path) -> Iterator[subprocess.Popen[str]]:
    """Runs the side of the condition until it asks; nobody has typed anything yet."""
    process = subprocess.Popen(
        [sys.executable, str(SCRIPT), "condition", what, *more],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=clean_environment(home),
        cwd=home,
        text=True,
    )
    assert process.stdout is not None
    output = ""
    try:
        while "How many?" not in output:
            character = process.stdout.read(1)
            assert character, output
            output += character
        yield process
    finally:
        process.kill()
        process.communicate()


def answers_of(done: subprocess.CompletedProcess[str]) -> str:
    """What it printed last; the prompts of the condition stand on the same row."""
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.rpartition("answer ")[2].strip()


def answered(script: RunningScript, *values: str) -> str:
    for number, value in enumerate(values, start=1):
        answer(script.link(number), value)
    script.succeeded()
    return script.lines[-1].removeprefix("answer ")


def test_without_standard_input_a_condition_fails_and_an_event_waits(tmp_path: Path) -> None:
    failed = condition("wait", typed=None, home=tmp_path)
    # Standard input is empty here, as in a job, a container, or a notebook's kernel.
    with running_script(SCRIPT, "event", "wait", home=tmp_path) as script:
        assert answered(script, "yes") == "True"

    assert failed.returncode != 0
    assert "EOFError" in failed.stdout + failed.stderr


def test_both_are_answered_on_a_laptop(tmp_path: Path) -> None:
    assert answers_of(condition("wait", "int", typed="7\n", home=tmp_path)) == "7"
    with running_script(SCRIPT, "event", "wait", "int", home=tmp_path) as script:
        assert answered(script, "7") == "7"


def test_a_condition_takes_no_other_word_than_y_and_n(tmp_path: Path) -> None:
    done = condition("wait", typed="yes\nmaybe\nn\n", home=tmp_path)

    assert done.stdout.count("Please enter Y or N") == 2
    assert answers_of(done) == "False"
    with running_script(SCRIPT, "event", "wait", home=tmp_path) as script:
        page = opened(script.link()).send("maybe")
        assert page.status_code == 422
        assert answered(script, "yes") == "True"


def test_a_condition_takes_nan_for_a_number_and_an_event_refuses_it(tmp_path: Path) -> None:
    assert answers_of(condition("wait", "float", typed="nan\n", home=tmp_path)) == "nan"
    with running_script(SCRIPT, "event", "wait", "float", home=tmp_path) as script:
        assert opened(script.link()).send("nan").status_code == 422
        assert answered(script, "0.5") == "0.5"


def test_a_condition_asks_for_four_types_only(tmp_path: Path) -> None:
    failed = condition("wait", "list", typed="1\n", home=tmp_path)
    with running_script(SCRIPT, "event", "wait", "list", home=tmp_path) as script:
        sent = {"request_id": script.link().request_id, "token": script.link().token, "value": [1, 2]}
        assert httpx.post(f"{script.link().endpoint}/submit/json", json=sent, timeout=20).status_code == 200
        script.succeeded()
        assert script.lines[-1] == "answer [1, 2]"

    assert failed.returncode != 0
    assert "Must be one of" in failed.stdout + failed.stderr


def test_outside_of_a_task_only_an_event_can_be_waited_for(tmp_path: Path) -> None:
    failed = condition("outside", typed="y\n", home=tmp_path)
    with running_script(SCRIPT, "event", "outside", home=tmp_path) as script:
        assert answered(script, "yes") == "True"

    assert failed.returncode != 0
    assert "Conditions can only be awaited within a task context" in failed.stderr


def test_while_a_condition_is_waited_for_the_task_stands_still(tmp_path: Path) -> None:
    with asking_condition("beside", home=tmp_path) as process:
        # Other work of the task would come to its turn a hundred times meanwhile.
        time.sleep(1)
        output, _ = process.communicate("y\n", timeout=LIMIT_SECONDS)

    assert "answer stood still" in output
    with running_script(SCRIPT, "event", "beside", home=tmp_path) as script:
        assert answered(script, "yes") == "went on"


def test_after_its_time_out_a_condition_holds_the_process_until_a_line_is_typed(tmp_path: Path) -> None:
    with asking_condition("time_out", home=tmp_path) as process:
        with pytest.raises(subprocess.TimeoutExpired):
            # The time-out is one second.
            process.wait(6)
        output, _ = process.communicate("y\n", timeout=LIMIT_SECONDS)

    assert "answer ConditionTimedoutError False" in output
    with running_script(SCRIPT, "event", "time_out", home=tmp_path) as script:
        # Nobody types anything.
        script.succeeded()
        assert script.lines[-1] == "answer EventTimedOut True"


def test_two_of_one_name_are_two_on_a_laptop(tmp_path: Path) -> None:
    assert answers_of(condition("twice", "int", typed="1\n2\n", home=tmp_path)) == "[1, 2]"
    with running_script(SCRIPT, "event", "twice", "int", home=tmp_path) as script:
        assert answered(script, "1", "2") == "[1, 2]"


def test_a_script_that_is_killed_asks_a_condition_anew_and_finds_its_event_again(tmp_path: Path) -> None:
    run = f"hitl-test-{uuid.uuid4().hex[:12]}"
    for _ in range(2):
        with asking_condition("wait", "int", run, home=tmp_path) as process:
            process.kill()
    with running_script(SCRIPT, "event", "wait", "int", run, home=tmp_path) as script:
        link = script.link()
        script.kill()
    with running_script(SCRIPT, "event", "wait", "int", run, home=tmp_path) as script:
        assert script.link() == link
        assert answered(script, "7") == "7"
