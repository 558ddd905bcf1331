"""Every command in a page is run as it stands there; one that needs the network or a cluster is held to what there is.

A page's own names stand for those of the test: the address of the app, the store, and the ids of questions.
"""

from __future__ import annotations

import fnmatch
import json
import os
import re
import shlex
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import click
import httpx
import pytest
from flyte.io import File
from pydantic import BaseModel

import flyteplugins.hitl as hitl
from flyteplugins.hitl import cli
from flyteplugins.hitl._records import Channel, Origin, Request
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._store import Store
from tests.support.commands import Asker, at_a_terminal
from tests.support.documentation import ROOT, Block, Examples, blocks_of_pages, code_spans
from tests.support.house import House, open_house, run
from tests.support.processes import free_port, server_process
from tests.support.questions import MovableClock
from tests.support.scripts import clean_environment

pytestmark = pytest.mark.slow

APP = "https://hitl.example.org"
STORE = "s3://my-bucket/hitl"
PDF = b"%PDF-1.7\n"
SECONDS = 60

EXAMPLES = Examples([block for block in blocks_of_pages() if block.language in ("", "bash", "console", "sh", "shell")])

_ID = re.compile(r"\b[a-z2-7]{26}\b")
_NUMBER_OF_TIME = re.compile(r"\b\d+ (?=(?:s|min|h|d)\b)")


class Budget(BaseModel):
    hours: int
    queue: str


class Office:
    """A store with open questions, each of a run of its own, and a shell in which the page's commands reach it.

    Args:
        folder: Where the store is, and where the shell stands.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asker = Asker(str(folder / "store"))

    def ask(self, data_type: Any = bool, *, seconds_ago: int = 0, **details: Any) -> Request:
        """Asks as if it had been some time ago."""
        clock = MovableClock(datetime.now(timezone.utc) - timedelta(seconds=seconds_ago))
        self.asker.service = Service(Store.at(self.asker.store, clock=clock), clock=clock)
        origin = Origin(organization="o", project="p", domain="d", run=uuid.uuid4().hex, action="a0")
        return self.asker.ask(data_type, origin=origin, **details)

    def runs(self, command: str, names: Mapping[str, str], **variables: str) -> str:
        """Runs what a page shows, with the names of this office for those of the page; returns what it printed."""
        done = in_shell(with_names(command, names), self.folder, FLYTE_HITL_STORE=self.asker.store, **variables)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def answer(self, request: Request) -> object:
        """What a request was answered, through the channel of the commands."""
        outcome = self.asker.outcome(request)
        assert outcome is not None, "It is open."
        assert outcome.channel is Channel.CLI
        return outcome.value


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Where nobody has asked anything yet."""
    return Office(tmp_path)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """An app in this process; the commands that call it are processes."""
    with open_house(str(tmp_path / "store")) as opened:
        yield opened


def with_names(command: str, names: Mapping[str, str]) -> str:
    """A command with other names; each must be there, so that no name of a page is forgotten."""
    for of_page, of_test in names.items():
        assert of_page in command, f"{of_page!r} is not in {command!r}."
        command = command.replace(of_page, of_test)
    return command


def in_shell(command: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs a command in a shell that has the package's environment switched on."""
    environment = clean_environment(folder) | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        env=environment | variables,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def same_but_for_ids_and_times(shown: str) -> list[str]:
    """The lines that were shown, with their columns one space apart."""
    text = _NUMBER_OF_TIME.sub("# ", _ID.sub("ID", shown))
    return [" ".join(line.split()) for line in text.strip().splitlines()]


def at_terminal(block: Block, office: Office, names: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """What a page says that a command shows at a terminal, and what it shows."""
    prompt, _, documented = block.text.partition("\n")
    words = shlex.split(with_names(prompt, names))
    assert words[:3] == ["$", "flyte", "hitl"]
    with at_a_terminal(*words[3:], store=office.asker.store) as terminal:
        assert terminal.ended() == 0
        return same_but_for_ids_and_times(documented), same_but_for_ids_and_times(terminal.shown)


def request_and_token(house: House, request: Request) -> dict[str, str]:
    return {"REQUEST_ID": request.request_id, "TOKEN": house.link(request).token}


# flyte hitl


@EXAMPLES.given("README.md", "flyte hitl list")
def test_the_readmes_commands_list_and_answer(block: Block, office: Office) -> None:
    request = office.ask(name="deploy_model", prompt="Deploy it?")
    names = {STORE: office.asker.store, "wyu2q3": request.request_id[:6]}

    assert "deploy_model" in office.runs(block.text, names)
    assert office.answer(request) is True


@EXAMPLES.given("docs/how-to/answer-at-the-terminal.md", "flyte hitl list\n")
def test_the_table_of_what_waits_is_the_one_that_is_shown(block: Block, office: Office) -> None:
    office.ask(name="deploy_model", prompt="Deploy version 3?", seconds_ago=120)
    office.ask(Budget, name="budget", prompt="How many GPU hours?", seconds_ago=14, timeout_seconds=None)

    documented, shown = at_terminal(block, office, {})

    assert shown == documented


@EXAMPLES.given("docs/how-to/answer-at-the-terminal.md", "flyte hitl answer abs4")
def test_what_is_said_of_an_answer_is_what_is_shown(block: Block, office: Office) -> None:
    request = office.ask(name="deploy_model", prompt="Deploy version 3?")

    documented, shown = at_terminal(block, office, {"abs4": request.request_id[:4]})

    assert shown == documented
    assert office.answer(request) is True


@EXAMPLES.given("docs/how-to/answer-at-the-terminal.md", "flyte hitl answer kq2m")
def test_an_answer_with_several_fields_is_json(block: Block, office: Office) -> None:
    request = office.ask(Budget, name="budget")
    office.runs(block.text, {"kq2m": request.request_id[:4]})

    assert office.answer(request) == {"hours": 40, "queue": "nightly"}


@EXAMPLES.given("docs/how-to/answer-at-the-terminal.md", "jq -r")
def test_a_script_answers_all_of_a_name(block: Block, office: Office) -> None:
    one, other = office.ask(name="deploy_model"), office.ask(name="budget")
    told = json.loads(office.runs(block.text, {}))

    assert told["outcome"]["status"] == "completed"
    assert office.answer(one) is True
    assert office.asker.outcome(other) is None


@EXAMPLES.given("docs/how-to/run-the-app-elsewhere.md", "flyte hitl serve")
def test_the_app_runs_by_the_command_on_the_store_of_the_variable(block: Block, office: Office) -> None:
    request, port = office.ask(), str(free_port())
    names = {STORE: shlex.quote(office.asker.store), "0.0.0.0": "127.0.0.1", "8080": port}

    with served(with_names(block.text, names), port, office):
        form = httpx.get(link_of(office, request, port))

    assert form.status_code == 200


@EXAMPLES.given("docs/how-to/run-the-app-elsewhere.md", "FLYTE_HITL_IDENTITY_HEADER=")
def test_the_app_believes_the_header_that_it_is_told(block: Block, office: Office) -> None:
    request, port = office.ask(), str(free_port())
    names = {"…": f"--port {port} --store {shlex.quote(office.asker.store)}"}

    with served(with_names(block.text, names), port, office):
        link = httpx.URL(link_of(office, request, port))
        answer = {"request_id": request.request_id, "token": link.params["token"], "value": True}
        submit = link.copy_with(path="/submit/json", query=None)
        assert httpx.post(submit, json=answer).status_code == 403
        assert httpx.post(submit, json=answer, headers={"X-Auth-Request-Email": "ada@example.org"}).status_code == 200

    outcome = office.asker.outcome(request)
    assert outcome is not None
    assert outcome.responder == "ada@example.org"


def served(command: str, port: str, office: Office) -> Any:
    """Runs a command of a page that serves the app, until the block ends."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return server_process(
        ["bash", "-c", command],
        ready=lambda: httpx.get(f"http://127.0.0.1:{port}/health", timeout=2).status_code == 200,
        log=office.folder / "app.log",
        environment=clean_environment(office.folder) | {"PATH": path},
        folder=office.folder,
    )


def link_of(office: Office, request: Request, port: str) -> str:
    token = run(office.asker.service.links()).token(request.request_id)
    return f"http://127.0.0.1:{port}/form/{request.request_id}?token={token}"


# curl


@EXAMPLES.given("docs/how-to/answer-from-a-program.md", "/submit/json")
def test_the_call_answers(block: Block, house: House) -> None:
    request = house.ask()
    (example_path,) = re.findall(r"responses/[\w.]+\.json", block.text)
    names = {APP: house.endpoint, example_path: request.response_path}
    command = _ID.sub(request.request_id, with_names(block.text, names).replace(request.response_path, "PATH"))
    done = in_shell(command.replace("PATH", request.response_path), Path.cwd())

    assert json.loads(done.stdout)["status"] == "completed", done.stdout
    assert house.value(request) is True


@EXAMPLES.given("docs/how-to/answer-from-a-program.md", "/status/")
def test_the_call_tells_where_it_stands_and_changes_nothing(block: Block, house: House, tmp_path: Path) -> None:
    request = house.ask()
    command = with_names(block.text, {APP: house.endpoint})
    done = in_shell(command, tmp_path, **request_and_token(house, request))

    assert json.loads(done.stdout)["status"] == "pending"
    assert house.is_open(request)


@EXAMPLES.given("docs/how-to/check-answers.md", "candidate=0")
def test_the_call_tells_what_became_of_an_answer(block: Block, house: House, tmp_path: Path) -> None:
    request = house.ask(int, is_validated=True)
    names = request_and_token(house, request)
    kept = httpx.post(
        f"{house.endpoint}/submit/json",
        json={"request_id": request.request_id, "token": names["TOKEN"], "value": 41},
    )
    assert kept.status_code == 202
    done = in_shell(with_names(block.text, {APP: house.endpoint}), tmp_path, **names)

    assert json.loads(done.stdout)["check"]["state"] == "kept"


@EXAMPLES.given("docs/how-to/ask-for-a-file.md", "/upload/")
def test_a_file_is_uploaded_and_answered_with(block: Block, house: House, tmp_path: Path) -> None:
    request = house.ask(File)
    names = request_and_token(house, request)
    (tmp_path / "scan.pdf").write_bytes(PDF)
    done = in_shell(with_names(block.text, {APP: house.endpoint}), tmp_path, **names)
    upload = json.loads(done.stdout)
    answer = {"request_id": request.request_id, "token": names["TOKEN"], "value": upload["upload"]}

    assert (upload["name"], upload["media_type"], upload["size"]) == ("scan.pdf", "application/pdf", len(PDF))
    assert httpx.post(f"{house.endpoint}/submit/json", json=answer).status_code == 200


# Commands that set up, which need the network


@EXAMPLES.given("README.md", "make demo")
def test_the_readmes_targets_do_what_it_says(block: Block) -> None:
    """Only what they would do: this test is itself part of one."""
    demo, test = (in_shell(f"make -n {line}", ROOT).stdout for line in block.text.replace("make ", "").splitlines())

    assert "examples/human_in_the_loop.py" in demo
    assert "ruff check" in test
    assert "scripts/run-tests" in test


@EXAMPLES.given("README.md", "pip install")
def test_the_package_is_installed_by_its_name(block: Block) -> None:
    assert shlex.split(block.text, comments=True) == ["pip", "install", project("name")]
    assert f"# {hitl.__version__} is not published" in block.text


@EXAMPLES.given("docs/cluster.md", "pip wheel")
def test_the_wheel_is_called_as_the_package_and_its_version_are(block: Block) -> None:
    wheel = f"dist/{project('name').replace('-', '_')}-{hitl.__version__}-py3-none-any.whl"
    _, _, pattern = block.text.strip().rpartition(" ")

    assert fnmatch.fnmatch(wheel, pattern)
    assert f'hitl.image("{wheel}")' in (ROOT / block.file).read_text(encoding="utf-8")
    assert options_in(block.text) <= options_in(in_shell("pip wheel --help", ROOT).stdout)


@EXAMPLES.given("docs/tutorial.md", "python3 -m venv")
def test_the_tutorial_sets_up_an_environment_and_installs_into_it(block: Block, tmp_path: Path) -> None:
    made, switched_on, installed = block.text.splitlines()
    done = in_shell(f"{made} --without-pip\nset +u\n{switched_on}\ncommand -v python", tmp_path)

    assert done.stdout.strip() == str(tmp_path / ".venv" / "bin" / "python")
    assert installed == "pip install ."
    assert (ROOT / "pyproject.toml").is_file()


@pytest.mark.parametrize("name", ["first_question", "approval"])
def test_a_script_that_the_tutorial_runs_is_the_one_that_it_shows(name: str) -> None:
    """The scripts are run by `test_docs.py`."""
    assert RUN_BY_TUTORIAL[name].text == f"python examples/{name}.py\n"
    assert f'--8<-- "examples/{name}.py"' in (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")


RUN_BY_TUTORIAL = {
    name: EXAMPLES.take("docs/tutorial.md", f"python examples/{name}.py") for name in ("first_question", "approval")
}


def project(field: str) -> str:
    found = re.search(rf'^{field} = "(.+)"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    assert found
    return found[1]


def options_in(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text))


# Commands in the text


@pytest.mark.parametrize(
    ("page", "span"), [(page, span) for page, span in code_spans() if re.match(r"flyte hitl [a-z]", span)]
)
def test_a_command_in_the_text_is_taken_by_the_command_line(page: str, span: str) -> None:
    name, *arguments = shlex.split(re.split(r" [<|>] ", span.removeprefix("flyte hitl "))[0])
    command = cli.hitl.commands[name]
    # Some only name the command.
    if arguments:
        command.make_context(name, arguments)


def test_every_option_in_the_text_is_one_of_ours() -> None:
    ours = {"--help", "--hitl-unanswered", "--no-default-store", "--version"}
    for command in cli.hitl.commands.values():
        ours |= {each for option in command.params if isinstance(option, click.Option) for each in option.opts}
    named = {(page, option) for page, span in code_spans() for option in options_in(span)}

    assert named
    assert not {(page, option) for page, option in named if option not in ours}


def test_every_target_in_the_text_is_in_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {(page, span[5:]) for page, span in code_spans() if re.fullmatch(r"make [a-z]+", span)}

    assert named
    assert not {(page, target) for page, target in named if target not in targets}


def test_every_module_in_the_text_that_is_run_is_there() -> None:
    for _, span in code_spans():
        if found := re.match(r"python -m (flyteplugins[\w.]+)", span):
            assert (ROOT / "src" / found[1].replace(".", "/") / "__main__.py").is_file(), span


def test_every_command_is_run() -> None:
    assert not EXAMPLES.untested(), (
        "These commands are run by no test. Write one into this file that takes the block by "
        "`@EXAMPLES.given(page, text)`, runs it with the names of the test, and holds what the page says of it."
    )
