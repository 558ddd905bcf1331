"""What a task's report shows of its events: the link, the ids, and a call that is ready to be pasted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING

from . import _flyte
from ._answers import Form
from ._form_link import FormLink
from ._markdown import render_markdown
from ._records import Response

if TYPE_CHECKING:
    from jinja2 import Template


@dataclass(frozen=True, kw_only=True)
class ReportEntry:
    """One event in the report.

    Attributes:
        name: The event's name.
        prompt: The prompt, in Markdown.
        shown: What is shown with it on the form, by title or by the name of its file.
        status: Where it stands, in words.
        is_open: Whether it can be answered.
        answer: The answer in words, or `None`.
        responder: Who answered, or `None`.
        comment: What was added to the answer, or why there is none; empty for nothing.
        until: Until when it can be answered, or when it was closed, in UTC; `None` for no limit.
        link: The link to the form, and the JSON call.
    """

    name: str
    prompt: str
    shown: tuple[str, ...]
    status: str
    is_open: bool
    answer: str | None
    responder: str | None
    comment: str
    until: datetime | None
    link: FormLink

    @property
    def prompt_html(self) -> str:
        return render_markdown(self.prompt)

    @cached_property
    def section(self) -> str:
        """Its part of the report, as HTML."""
        return _template("report-section.html").render(entry=self)


async def show_in_report(link: FormLink, response: Response | None) -> None:
    """Brings the report of the running task up to date: one section an event, answered ones say so.

    Args:
        link: The event's link.
        response: Its outcome, or `None` while it is open.
    """
    if not _flyte.is_in_task():
        return
    attempt = _flyte.current_attempt()
    attempt.reported[link.request.request_id] = _entry(link, response)
    content = partial(_content, attempt.reported)
    _flyte.show_in_report(content)
    await _flyte.save_report_soon.aio(attempt.saves, content)


def _content(reported: Mapping[str, ReportEntry]) -> str:
    return _template("report.html").render(entries=list(reported.values()))


def _entry(link: FormLink, response: Response | None) -> ReportEntry:
    question = link.request.question
    answer = None
    if response is not None and response.has_value(link.request):
        answer = Form(question.answer_schema).text(response.value)
    return ReportEntry(
        name=question.name,
        prompt=question.prompt,
        shown=tuple(each.title or each.files[0].file_name for each in question.show),
        status="waiting" if response is None else response.status.replace("_", " "),
        is_open=response is None,
        answer=answer,
        responder=None if response is None else response.responder,
        comment="" if response is None else response.comment,
        until=link.request.deadline if response is None else response.responded_at,
        link=link,
    )


@cache
def _template(name: str) -> Template:
    # Only a task that asks pays for the import.
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("flyteplugins.hitl"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)
