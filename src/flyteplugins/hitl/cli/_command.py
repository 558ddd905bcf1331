"""Commands as this package has them: the same options, and every error on one line."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar
from urllib.parse import urlsplit

import rich_click as click
from click.exceptions import NoArgsIsHelpError, NoSuchOption

from ._exits import Exit
from ._terminal import tell_error

F = TypeVar("F", bound=Callable[..., Any])


class Command(click.RichCommand):
    """A command that says what is wrong with its arguments on one line."""

    def make_context(self, info_name: str | None, args: list[str], *rest: Any, **extra: Any) -> click.RichContext:
        as_json = "--json" in args
        try:
            return super().make_context(info_name, args, *rest, **extra)
        except NoArgsIsHelpError:
            raise
        except click.UsageError as error:
            _end(error, as_json)


class Group(click.RichGroup):
    """The same for a group: it says on one line that there is no such command."""

    command_class = Command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        as_json = "--json" in args
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            _end(error, as_json)


def of_every_command(function: F) -> F:
    """The options that each command has."""
    store = click.option(
        "--store",
        metavar="URL",
        callback=_store,
        help="The store: a folder, or a URL such as `s3://bucket/hitl`. Else FLYTE_HITL_STORE, else `~/.flyte/hitl`.",
    )
    as_json = click.option("--json", "as_json", is_flag=True, help="Speak JSON, errors too.")
    return store(as_json(function))


def examples(*lines: str) -> str:
    """How a command is called, for the end of its help.

    Args:
        lines: Commands as they are typed.
    """
    # One paragraph each: the lines of one would be put together.
    return "\n\n".join(["Examples:", *lines])


def address(_: click.Context, __: click.Parameter, given: str | None) -> str | None:
    """The address of an app, as an option takes it."""
    if given is None:
        return None
    try:
        parts = urlsplit(given)
        is_one = parts.scheme in ("http", "https") and bool(parts.hostname) and not set("?#") & set(given)
    except ValueError:  # Such as brackets without an IPv6 address.
        is_one = False
    if not is_one:
        raise click.BadParameter("Give the address of an app, such as https://hitl.example.org.")
    return given.rstrip("/")


def _store(_: click.Context, __: click.Parameter, given: str | None) -> str | None:
    """The store that the option names. An empty name is that of an unset variable, and no wish for another store."""
    if given is not None and not given.strip():
        raise click.BadParameter("It is empty. Name a store, or leave the option out.")
    return given


def _end(error: click.UsageError, as_json: bool) -> NoReturn:
    help_with = f" See `{error.ctx.command_path} --help`." if error.ctx is not None else ""
    detail = f"{error.format_message()}{_about_dashes(error)}{help_with}"
    tell_error({"error": "UsageError", "exit_code": int(Exit.USAGE), "detail": detail} if as_json else detail)
    sys.exit(Exit.USAGE)


def _about_dashes(error: click.UsageError) -> str:
    takes_values = error.ctx is not None and any(each.name == "value" for each in error.ctx.command.params)
    if not isinstance(error, NoSuchOption) or not takes_values or error.option_name.startswith("--"):
        return ""
    return f" A value that begins with a dash goes behind `--`, and the options before it: `ID -- {error.option_name}`."
