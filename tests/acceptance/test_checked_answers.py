"""Checks of answers as a user has them: in a task that is tried again, and in a script that ends before it checked.

Held here: an answer that was kept is not lost (P2), and is accepted only if the workflow gets it (P1).
"""

from __future__ import annotations

import signal
import time
from pathlib import Path

import httpx
import pytest

from tests.support.person import opened, state
from tests.support.scripts import SCRIPTS, Link, running_script

pytestmark = pytest.mark.slow


def check_of(link: Link) -> str:
    check = state(link)["check"]
    return "" if check is None else str(check["state"])


def becomes(link: Link, expected: str) -> bool:
    for _ in range(1000):
        if check_of(link) == expected:
            return True
        time.sleep(0.02)
    return False


def test_a_check_that_fails_fails_the_task_and_its_retry_checks_the_same_answer(tmp_path: Path) -> None:
    with running_script(SCRIPTS / "validated_task.py", home=tmp_path) as script:
        link = script.link(1)
        assert opened(link).send("41", follow=False).status_code == 303
        assert script.link(2) == link
        assert becomes(link, "refused")
        page = opened(link).send("12", follow=False)
        assert page.headers["location"].endswith("&candidate=1")
        script.succeeded()

    assert script.lines[-1] == "answer 12 asked about [41, 41, 12]"


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_answer_that_was_kept_is_checked_when_the_script_comes_back(how: signal.Signals, tmp_path: Path) -> None:
    script_file, home = SCRIPTS / "validated.py", tmp_path / "home"
    variables = {"ASKED_LOG": str(tmp_path / "asked.txt")}
    with running_script(script_file, home=home, environment=variables | {"HOLD": "1"}) as script:
        link = script.link()
        kept = opened(link).send("12")
        assert "Your answer is" in kept.text
        assert "Answer accepted" not in kept.text
        script.until(lambda: (tmp_path / "asked.txt").exists(), "check")
        script.send(how)
        script.ended()
    with pytest.raises(httpx.TransportError):
        state(link)

    with running_script(script_file, home=home, environment=variables) as script:
        assert script.link() == link
        script.succeeded()
    assert script.lines[-1] == "answer 12"


def test_a_type_with_rules_of_its_own_is_checked_by_them_before_an_answer_is_accepted(tmp_path: Path) -> None:
    with running_script(SCRIPTS / "own_rules.py", home=tmp_path) as script:
        link = script.link()
        for hours, outcome in (("41", "refused"), ("12", "")):
            fields = opened(link).fields | {"value.hours": hours}
            sent = httpx.post(f"{link.endpoint}/submit", data=fields, timeout=20)
            assert sent.status_code == 303
            if outcome:
                assert becomes(link, outcome)
                page = httpx.get(link.url + "&candidate=0", timeout=20).text
                assert "41 is odd" in page
                assert 'value="41"' in page
        script.succeeded()

    assert script.lines[-1] == "answer hours=12"
