"""Holds the pytest plugin by real runs of pytest, each in a process and a folder of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
PLUGIN = ("-p", "no:hitl", "-p", "flyteplugins._hitl_pytest")
"""Named by its module: the entry point, which may or may not be installed, has tests of its own."""

SUITE = """
import asyncio

import flyte
import pytest

import flyteplugins.hitl as hitl
from flyteplugins.hitl import testing

env = flyte.TaskEnvironment(name="suite")


@env.task
async def main() -> bool:
    event = await hitl.new_event.aio("review", data_type=bool, prompt="Is this right?")
    return await event.wait.aio()


def ask(**options):
    return hitl.new_event("review", data_type=bool, prompt="Is this right?", **options).wait()


def test_passes():
    with testing.answers({"review": True}) as asked:
        assert ask()
    assert asked["review"].prompt == "Is this right?"


def test_never():
    with testing.answers({"review": testing.never()}), pytest.raises(TimeoutError):
        ask()


def test_clock():
    with testing.answers({"review": testing.left_open()}) as asked:
        event = hitl.new_event("review", data_type=bool)
        asked.clock.advance(3600)
        with pytest.raises(TimeoutError):
            event.wait()


def test_refused_then_taken():
    with testing.answers({"review": testing.in_turn(testing.refused("maybe"), True)}) as asked:
        assert ask()
    assert asked["review"].errors[0].field == "value"


def test_plain_task():
    with testing.answers({"review": True}):
        assert asyncio.run(main())


def test_local_run():
    with testing.answers({"review": True}):
        assert flyte.run(main).outputs()[0] is True


@pytest.mark.asyncio
async def test_async():
    with testing.answers({"review": True}):
        assert await main()


@pytest.mark.parametrize("decision", [True, False])
def test_parametrised(hitl_answers, decision):
    asked = hitl_answers({"review": decision})
    assert ask() is decision
    assert asked.names == ["review"]


def test_unexpected():
    with testing.answers({"label*": "spam"}):
        ask()


def test_unexpected_in_local_run():
    with testing.answers({}):
        flyte.run(main)


def test_unused():
    with testing.answers({"review": True, "revue": True}):
        ask()


def test_wrong():
    with testing.answers({"review": "maybe"}):
        ask()


def test_fixture_unused(hitl_answers):
    hitl_answers({"review": True, "revue": True})
    ask()


def test_fixture_unexpected_and_swallowed(hitl_answers):
    hitl_answers({})
    try:
        ask()
    except Exception:
        pass


def test_fixture_hides_no_failure(hitl_answers):
    hitl_answers({"review": True})
    assert 1 + 1 == 3


def test_forgotten():
    ask()


def test_forgotten_in_local_run():
    flyte.run(main)


def test_forgotten_and_swallowed():
    try:
        ask()
    except Exception:
        pass


@pytest.fixture
def asks():
    ask()


def test_forgotten_in_a_fixture(asks):
    pass


@pytest.mark.hitl_unanswered("ask")
def test_asks_a_person():
    with pytest.raises(TimeoutError):
        ask(timeout_seconds=0.1)


def test_is_guarded_again():
    with pytest.raises(ZeroDivisionError):
        try:
            ask()
        finally:
            1 / 0


def test_is_clean_after_all():
    with testing.answers({"review": True}):
        assert ask()
"""

PASSED = (
    "passes",
    "never",
    "clock",
    "refused_then_taken",
    "plain_task",
    "local_run",
    "async",
    "parametrised[True]",
    "parametrised[False]",
    "asks_a_person",
    "is_clean_after_all",
)
UNEXPECTED = "The workflow asks “review” (bool), and the test has no answer to it.\n    The prompt: Is this right?"
FAILED = {
    "unexpected": f"{UNEXPECTED}\n    Answers are given to: 'label*'",
    "unexpected_in_local_run": UNEXPECTED,
    "unused": "Nobody asked 'revue'.\nAsked was: “review”.",
    "wrong": "The answer 'maybe' to “review” is refused, as a person's would be:\n    value: “maybe” is neither",
    "fixture_unused": "Nobody asked 'revue'.\nAsked was: “review”.",
    "fixture_unexpected_and_swallowed": UNEXPECTED,
    "fixture_hides_no_failure": "assert (1 + 1) == 3",
    "forgotten": "flyteplugins.hitl.testing.answers({...})",
    "forgotten_in_local_run": UNEXPECTED,
    "forgotten_and_swallowed": UNEXPECTED,
    "forgotten_in_a_fixture": UNEXPECTED,
    "is_guarded_again": UNEXPECTED,
}


@dataclass(frozen=True)
class Run:
    """What a run of pytest said.

    Attributes:
        code: Its exit code.
        output: What it printed.
        messages: The message of each test that failed, `None` where it passed, by its name less `test_`.
    """

    code: int
    output: str
    messages: Mapping[str, str | None]


def pytest_run(folder: Path, source: str, *options: str, path: str = "", ini: str = "") -> Run:
    """Runs pytest on one file, with no setting of the machine."""
    (folder / "test_suite.py").write_text(source, encoding="utf-8")
    (folder / "pytest.ini").write_text(f"[pytest]\nasyncio_default_fixture_loop_scope = function\n{ini}\n")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("FLYTE", "_U_", "PYTEST"))}
    home = folder / "home"
    home.mkdir(exist_ok=True)
    search = os.pathsep.join(filter(None, [str(ROOT / "src"), path]))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "-p", "no:cacheprovider", "--junitxml=junit.xml"],
        cwd=folder,
        env={**inherited, "HOME": str(home), "PYTHONPATH": search, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    return Run(done.returncode, done.stdout + done.stderr, _messages(folder / "junit.xml"))


def _messages(report: Path) -> dict[str, str | None]:
    if not report.is_file():
        return {}
    messages: dict[str, str | None] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        problem = next((each for each in case if each.tag in ("failure", "error")), None)
        messages[case.attrib["name"].removeprefix("test_")] = None if problem is None else problem.attrib["message"]
    return messages


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One run of all of it: what one test leaves is seen by the next."""
    return pytest_run(tmp_path_factory.mktemp("suite"), SUITE, *PLUGIN)


@pytest.mark.parametrize("name", PASSED)
def test_this_passes(suite: Run, name: str) -> None:
    assert suite.messages[name] is None


@pytest.mark.parametrize("name", FAILED)
def test_this_fails_and_says_why(suite: Run, name: str) -> None:
    assert FAILED[name] in (suite.messages[name] or "It passed.")


def test_each_of_the_suite_is_looked_at(suite: Run) -> None:
    assert set(suite.messages) == {*PASSED, *FAILED}


def test_a_failed_test_shows_where_the_workflow_asks_and_nothing_of_how_that_was_found_out(suite: Run) -> None:
    assert "return hitl.new_event(" in suite.output
    # As pytest writes a place; what Flyte logs of its tasks is written otherwise.
    assert re.search(r"syncify/_api\.py:\d+", suite.output)
    assert not re.search(r"(_testing/_people|_testing/_runtime|_hitl_pytest|testing)\.py:\d+", suite.output)


ASKS = """
import pytest

def test_asks():
    import flyteplugins.hitl as hitl
    with pytest.raises(TimeoutError):
        hitl.new_event("review", data_type=bool, timeout_seconds=0.1).wait()
"""


def test_the_first_question_of_a_process_is_guarded_too(tmp_path: Path) -> None:
    """It is asked where nothing of the package was loaded when the test began."""
    run = pytest_run(tmp_path, ASKS, *PLUGIN)

    assert "The workflow asks “review”" in (run.messages["asks"] or "")


def test_a_question_is_guarded_though_the_plugin_comes_late(tmp_path: Path) -> None:
    late = 'import flyteplugins.hitl._runtime\npytest_plugins = ["flyteplugins._hitl_pytest"]\n'
    (tmp_path / "conftest.py").write_text(late)

    run = pytest_run(tmp_path, ASKS, "-p", "no:hitl")

    assert "The workflow asks “review”" in (run.messages["asks"] or "")


def test_a_person_is_asked_where_the_option_says_so(tmp_path: Path) -> None:
    run = pytest_run(tmp_path, ASKS, *PLUGIN, "--hitl-unanswered=ask", "-s")

    assert run.messages == {"asks": None}
    assert "“review” waits for an answer:\nhttp://127.0.0.1:" in run.output


def test_a_person_is_asked_where_the_ini_file_says_so(tmp_path: Path) -> None:
    assert pytest_run(tmp_path, ASKS, *PLUGIN, ini="hitl_unanswered = ask").messages == {"asks": None}


def test_the_option_counts_before_the_ini_file(tmp_path: Path) -> None:
    run = pytest_run(tmp_path, ASKS, *PLUGIN, "--hitl-unanswered=fail", ini="hitl_unanswered = ask")

    assert "The workflow asks “review”" in (run.messages["asks"] or "")


MARKED = """
import pytest
@pytest.mark.hitl_unanswered(mode={mode!r})
def test_marked():
    pass
"""


def test_the_marker_may_name_its_argument(tmp_path: Path) -> None:
    assert pytest_run(tmp_path, MARKED.format(mode="ask"), *PLUGIN).messages == {"marked": None}


def test_an_unknown_word_in_a_marker_names_the_test(tmp_path: Path) -> None:
    run = pytest_run(tmp_path, MARKED.format(mode="wrong"), *PLUGIN)

    assert "test_marked: the marker hitl_unanswered is 'wrong'. It takes fail or ask." in run.output


def test_an_unknown_word_in_the_ini_file_is_an_error(tmp_path: Path) -> None:
    run = pytest_run(tmp_path, ASKS, *PLUGIN, ini="hitl_unanswered = maybe")

    assert run.code == pytest.ExitCode.USAGE_ERROR
    assert "hitl_unanswered is 'maybe'. It takes fail or ask." in run.output


LOADED = """
import sys

def test_nothing_is_loaded():
    assert "flyteplugins._hitl_pytest" in sys.modules
    assert not {"flyte", "flyteplugins.hitl", "pydantic"} & set(sys.modules)
"""


def test_a_run_that_asks_nothing_loads_nothing(tmp_path: Path) -> None:
    assert pytest_run(tmp_path, LOADED, *PLUGIN).messages == {"nothing_is_loaded": None}


ENTRY_POINT = """
def test_plugins(request):
    plugin = request.config.pluginmanager.get_plugin("hitl")
    print("The plugin is", plugin)
"""


@pytest.fixture
def installed(tmp_path: Path) -> str:
    """A folder in which the entry point lies as it is declared, as if the package was installed from here."""
    declared = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    table = re.search(r"\[project\.entry-points\.pytest11\]\n((?:\w+ = .*\n)+)", declared)
    assert table is not None
    folder = tmp_path / "site"
    information = folder / "hitl_declared-1.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: hitl-declared\nVersion: 1\n")
    (information / "entry_points.txt").write_text("[pytest11]\n" + table[1].replace('"', ""))
    return str(folder)


def test_the_declared_entry_point_is_the_plugin(tmp_path: Path, installed: str) -> None:
    run = pytest_run(tmp_path, ENTRY_POINT, "-s", path=installed)

    assert "The plugin is <module 'flyteplugins._hitl_pytest'" in run.output


def test_the_plugin_can_be_switched_off(tmp_path: Path, installed: str) -> None:
    assert "The plugin is None" in pytest_run(tmp_path, ENTRY_POINT, "-s", "-p", "no:hitl", path=installed).output
    assert pytest_run(tmp_path, ASKS, "-p", "no:hitl", path=installed).messages == {"asks": None}
