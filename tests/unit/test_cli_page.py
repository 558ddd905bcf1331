"""Holds the reference of the command line to the commands that there are."""

from __future__ import annotations

import re
import shlex

import click

from flyteplugins.hitl.cli import hitl
from flyteplugins.hitl.cli._exits import Exit
from tests.support.scripts import REPOSITORY

PAGE = (REPOSITORY / "docs" / "reference" / "cli.md").read_text()
OF_EVERY = {"--store", "--json", "--help"}


def section(title: str) -> str:
    """What stands below a heading, up to the next one of its height or a greater one."""
    level = len(title) - len(title.lstrip("#"))
    _, found, after = PAGE.partition(f"\n{title}\n")
    assert found, f"The page has no {title!r}."
    return re.split(rf"^#{{1,{level}}} ", after, maxsplit=1, flags=re.MULTILINE)[0]


def options_in(text: str) -> set[str]:
    """The options that a table explains."""
    return set(re.findall(r"^\| `(--[a-z-]+)[ `]", text, re.MULTILINE))


def heading(command: click.Command) -> str:
    words = {"request_id": "ID", "value": "[VALUE]"}
    arguments = [words[each.name or ""] for each in command.params if isinstance(each, click.Argument)]
    return " ".join(["###", command.name or "", *arguments])


def test_the_page_has_every_command_and_no_other() -> None:
    documented = re.findall(r"^### (.+)$", section("## Commands"), re.MULTILINE)

    assert sorted(f"### {each}" for each in documented) == sorted(heading(each) for each in hitl.commands.values())


def test_the_page_explains_every_option_and_no_other() -> None:
    explained = {name: options_in(section(heading(command))) for name, command in hitl.commands.items()}
    there = {
        name: {option for each in command.params if isinstance(each, click.Option) for option in each.opts} - OF_EVERY
        for name, command in hitl.commands.items()
    }

    assert explained == there


def test_every_command_has_the_options_that_all_have() -> None:
    assert options_in(section("## Options of every command")) == OF_EVERY
    for command in hitl.commands.values():
        options = {option for each in command.params for option in each.opts}
        assert options >= OF_EVERY - {"--help"}, command.name
        assert command.help


def test_the_help_of_every_command_has_examples_that_can_be_typed() -> None:
    for name, command in hitl.commands.items():
        heading, *lines = (command.epilog or "").split("\n\n")
        assert heading == "Examples:"
        assert lines, name
        for line in lines:
            words = shlex.split(re.split(r" [|<] ", line)[0])
            assert words[:3] == ["flyte", "hitl", name]
            command.make_context(name, words[3:])


def test_the_page_has_every_exit_code() -> None:
    codes = re.findall(r"^\| (\d+) \|", section("## Exit codes"), re.MULTILINE)

    assert [int(code) for code in codes] == sorted(Exit)
