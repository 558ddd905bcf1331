"""Requests, outcomes and checks as JSON and in words. No secret is told."""

from __future__ import annotations

import json
from typing import Any

from .._answers import Form
from .._candidates import Check
from .._records import Request, Response
from ._plain import line, moment

_DONE = {
    "completed": "Answered",
    "timed_out": "Timed out",
    "cancelled": "Cancelled",
    "replaced": "Replaced by another question",
}


def outcome_as_json(request: Request, response: Response) -> dict[str, Any]:
    """An outcome for a program, as the app's JSON call tells it."""
    content = response.model_dump(mode="json", include=_OUTCOME)
    masked = Form(request.question.answer_schema).masked
    return {**content, "value": masked(response.value) if response.has_value(request) else None}


def check_as_json(check: Check) -> dict[str, Any]:
    """Where the check of an answer stands, for a program."""
    return {
        "candidate": check.number,
        "state": check.state,
        "errors": [{"field": error.field, "reason": error.reason} for error in check.errors],
        "responder": check.response.responder,
        "submitted_at": check.response.responded_at.isoformat(),
    }


def answer_in_words(request: Request, response: Response) -> str:
    """The value of an outcome, for a person; empty where there is none."""
    return Form(request.question.answer_schema).text(response.value) if response.has_value(request) else ""


def answer_in_short(request: Request, response: Response, limit: int = 200) -> str:
    """The same on one line: as JSON where it has several fields."""
    if not response.has_value(request):
        return ""
    form = Form(request.question.answer_schema)
    words = form.words(response.value)
    return line(json.dumps(form.masked(response.value), ensure_ascii=False) if words.parts else words.text, limit)


def outcome_in_words(response: Response) -> str:
    """How a request ended, by whom and when, in one sentence without the value."""
    return f"{ending_in_words(response)} at {moment(response.responded_at)}."


def ending_in_words(response: Response) -> str:
    """The same without the moment."""
    by = f" by {response.responder}" if response.responder else ""
    return f"{_DONE[response.status]}{by} {response.channel.in_words}"


_OUTCOME = {"status", "responder", "channel", "comment", "responded_at", "replaced_by"}
