"""One documented context a page, and the templates that show them."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from http import HTTPStatus
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse

from .._answers import Change, Entries, Form, FormField, Words, spoken
from .._markdown import render_markdown
from .._records import Channel, Request, Response
from .._version import __version__
from ..errors import FieldError
from ._bodies import FormBody
from ._state import state_of
from ._static import STATIC_VERSION


@dataclass(frozen=True, kw_only=True)
class QuestionView:
    """A question as the pages show it.

    Attributes:
        name: The event's name.
        prompt: The prompt, made into safe HTML.
        source: Where it comes from: project, domain and run, as far as there are any.
        created_at: When it was asked, in UTC.
        deadline: Until when it can be answered, in UTC, or `None`.
        fallback: What the workflow goes on with when nobody answers, in words, or `None`.
    """

    name: str
    prompt: Markup
    source: str
    created_at: datetime
    deadline: datetime | None
    fallback: str | None


@dataclass(frozen=True, kw_only=True)
class ProblemView:
    """One thing that is wrong with what was sent.

    Attributes:
        path: Where, as errors name it.
        label: What the field is called, or `None` where it is the whole answer or no field of the form.
        anchor: The id of the field, or `None` where there is none.
        reason: Why.
    """

    path: str
    label: str | None
    anchor: str | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class FormView:
    """`form.html`: an open question.

    Attributes:
        request_id: Names the request.
        question: What is asked.
        answer_field: What takes the answer, filled in.
        token: Proves the right to answer.
        max_bytes: The largest form that the app reads, in bytes.
        comment: What the comment is filled with.
        idempotency_key: Makes sending the form twice count once.
        problems: What is wrong with what was sent.
    """

    request_id: str
    question: QuestionView
    answer_field: FormField
    token: str
    max_bytes: int
    comment: str = ""
    idempotency_key: str
    problems: tuple[ProblemView, ...] = ()

    @property
    def comment_errors(self) -> bool:
        """Whether something is wrong with the comment."""
        return any(problem.path == "comment" for problem in self.problems)


@dataclass(frozen=True, kw_only=True)
class ClosedView:
    """`closed.html`: a question that has an outcome, or whose time is over.

    Attributes:
        question: What was asked.
        status: `completed`, `timed_out`, `cancelled` or `replaced`.
        answer: The answer in words, or `None`.
        is_long: Whether the answer is text that wants room.
        changes: What was changed of what the form was filled with.
        responder: Who answered, or `None`.
        channel: How the outcome came about, in words.
        comment: What was added, or the reason.
        closed_at: When, in UTC; `None` where only the deadline is known.
        refusal: Why the answer that was sent just now was not taken, or `None`.
        refused: What was sent then, so that it is not lost.
        successor: The address of the question that took its place, or `None`.
    """

    question: QuestionView
    status: str
    answer: Words | None = None
    is_long: bool = False
    changes: tuple[Change, ...] = ()
    responder: str | None = None
    channel: str = ""
    comment: str = ""
    closed_at: datetime | None = None
    refusal: str | None = None
    refused: str | None = None
    successor: str | None = None


@dataclass(frozen=True, kw_only=True)
class ErrorView:
    """`error.html`: anything that went wrong where there is no question to show.

    Attributes:
        status: The HTTP status.
        title: What went wrong, in a few words.
        detail: Why, and how to mend it.
        typed: What was typed into the form, to be sent again, or `None`.
    """

    status: int
    title: str
    detail: str
    typed: FormBody | None = None


@dataclass(frozen=True, kw_only=True)
class HomeView:
    """`home.html`: what this is. It has nothing to say of requests.

    Attributes:
        version: The version of the app.
    """

    version: str = __version__


View = FormView | ClosedView | ErrorView | HomeView

_TEMPLATES: dict[type[View], str] = {
    FormView: "form.html",
    ClosedView: "closed.html",
    ErrorView: "error.html",
    HomeView: "home.html",
}

_CHANNELS = {
    Channel.FORM: "through this form",
    Channel.JSON: "through the JSON call",
    Channel.TIMER: "by the deadline",
    Channel.WORKFLOW: "by the workflow",
    Channel.RUN_ENDED: "because its run ended",
}


def form_view(
    connection: HTTPConnection,
    request: Request,
    token: str,
    typed: FormBody | None = None,
    errors: Sequence[FieldError] = (),
) -> FormView:
    """The form of an open request, filled with what was typed before, or else with what its author gave."""
    answer_field = Form(request.question.answer_schema).field(
        _first_entries(request) if typed is None else typed.entries, [(each.field, each.reason) for each in errors]
    )
    return FormView(
        request_id=request.request_id,
        question=_question(request),
        answer_field=answer_field,
        token=token,
        max_bytes=state_of(connection).settings.max_body_bytes,
        comment="" if typed is None else typed.comment,
        idempotency_key=(typed and typed.idempotency_key) or secrets.token_urlsafe(16),
        problems=_problems(answer_field, errors),
    )


def closed_view(
    request: Request,
    response: Response | None,
    *,
    refusal: str | None = None,
    refused: str | None = None,
    successor: str | None = None,
) -> ClosedView:
    """The page of a request that takes no answer any more; with no response, because its deadline has passed."""
    question, form = _question(request), Form(request.question.answer_schema)
    if response is None:
        return ClosedView(question=question, status="timed_out", closed_at=request.deadline, refusal=refusal)
    return ClosedView(
        question=question,
        status=response.status,
        answer=form.words(response.value) if response.has_value(request) else None,
        is_long=form.kind in ("str", "json"),
        changes=_changes(request, response),
        responder=response.responder,
        channel=_CHANNELS[response.channel],
        comment=response.comment,
        closed_at=response.responded_at,
        refusal=refusal,
        refused=refused,
        successor=successor,
    )


async def successor_address(connection: HTTPConnection, request: Request) -> str | None:
    """The link to the question that took the place of a closed one: whoever may see this one may see that."""
    service = state_of(connection).service
    successor = await service.successor(request)
    if successor is None:
        return None
    query = urlencode({"token": (await service.links()).token(successor)})
    return f"form/{successor}?{query}"


def render(connection: HTTPConnection, view: View, status: int = HTTPStatus.OK) -> HTMLResponse:
    """Shows a page."""
    template = _environment().get_template(_TEMPLATES[type(view)])
    # Addresses are relative, so that the app works below any path that a proxy gives it.
    base = "../" * (connection.url.path.count("/") - 1) or "./"
    return HTMLResponse(template.render(view=view, base=base, static_version=STATIC_VERSION), status_code=status)


def _question(request: Request) -> QuestionView:
    question = request.question
    fallback = question.on_timeout
    place = "/".join(part for part in (request.origin.project, request.origin.domain) if part)
    return QuestionView(
        name=question.name,
        prompt=Markup(render_markdown(question.prompt)),  # noqa: S704
        source=" · ".join(part for part in (place, f"run {request.origin.run}") if part),
        created_at=request.created_at,
        deadline=request.deadline,
        fallback=None if fallback is None else Form(question.answer_schema).text(fallback.value),
    )


def _first_entries(request: Request) -> Entries:
    form, initial = Form(request.question.answer_schema), request.question.initial
    return form.blank() if initial is None else form.filled(initial.value)


def _problems(answer_field: FormField, errors: Sequence[FieldError]) -> tuple[ProblemView, ...]:
    # Several fields stand at one path where one is inside of another; the one that shows the error has it.
    fields = {each.path: each for each in sorted(answer_field.walk(), key=lambda field: bool(field.errors))}
    return tuple(
        ProblemView(
            path=error.field,
            label=fields[error.field].label if error.field in fields and not fields[error.field].is_root else None,
            anchor=fields[error.field].name if error.field in fields else None,
            reason=error.reason,
        )
        for error in errors
    )


def _changes(request: Request, response: Response) -> tuple[Change, ...]:
    initial = request.question.initial
    if initial is None or response.status != "completed":
        return ()
    return Form(request.question.answer_schema).changes(initial.value, response.value)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("flyteplugins.hitl.app"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["utc"] = _in_utc
    environment.filters["spoken"] = spoken
    environment.filters["as_json"] = partial(json.dumps, ensure_ascii=False)
    environment.filters["clipped"] = _clipped
    return environment


def _in_utc(moment: datetime) -> str:
    """A moment for people; the page's script puts it into the reader's own zone."""
    return f"{moment.day} {moment.strftime('%B %Y, %H:%M')} UTC"


def _clipped(text: str, limit: int = 200) -> str:
    return text if len(text) <= limit else text[:limit] + "…"
