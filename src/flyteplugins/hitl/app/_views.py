"""One documented context a page, and the templates that show them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from http import HTTPStatus
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup
from pydantic import JsonValue
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse

from .._answers import answer_in_words, answer_type_named
from .._markdown import render_markdown
from .._records import Channel, Request, Response
from .._version import __version__
from ._bodies import FormBody
from ._shown import NOTHING_SHOWN, Shown, ShownView, base_of, in_bytes
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
        shown: What is shown with it, but for the pictures that the prompt shows.
    """

    name: str
    prompt: Markup
    source: str
    created_at: datetime
    deadline: datetime | None
    fallback: str | None
    shown: tuple[ShownView, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FieldView:
    """The field that takes the answer.

    Attributes:
        kind: The name of the answer type, which is the name of the field's template.
        text: What it is filled with.
        labels: The words on the two buttons of a decision.
    """

    kind: str
    text: str
    labels: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class FormView:
    """`form.html`: an open question.

    Attributes:
        request_id: Names the request.
        question: What is asked.
        answer_field: What takes the answer.
        token: Proves the right to answer.
        max_bytes: The largest form that the app reads, in bytes.
        comment: What the comment is filled with.
        idempotency_key: Makes sending the form twice count once.
        errors: What is wrong, by field.
    """

    request_id: str
    question: QuestionView
    answer_field: FieldView
    token: str
    max_bytes: int
    comment: str = ""
    idempotency_key: str
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ClosedView:
    """`closed.html`: a question that has an outcome, or whose time is over.

    Attributes:
        question: What was asked.
        status: `completed`, `timed_out`, `cancelled` or `replaced`.
        answer: The answer in words, or `None`.
        is_long: Whether the answer is text that wants room.
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
    answer: str | None = None
    is_long: bool = False
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
    errors: dict[str, str] | None = None,
    shown: Shown = NOTHING_SHOWN,
) -> FormView:
    """The form of an open request, filled with what was typed before, if anything was."""
    labels = request.question.presentation.get("labels")
    return FormView(
        request_id=request.request_id,
        question=_question(request, shown),
        answer_field=FieldView(
            kind=answer_type_named(request.question.data_type).name,
            text="" if typed is None else typed.value,
            labels=tuple(str(label) for label in labels) if isinstance(labels, list) else (),
        ),
        token=token,
        max_bytes=state_of(connection).settings.max_body_bytes,
        comment="" if typed is None else typed.comment,
        idempotency_key=(typed and typed.idempotency_key) or secrets.token_urlsafe(16),
        errors=errors or {},
    )


def closed_view(
    request: Request,
    response: Response | None,
    *,
    refusal: str | None = None,
    refused: str | None = None,
    successor: str | None = None,
    shown: Shown = NOTHING_SHOWN,
) -> ClosedView:
    """The page of a request that takes no answer any more; with no response, because its deadline has passed."""
    question = _question(request, shown)
    if response is None:
        return ClosedView(question=question, status="timed_out", closed_at=request.deadline, refusal=refusal)
    return ClosedView(
        question=question,
        status=response.status,
        answer=_words(request, response.value) if response.has_value(request) else None,
        is_long=request.question.data_type == "str",
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
    base = base_of(connection)
    return HTMLResponse(template.render(view=view, base=base, static_version=STATIC_VERSION), status_code=status)


def _question(request: Request, shown: Shown) -> QuestionView:
    question = request.question
    prompt = render_markdown(question.prompt, shown.images)
    fallback = question.on_timeout
    place = "/".join(part for part in (request.origin.project, request.origin.domain) if part)
    return QuestionView(
        name=question.name,
        prompt=Markup(prompt),  # noqa: S704
        source=" · ".join(part for part in (place, f"run {request.origin.run}") if part),
        created_at=request.created_at,
        deadline=request.deadline,
        fallback=None if fallback is None else _words(request, fallback.value),
        shown=shown.below(prompt),
    )


def _words(request: Request, value: JsonValue) -> str:
    return answer_in_words(request.question.data_type, value, request.question.presentation)


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
    environment.filters["spoken"] = _spoken
    environment.filters["clipped"] = _clipped
    environment.filters["bytes"] = in_bytes
    return environment


def _in_utc(moment: datetime) -> str:
    """A moment for people; the page's script puts it into the reader's own zone."""
    return f"{moment.day} {moment.strftime('%B %Y, %H:%M')} UTC"


def _spoken(name: str) -> str:
    """An event's name as a heading: `review_decision` is read as “Review decision”."""
    words = " ".join(name.replace("_", " ").replace("-", " ").split()) or name
    return words[:1].upper() + words[1:]


def _clipped(text: str, limit: int = 200) -> str:
    return text if len(text) <= limit else text[:limit] + "…"
