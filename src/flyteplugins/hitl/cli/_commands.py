"""The commands: their names, arguments and options. What they do is loaded when one of them is called."""

from __future__ import annotations

import sys

import rich_click as click
from click.shell_completion import CompletionItem

from ._command import Group, address, examples, of_every_command
from ._exits import Exit


@click.group("hitl", cls=Group)
def hitl() -> None:
    """Questions of workflows to people: list, answer and cancel them, and run the app that shows them."""


def _ids(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from ._completion import open_ids

    return [CompletionItem(each, help=name) for each, name in open_ids(ctx.params.get("store"), incomplete)]


_request_id = click.argument("request_id", metavar="ID", shell_complete=_ids)
_endpoint = click.option(
    "--endpoint",
    metavar="URL",
    callback=address,
    help="The address of the app. Else FLYTE_HITL_PUBLIC_ADDRESS or FLYTE_HITL_ENDPOINT, else that of the run's app.",
)


@hitl.command(
    "list", epilog=examples("flyte hitl list", "flyte hitl list --all --json | jq -r '.requests[].request_id'")
)
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="The most to list.")
@click.option("--all", "everything", is_flag=True, help="List all, however many.")
@of_every_command
def list_(limit: int, everything: bool, store: str | None, as_json: bool) -> None:
    """List what is open, the oldest first."""
    from ._listing import print_list
    from ._session import run

    run(lambda session: print_list(session, limit, everything=everything), store, as_json=as_json)


@hitl.command(epilog=examples("flyte hitl show abs4"))
@_request_id
@of_every_command
def show(request_id: str, store: str | None, as_json: bool) -> None:
    """Show a question: what is asked, until when, and what came of it."""
    from ._session import run
    from ._showing import show as show_request

    run(lambda session: show_request(session, request_id), store, as_json=as_json)


@hitl.command(
    epilog=examples(
        "flyte hitl answer abs4 yes --comment 'Looks good'",
        'flyte hitl answer kq2m \'{"hours": 40, "queue": "nightly"}\'',
        "flyte hitl answer kq2m - < token.txt",
        "flyte hitl answer kq2m --file scan.pdf",
        "flyte hitl answer kq2m -- -5",
    )
)
@_request_id
@click.argument("value", required=False)
@click.option("--value-json", metavar="JSON", help="The answer as JSON; `-` reads it from standard input.")
@click.option(
    "--file",
    "files",
    metavar="[FIELD=]PATH",
    multiple=True,
    help="A file to answer with; of one field where there are several. May be given more than once.",
)
@click.option("--comment", metavar="TEXT", help="What to add to the answer.")
@click.option("--wait", "waits", is_flag=True, help="Wait until the workflow has checked the answer, if it does that.")
@click.option("--idempotency-key", metavar="KEY", help="The same key for the same answer sent again: it counts once.")
@of_every_command
def answer(
    request_id: str,
    value: str | None,
    value_json: str | None,
    files: tuple[str, ...],
    comment: str | None,
    waits: bool,
    idempotency_key: str | None,
    store: str | None,
    as_json: bool,
) -> None:
    """Answer a question.

    VALUE is what you would type into the form, or JSON where the form has several fields; `-` reads it from standard
    input. Without it you are asked, field by field.
    """
    from ._answering import Given
    from ._answering import answer as give
    from ._session import run

    given = Given(
        text=value, json=value_json, files=files, comment=comment, idempotency_key=idempotency_key, waits=waits
    )
    run(lambda session: give(session, request_id, given), store, as_json=as_json)


@hitl.command("open", epilog=examples("flyte hitl open abs4"))
@_request_id
@_endpoint
@of_every_command
def open_(request_id: str, endpoint: str | None, store: str | None, as_json: bool) -> None:
    """Open the form of a question in the browser."""
    from ._linking import open_form
    from ._session import run

    run(lambda session: open_form(session, request_id, endpoint), store, as_json=as_json)


@hitl.command(epilog=examples("flyte hitl link abs4 --endpoint https://hitl.example.org"))
@_request_id
@_endpoint
@of_every_command
def link(request_id: str, endpoint: str | None, store: str | None, as_json: bool) -> None:
    """Print the link to the form of a question. Whoever has it can answer."""
    from ._linking import print_link
    from ._session import run

    run(lambda session: print_link(session, request_id, endpoint), store, as_json=as_json)


@hitl.command(epilog=examples("flyte hitl cancel abs4 --reason 'Called off.'"))
@_request_id
@click.option("--reason", metavar="TEXT", default="", help="Why, for whoever opens the form.")
@of_every_command
def cancel(request_id: str, reason: str, store: str | None, as_json: bool) -> None:
    """Close a question with no answer."""
    from ._cancelling import cancel as cancel_request
    from ._session import run

    run(lambda session: cancel_request(session, request_id, reason), store, as_json=as_json)


@hitl.command(epilog=examples("flyte hitl watch --store s3://my-bucket/hitl", "flyte hitl watch --json | jq -r .event"))
@click.option(
    "--interval",
    type=click.FloatRange(min=0.1),
    metavar="SECONDS",
    default=2.0,
    show_default=True,
    help="How often to look.",
)
@click.option(
    "--limit", type=click.IntRange(min=1), default=200, show_default=True, help="The most to watch: the oldest."
)
@of_every_command
def watch(interval: float, limit: int, store: str | None, as_json: bool) -> None:
    """Show what is open as it comes and goes, until Ctrl-C."""
    from ._session import run
    from ._watching import watch as watch_open

    run(lambda session: watch_open(session, interval, limit), store, as_json=as_json, interrupted=Exit.DONE)


@hitl.command(epilog=examples("flyte hitl serve --store s3://my-bucket/hitl --host 0.0.0.0"))
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8080,
    show_default=True,
    help="The port; 0 takes any that is free.",
)
@of_every_command
def serve(host: str, port: int, store: str | None, as_json: bool) -> None:
    """Run the app that shows the forms, on any store, until SIGTERM or Ctrl-C."""
    from ._serving import run_app

    run_app(store, host, port, as_json=as_json)


@hitl.command(epilog=examples("flyte hitl doctor", "flyte hitl doctor --endpoint https://hitl.example.org"))
@click.option("--endpoint", metavar="URL", callback=address, help="The address of the app. Else FLYTE_HITL_ENDPOINT.")
@of_every_command
def doctor(endpoint: str | None, store: str | None, as_json: bool) -> None:
    """Check the store, the app and the settings; say what is wrong and how to mend it."""
    from ._doctor import examine

    sys.exit(examine(store, endpoint, as_json=as_json))
