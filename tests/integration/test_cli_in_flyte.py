"""The commands as a part of Flyte's own command line: found by their entry point, loaded no sooner than called."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
import rich_click as click
from flyte.cli import _plugins

import flyteplugins.hitl.cli
from flyteplugins.hitl.cli import hitl
from tests.support.commands import Asker, environment
from tests.support.scripts import REPOSITORY
from tests.unit.test_import import FACES

pytestmark = pytest.mark.slow

GROUP = "flyte.plugins.cli.commands"
FLYTE = "import sys; from flyte.cli.main import main; sys.argv[0] = 'flyte'; main()"
LOADED = """
import json, sys
from flyte.cli.main import main
try:
    main(sys.argv[1:], prog_name="flyte")
except SystemExit:
    pass
print()
print(json.dumps(sorted(name for name in sys.modules if name.startswith("flyteplugins.hitl."))))
print(json.dumps(sorted({"fastapi", "uvicorn", "starlette", "jinja2", "jsonschema"} & set(sys.modules))))
"""
NAMES_ONLY = {"cli", "cli._command", "cli._commands", "cli._exits", "cli._plain", "cli._terminal"}


def declared() -> tuple[str, str]:
    """The name of the entry point and what it names, read by hand: Python 3.10 has no parser for the file."""
    text = (REPOSITORY / "pyproject.toml").read_text()
    section = text.partition(f'[project.entry-points."{GROUP}"]\n')[2].partition("\n[")[0]
    (line,) = [line for line in section.splitlines() if line]
    name, _, value = line.partition(" = ")
    return name, value.strip('"')


@pytest.fixture
def installed(tmp_path: Path) -> dict[str, str]:
    """An environment in which the package is installed as it is declared now, whatever was installed before."""
    info = tmp_path / "site" / "flyteplugins_hitl-99.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: flyteplugins-hitl\nVersion: 99\n")
    (info / "entry_points.txt").write_text(f"[{GROUP}]\n{' = '.join(declared())}\n")
    path = os.pathsep.join([str(tmp_path / "site"), os.environ.get("PYTHONPATH", str(REPOSITORY / "src"))])
    return environment(PYTHONPATH=path, HOME=str(tmp_path))


def flyte(environment: dict[str, str], *arguments: str, script: str = FLYTE) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        capture_output=True,
        text=True,
        timeout=90,
        env=environment,
        check=False,
    )


def test_the_entry_point_names_the_group() -> None:
    name, value = declared()

    point = EntryPoint(name=name, value=value, group=GROUP)

    assert name == "hitl"
    assert point.load() is hitl
    assert flyteplugins.hitl.cli.__all__ == ["hitl"]


def test_flyte_takes_the_group_for_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    name, value = declared()
    point = EntryPoint(name=name, value=value, group=GROUP)
    monkeypatch.setattr(_plugins, "entry_points", lambda group: [point] if group == GROUP else [])
    root = click.RichGroup("flyte")

    _plugins.register_plugins(root, "hitl")

    assert root.commands == {"hitl": hitl}


def test_flyte_shows_the_commands(installed: dict[str, str]) -> None:
    root = flyte(installed, "--help")
    group = flyte(installed, "hitl", "--help")

    assert root.returncode == group.returncode == 0
    assert "hitl" in root.stdout
    for command in hitl.commands:
        assert command in group.stdout


def test_flyte_runs_a_command(installed: dict[str, str], local_store: str) -> None:
    asker = Asker(local_store)
    request = asker.ask(int)

    listed = flyte(installed, "hitl", "list", "--store", local_store)
    done = flyte(installed, "hitl", "answer", request.request_id, "7", "--store", local_store)

    assert listed.stdout.startswith(request.request_id)
    assert (done.returncode, done.stdout) == (0, "Accepted: 7. The workflow gets it.\n")
    assert asker.outcome(request) is not None


@pytest.mark.parametrize("arguments", [["--help"], ["hitl", "--help"], ["hitl", "answer", "--help"]], ids=" ".join)
def test_the_help_loads_names_and_options_only(arguments: list[str], installed: dict[str, str]) -> None:
    *_, ours, others = flyte(installed, *arguments, script=LOADED).stdout.splitlines()
    assert set(json.loads(ours)) == {f"flyteplugins.hitl.{name}" for name in FACES | NAMES_ONLY}
    assert json.loads(others) == []


def test_to_list_does_not_load_the_app(installed: dict[str, str], local_store: str) -> None:
    Asker(local_store).ask()

    *_, ours, others = flyte(installed, "hitl", "list", "--store", local_store, script=LOADED).stdout.splitlines()

    assert "flyteplugins.hitl._service" in json.loads(ours), "It shows that the test above would see it."
    assert not [name for name in json.loads(ours) if name.startswith("flyteplugins.hitl.app")]
    assert not {"fastapi", "uvicorn", "starlette"} & set(json.loads(others))


@pytest.mark.parametrize("command", ["show", "answer", "open", "link", "cancel"])
def test_the_shell_completes_the_ids_of_what_is_open(command: str, installed: dict[str, str], local_store: str) -> None:
    asker = Asker(local_store)
    request, other = asker.ask(name="first"), asker.ask(name="second")
    common = next(n for n in range(27) if request.request_id[:n] != other.request_id[:n])

    def completed(beginning: str) -> list[str]:
        words = f"flyte hitl {command} {beginning}"
        variables = {"_FLYTE_COMPLETE": "zsh_complete", "COMP_WORDS": words, "COMP_CWORD": "3"}
        done = flyte({**installed, **variables, "FLYTE_HITL_STORE": local_store})
        assert done.stderr == ""
        return done.stdout.splitlines()

    everything, some = completed(""), completed(request.request_id[:common])

    assert everything == ["plain", request.request_id, "first", "plain", other.request_id, "second"]
    assert some == ["plain", request.request_id, "first"]


def test_the_shell_completes_nothing_where_there_is_no_store(installed: dict[str, str], tmp_path: Path) -> None:
    variables = {"_FLYTE_COMPLETE": "bash_complete", "COMP_WORDS": "flyte hitl show ", "COMP_CWORD": "3"}
    done = flyte({**installed, **variables, "FLYTE_HITL_STORE": str(tmp_path / "none")})

    assert (done.stdout.strip(), done.stderr) == ("", "")
