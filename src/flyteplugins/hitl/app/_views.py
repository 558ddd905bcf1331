"""The contexts of the pages, made of requests and outcomes, and the templates that show them."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache, partial
from http import HTTPStatus
from types import MappingProxyType

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse

from .._answers import Entries, Form, FormField, size_in_words, spoken, takes_files
from .._candidates import Check
from .._changes import Change
from .._markdown import render_markdown
from .._records import Request, Response, Uploaded
from ..errors import FieldError
from ._bodies import FormBody
from ._contexts import CheckView, ClosedView, ErrorView, FormView, HomeView, ProblemView, QuestionView, View
from ._shown import NOTHING_SHOWN, FileView, Shown, base_of
from ._state import state_of
from ._static import STATIC_VERSION

_TEMPLATES: dict[type[View], str] = {
    FormView: "form.html",
    CheckView: "check.html",
    ClosedView: "closed.html",
    ErrorView: "error.html",
    HomeView: "home.html",
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
        idempotency_key=(typed and typed.idempotency_key) or new_key(),
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
        channel=response.channel.in_words,
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


def new_key() -> str:
    """What makes sending a form twice count once; of letters, digits, `-` and `_`."""
    return secrets.token_urlsafe(16)


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
        auto_reload=False,
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
