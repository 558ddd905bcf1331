"""Scripts that show things, are killed, and are started again.

Holds P2 (the same things shown are the same question) and P4 (other things shown are another question).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.person import answer, state
from tests.support.scripts import SCRIPTS, running_script

pytestmark = pytest.mark.slow

SHOWN = SCRIPTS / "shown.py"


def test_the_same_things_shown_are_the_same_question_with_the_same_link(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with running_script(SHOWN, "as it was", home=home) as script:
        first = script.link()
    with running_script(SHOWN, "as it was", home=home) as script:
        assert script.link() == first
        answer(first, "true")
        script.succeeded()
        assert "answer True" in script.lines

    assert len(list((home / ".flyte" / "hitl" / "requests").rglob("*.json"))) == 1


def test_other_things_shown_are_another_question_and_the_old_link_says_so(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with running_script(SHOWN, "as it was", home=home) as script:
        first = script.link()
    with running_script(SHOWN, "as it is now", home=home) as script:
        second = script.link()
        assert second != first
        assert state(first)["status"] == "replaced"
        answer(second, "true")
        script.succeeded()


def test_what_cannot_be_shown_is_an_error_when_the_event_is_made_and_nobody_is_asked(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with running_script(SHOWN, "gone", home=home) as script:
        assert script.ended() != 0
        assert "InvalidParameter: `show[6]`: report.txt cannot be read: No such file or directory." in script.output
        assert script.links == []

    assert not (home / ".flyte" / "hitl" / "requests").exists()
