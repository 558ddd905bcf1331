"""The documentation, held against what it describes: its examples are run and answered, its links lead somewhere."""

from __future__ import annotations

import ast
import os
import queue
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from flyteplugins.hitl._settings import settings_in_force
from tests.support.documentation import INCLUDED, ROOT, blocks_of_pages, pages

pytestmark = pytest.mark.slow

PAGES = pages()
EXAMPLES = sorted(path for path in (ROOT / "examples").glob("*.py"))
TESTS = [path for path in EXAMPLES if path.stem.startswith("test_")]
SCRIPTS = [path for path in EXAMPLES if path not in TESTS]

PLAYS: dict[str, tuple[dict[str, object], str]] = {
    "approval": ({"deploy_model": "yes"}, "deployed"),
    "ask_for_a_file": ({"signed_contract": b"%PDF-1.7\n"}, "contract.pdf has 9 bytes."),
    "decision_with_fallback": ({"publish_report": True}, "Published."),
    "edit_a_table": ({"readings": {"edited": [[1, 1, 21.5]]}}, "edited: row 1, celsius: 215.0 -> 21.5\n21.5"),
    "first_question": ({"ship_it": "no"}, "Staying on version 1.3."),
    "human_in_the_loop": ({"review_decision": "true"}, "Processing approved"),
    "keyed_script": ({"rows_to_keep": 12}, "Keeping 12 rows."),
    "moved_from_condition": ({"review": True}, "shipped"),
    "named_run": ({"rows_to_keep": 12}, "12"),
    "no_answer": ({}, "Called off: The release was called off."),
    "review_labels": ({"captions": ["good", "bad", "good"]}, "2 of 3 captions are good."),
    "review_records": (
        {"invoices": [{"customer": "Ada Ltd", "total": 120.0}, {"customer": "Babbage", "total": 80.5}]},
        "1.total: 8.05 → 80.5",
    ),
    "script_without_flyte": ({"gpu_hours": 40}, "40 hours were granted."),
    "shapes": (
        {
            "check_invoice": {
                "number": "2026-117",
                "issued": "2026-03-01",
                "lines": [{"article": "Earl Grey, 100 g", "price": "11.50", "quantity": 4}],
                "currency": "USD",
            },
            "checks": ["ranges", "schema"],
            "release": {"version": "3.0", "notify": ["ada@example.org"]},
            "start": "2026-04-01",
        },
        "Invoice 2026-117: 46.00 USD\nlines.0.price was 12.50, and is 11.50\ncurrency was EUR, and is USD\n",
    ),
    "show_the_work": ({"release_model": "yes"}, "Released."),
    "several_questions": (
        {"caption_1": "A cat", "caption_2": "Two bicycles", "threshold": 0.5},
        "2 captions, kept from 0.5: A cat | Two bicycles",
    ),
    "short_ways": (
        {
            "label": "dog",
            "channels": ["Support", "Data"],
            "invoice": {"customer": "Ada & Co", "total": 12.75},
            "payment": {"approved": False, "reason": "The sum is wrong."},
        },
        "Telling #data and #support\nCorrected: Invoice(customer='Ada & Co', total=12.75)\nNot paid: The sum is wrong.",
    ),
    "time_limits": ({}, "Going on with 0.001"),
    "validated_answer": ({"gpu_hours": 12}, "12 hours were granted."),
    "whole_outcome": ({"budget": 900}, "900 euros, by "),
}
"""What each example is answered, by the event's name, and what it then prints."""

_LIMIT = 90.0
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|(?:src|srcset|href)=\"([^\"]+)\"")
_FENCED = re.compile(r"^( *)```.*?^\1```", re.MULTILINE | re.DOTALL)
_ASKED = re.compile(r"“(.+)” waits for an answer:")
_MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|root|home/\w|Users/\w|tmp)\b|[A-Z]:\\")


class Script:
    """An example that runs, with its standard output to be read line by line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.output: list[str] = []
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def next_link(self) -> tuple[str, str]:
        """The next event that is asked, and the link that was printed for it."""
        name = ""
        while (line := self._next_line()) is not None:
            if asked := _ASKED.search(line):
                name = asked[1]
            elif name and line.startswith("http"):
                return name, line.strip()
        raise AssertionError("The script ended without asking:\n" + "".join(self.output))

    def finished(self) -> str:
        """All that was printed, once the script has ended well."""
        while self._next_line() is not None:
            pass
        printed = "".join(self.output)
        assert self.process.wait(_LIMIT) == 0, printed
        return printed

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def _next_line(self) -> str | None:
        line = self._lines.get(timeout=_LIMIT)
        if line is not None:
            self.output.append(line)
        return line


@contextmanager
def running(example: Path, home: Path) -> Iterator[Script]:
    """Runs an example in a home of its own, with no setting of the machine, and ends it with the block."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("FLYTE", "_U_"))}
    process = subprocess.Popen(
        [sys.executable, "-u", str(example)],
        env={**inherited, "HOME": str(home), "TMPDIR": str(home), "PYTHONIOENCODING": "utf-8"},
        cwd=home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    try:
        yield Script(process)
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None


def uploaded(url: httpx.URL, request_id: str, content: bytes) -> str:
    address = url.copy_with(path=f"/upload/{request_id}", query=None)
    reply = httpx.post(
        address, params={"token": url.params["token"], "name": "contract.pdf"}, content=content, timeout=20
    )
    assert reply.status_code == 201, reply.text
    return str(reply.json()["upload"])


def answer(link: str, value: object) -> None:
    url = httpx.URL(link)
    request_id = url.path.rpartition("/")[2]
    if isinstance(value, bytes):
        value = uploaded(url, request_id, value)
    body: dict[str, object] = {"request_id": request_id, "token": url.params["token"], "value": value}
    response = httpx.post(url.copy_with(path="/submit/json", query=None), json=body, timeout=20)
    assert response.status_code in (200, 202), response.text


@pytest.mark.parametrize("example", SCRIPTS, ids=lambda path: path.stem)
def test_an_example_is_answered_and_prints_what_it_should(example: Path, tmp_path: Path) -> None:
    answers, printed = PLAYS[example.stem]
    with running(example, tmp_path) as script:
        for _ in answers:
            name, link = script.next_link()
            answer(link, answers[name])
        assert printed in script.finished()


@pytest.mark.parametrize("name", ["named_run", "keyed_script"])
def test_an_example_that_is_killed_finds_its_question_and_its_answer(name: str, tmp_path: Path) -> None:
    example = ROOT / "examples" / f"{name}.py"
    with running(example, tmp_path) as script:
        _, link = script.next_link()
    with running(example, tmp_path) as script:
        assert script.next_link() == ("rows_to_keep", link)
        answer(link, 12)
        assert "12" in script.finished()


def test_the_example_with_a_fallback_goes_on_by_itself(tmp_path: Path) -> None:
    with running(ROOT / "examples" / "decision_with_fallback.py", tmp_path) as script:
        assert "Nobody decided in time.\nHeld." in script.finished()


def test_the_example_that_checks_its_answers_refuses_too_many_hours(tmp_path: Path) -> None:
    with running(ROOT / "examples" / "validated_answer.py", tmp_path) as script:
        _, link = script.next_link()
        answer(link, 41)
        answer(link, 40)
        assert "40 hours were granted." in script.finished()


def test_every_example_is_played() -> None:
    assert {example.stem for example in SCRIPTS} == set(PLAYS)


def summary_of(home: Path, *files: Path) -> str:
    """Runs tests as their author would, with the plugin; returns what pytest says at the end."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("FLYTE", "_U_", "PYTEST"))}
    options = ["-q", "-c", os.devnull, "-p", "no:cacheprovider", "-p", "no:hitl", "-p", "flyteplugins._hitl_pytest"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *map(str, files)],
        env={**inherited, "HOME": str(home), "PYTHONIOENCODING": "utf-8"},
        cwd=home,
        capture_output=True,
        encoding="utf-8",
        timeout=_LIMIT,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize("example", TESTS, ids=lambda path: path.stem)
def test_an_example_of_a_test_passes(example: Path, tmp_path: Path) -> None:
    assert re.match(r"[1-9]\d* passed", summary_of(tmp_path, example))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_says_on_top_what_it_shows(example: Path) -> None:
    if example.stem != "human_in_the_loop":  # kept word for word as it is documented elsewhere
        assert ast.get_docstring(ast.parse(example.read_text(encoding="utf-8")))


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_page_includes_is_an_example(page: Path) -> None:
    for included in INCLUDED.findall(page.read_text(encoding="utf-8")):
        assert ROOT / included in EXAMPLES


def test_every_example_but_the_readmes_is_on_a_page() -> None:
    included = {name for page in PAGES for name in INCLUDED.findall(page.read_text(encoding="utf-8"))}
    shown = {f"examples/{example.name}" for example in EXAMPLES}
    assert shown - included <= {"examples/human_in_the_loop.py", "examples/whole_outcome.py"}


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_block_that_is_to_include_something_does(page: Path) -> None:
    """A formatter that takes the line for Python makes it text that the reader sees."""
    lines = [line for line in page.read_text(encoding="utf-8").splitlines() if line.lstrip().startswith("--8")]
    assert all(INCLUDED.fullmatch(line.strip()) for line in lines)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_local_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    broken = [target for target in _local_targets(page) if not _leads_somewhere(page, target)]
    assert not broken


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_page_names_a_path_of_a_machine(page: Path) -> None:
    assert not _MACHINE_PATH.findall(page.read_text(encoding="utf-8"))


def test_every_block_of_a_page_is_of_a_kind_that_is_tested() -> None:
    """Each kind has a file of tests that leaves no block of it out, but for `text`: drawings, which nobody runs."""
    tested_in = {
        "test_examples_in_pages.py": {"python", "html"},
        "test_commands_in_pages.py": {"", "bash", "console", "sh", "shell"},
        "test_json_in_pages.py": {"json", "yaml", "toml"},
        "nothing, as a drawing": {"text"},
    }
    known = {kind for kinds in tested_in.values() for kind in kinds}
    others = [f"{block} {block.language!r}" for block in blocks_of_pages() if block.language not in known]

    assert not others, f"Say by the fence what these blocks are, one of what is tested: {tested_in}"


def test_every_test_file_that_a_page_names_is_there() -> None:
    for page in PAGES:
        for named in re.findall(r"`(tests/[\w/]+\.py)`", page.read_text(encoding="utf-8")):
            assert (ROOT / named).is_file(), f"{page.name} names {named}"


def test_every_variable_that_is_named_is_a_setting() -> None:
    named = {
        name for page in PAGES for name in re.findall(r"FLYTE_HITL_[A-Z_]+[A-Z]", page.read_text(encoding="utf-8"))
    }

    assert named
    assert named <= {each.variable for each in settings_in_force()}


def _local_targets(page: Path) -> list[str]:
    text = _FENCED.sub("", page.read_text(encoding="utf-8"))
    targets = [target for pair in _LINK.findall(text) for target in pair if target]
    return [target for target in targets if not target.startswith(("http://", "https://", "mailto:"))]


def _leads_somewhere(page: Path, target: str) -> bool:
    name, _, anchor = target.partition("#")
    file = (page.parent / name).resolve() if name else page
    if not file.is_file() or ROOT not in file.parents:
        return False
    return not anchor or anchor in _anchors(file)


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", _FENCED.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}
