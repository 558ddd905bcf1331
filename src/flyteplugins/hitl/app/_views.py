"""One documented context a page, and the templates that show them."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, partial
from http import HTTPStatus
from types import MappingProxyType
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse

from .._answers import Change, Entries, Form, FormField, Words, size_in_words, spoken, takes_files
from .._candidates import Check, CheckState
from .._markdown import render_markdown
from .._records import Channel, Request, Response, Uploaded
from .._version import __version__
from ..errors import FieldError
from ._bodies import FormBody
from ._shown import NOTHING_SHOWN, FileView, Shown, ShownView, base_of
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
        checked_now: Who sent another answer that the workflow has yet to check, or `None`.
        takes_files: Whether there may be a field for a file in it.
        max_upload_bytes: The largest file that the app takes, in bytes.
        uploads: The files that were uploaded already, by their ids.
    """

    request_id: str
    question: QuestionView
    answer_field: FormField
    token: str
    max_bytes: int
    comment: str = ""
    idempotency_key: str
    problems: tuple[ProblemView, ...] = ()
    checked_now: str | None = None
    takes_files: bool = False
    max_upload_bytes: int = 0
    uploads: Mapping[str, Uploaded] = field(default_factory=dict)

    @property
    def query(self) -> str:
        """What a form with files adds to its addresses: who may answer must be known before the files are read."""
        return f"?{urlencode({'request_id': self.request_id, 'token': self.token})}" if self.takes_files else ""

    @property
    def comment_errors(self) -> bool:
        """Whether something is wrong with the comment."""
        return any(problem.path == "comment" for problem in self.problems)


@dataclass(frozen=True, kw_only=True)
class CheckView:
    """`check.html`: an answer that the workflow has yet to check, or has just checked.

    Attributes:
        request_id: Names the request.
        question: What is asked.
        candidate: The number of the answer.
        state: `kept`, `checking` or `accepted`.
        is_own: Whether the reader sent it; else it is shown because the deadline has to wait for it.
        answer: The answer in words.
        is_long: Whether the answer is text that wants room.
        comment: What was added.
        responder: Who sent it.
        sent_at: When, in UTC.
    """

    request_id: str
    question: QuestionView
    candidate: int
    state: CheckState
    is_own: bool
    answer: Words
    is_long: bool
    comment: str
    responder: str | None
    sent_at: datetime


@dataclass(frozen=True, kw_only=True)
class DecidedItem:
    """One item of a review and what was decided on it.

    Attributes:
        number: Which it is, from 1.
        title: What it is called, in a line.
        decision: The decision in words, or `None` where it is undecided.
        suggestion: What was suggested, in words, where the decision is another; or `None`.
    """

    number: int
    title: str
    decision: str | None
    suggestion: str | None = None


@dataclass(frozen=True, kw_only=True)
class DecidedView:
    """`_review_rows.html`: some items of a review and what was decided on them.

    Attributes:
        rows: The items.
        count: How many items there are.
        page: Which page of them this is, from 1.
        address: The address of a page, less its number.
        item_address: The address of an item, less its number; `None` where there is nothing to open.
        pages: How many pages there are.
    """

    rows: tuple[DecidedItem, ...]
    count: int
    page: int
    pages: int
    address: str
    item_address: str | None = None


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
        files: The files among the answer.
        review: The decisions of a review, or `None`.
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
    files: tuple[FileView, ...] = ()
    review: DecidedView | None = None


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

    @property
    def query(self) -> str:
        """The same as of the form, where files have to be chosen again."""
        if self.typed is None or not self.typed.lost:
            return ""
        return f"?{urlencode({'request_id': self.typed.request_id, 'token': self.typed.token or ''})}"


@dataclass(frozen=True, kw_only=True)
class HomeView:
    """`home.html`: what this is. It has nothing to say of requests.

    Attributes:
        version: The version of the app.
    """

    version: str = __version__


View = FormView | CheckView | ClosedView | ErrorView | HomeView

_TEMPLATES: dict[type[View], str] = {
    FormView: "form.html",
    CheckView: "check.html",
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
    checked_now: str | None = None,
    shown: Shown = NOTHING_SHOWN,
    uploads: Mapping[str, Uploaded] = MappingProxyType({}),
) -> FormView:
    """The form of an open request, filled with what was typed before, or else with what its author gave."""
    answer_field = Form(request.question.answer_schema).field(
        _first_entries(request) if typed is None else typed.entries, [(each.field, each.reason) for each in errors]
    )
    return FormView(
        request_id=request.request_id,
        question=question_view(request, shown),
        answer_field=answer_field,
        token=token,
        max_bytes=state_of(connection).settings.max_body_bytes,
        comment="" if typed is None else typed.comment,
        idempotency_key=(typed and typed.idempotency_key) or secrets.token_urlsafe(16),
        problems=_problems(answer_field, errors),
        checked_now=checked_now,
        takes_files=takes_files(request.question.answer_schema),
        max_upload_bytes=state_of(connection).settings.max_upload_bytes,
        uploads=uploads,
    )


def check_view(request: Request, check: Check, *, is_own: bool, shown: Shown = NOTHING_SHOWN) -> CheckView:
    """The page of an answer that the workflow has yet to check."""
    form = Form(request.question.answer_schema)
    return CheckView(
        request_id=request.request_id,
        question=question_view(request, shown),
        candidate=check.number,
        state=check.state,
        is_own=is_own,
        answer=form.words(check.response.value),
        is_long=form.kind in ("str", "json"),
        comment=check.response.comment,
        responder=check.response.responder,
        sent_at=check.response.responded_at,
    )


def closed_view(
    request: Request,
    response: Response | None,
    *,
    refusal: str | None = None,
    refused: str | None = None,
    successor: str | None = None,
    changes: tuple[Change, ...] = (),
    files: tuple[FileView, ...] = (),
    shown: Shown = NOTHING_SHOWN,
) -> ClosedView:
    """The page of a request that takes no answer any more; with no response, because its deadline has passed."""
    question, form = question_view(request, shown), Form(request.question.answer_schema)
    if response is None:
        return ClosedView(
            question=question, status="timed_out", closed_at=request.deadline, refusal=refusal, refused=refused
        )
    return ClosedView(
        question=question,
        status=response.status,
        answer=form.words(response.value) if response.has_value(request) else None,
        is_long=form.kind in ("str", "json"),
        changes=changes,
        responder=response.responder,
        channel=_CHANNELS[response.channel],
        comment=response.comment,
        closed_at=response.responded_at,
        refusal=refusal,
        refused=refused,
        successor=successor,
        files=files,
    )


def render(connection: HTTPConnection, view: View, status: int = HTTPStatus.OK) -> HTMLResponse:
    """Shows a page."""
    return rendered(connection, _TEMPLATES[type(view)], view, status)


def rendered(connection: HTTPConnection, name: str, view: object, status: int = HTTPStatus.OK) -> HTMLResponse:
    """Shows a view by the template of this name."""
    return HTMLResponse(markup(connection, name, view), status_code=status)


def markup(connection: HTTPConnection, name: str, view: object, base: str | None = None) -> str:
    """What the template of this name makes of a view.

    Args:
        base: What leads from the page that it is put into to the root of the app, where that is another page.
    """
    template = _environment().get_template(name)
    root = base_of(connection) if base is None else base
    return template.render(view=view, base=root, static_version=STATIC_VERSION)


def question_view(request: Request, shown: Shown) -> QuestionView:
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
        fallback=None if fallback is None else Form(question.answer_schema).text(fallback.value),
        shown=shown.below(prompt),
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
    environment.filters["bytes"] = size_in_words
    return environment


def _in_utc(moment: datetime) -> str:
    """A moment for people; the page's script puts it into the reader's own zone."""
    return f"{moment.day} {moment.strftime('%B %Y, %H:%M')} UTC"


def _clipped(text: str, limit: int = 200) -> str:
    return text if len(text) <= limit else text[:limit] + "…"
