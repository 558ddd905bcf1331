"""An answer as it comes in, and what makes it one that can be taken."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic import JsonValue

from ._answers import ROOT, Entries, Form, InvalidValue, Problem, schema_problems, too_long, written
from ._quoting import quoted
from ._records import Channel, Question, Request, Response, canonical_json
from ._store import new_nonce
from .errors import FieldError, InvalidAnswer

MAX_COMMENT_CHARACTERS = 5_000
"""A page or two: a comment explains an answer, it does not carry it."""

_SHORT_PARTS = 100
"""A form of many fields; they are checked within some milliseconds."""
_SHORT_CHARACTERS = 10_000


@dataclass(frozen=True, kw_only=True)
class Submission:
    """An answer as it came in, not yet checked.

    Attributes:
        value: What a form holds, or a JSON value.
        channel: Whether a form, a JSON call, the command line or the script's own terminal brought it.
        data_type: The type that the caller believes is asked for; only ever compared.
        comment: What the responder adds.
        responder: Who answers, as far as the app knows for certain.
        idempotency_key: The same key for the same submission sent again, so that it is not a second answer.
    """

    value: object
    channel: Literal[Channel.FORM, Channel.JSON, Channel.CLI, Channel.TERMINAL]
    data_type: str | None = None
    comment: str = ""
    responder: str | None = None
    idempotency_key: str | None = None

    @property
    def is_short(self) -> bool:
        """Whether it is checked so quickly that it is not worth a thread."""
        return _is_short(self.value)

    def nonce(self, request_id: str) -> str:
        """The nonce of the outcome that this becomes: the same for the same submission sent again."""
        if not self.idempotency_key:
            return new_nonce()
        content = f"{request_id}\0{self.idempotency_key}"
        return hashlib.sha256(content.encode(errors="surrogatepass")).hexdigest()

    def made(self, response: Response) -> bool:
        """Whether an outcome was made by this very submission, sent before."""
        return bool(self.idempotency_key) and response.nonce == self.nonce(response.request_id)

    def response(self, request: Request, now: datetime) -> Response:
        """The outcome that this becomes, if it is the one that is taken.

        Args:
            request: The request that it answers.
            now: The present moment.

        Raises:
            InvalidAnswer: It does not fit the question.
        """
        return Response(
            nonce=self.nonce(request.request_id),
            request_id=request.request_id,
            status="completed",
            value=self.checked_value(request.question),
            responder=self.responder,
            channel=self.channel,
            comment=self.checked_comment(),
            responded_at=now,
        )

    def checked_value(self, question: Question) -> JsonValue:
        """The value as the record keeps it.

        Raises:
            InvalidAnswer: It does not fit the question.
        """
        self._check_data_type(question)
        form = Form(question.answer_schema)
        try:
            value = form.parse_form(self.value) if isinstance(self.value, Entries) else form.parse_json(self.value)
        except InvalidValue as error:
            raise _invalid(error.problems) from None
        problems = schema_problems(question.answer_schema, value)
        if problems:
            raise _invalid(problems)
        return value

    def checked_comment(self) -> str:
        """The comment as the record keeps it.

        Raises:
            InvalidAnswer: It is too long, or no Unicode text.
        """
        kept = self.comment.replace("\r\n", "\n").strip()
        try:
            kept.encode()
        except UnicodeEncodeError:
            reason = "It holds half of a surrogate pair, which is no Unicode character."
            raise InvalidAnswer(FieldError(field="comment", reason=reason)) from None
        if len(kept) > MAX_COMMENT_CHARACTERS:
            reason = too_long("The comment", len(kept), MAX_COMMENT_CHARACTERS)
            raise InvalidAnswer(FieldError(field="comment", reason=reason))
        return kept

    def _check_data_type(self, question: Question) -> None:
        if self.data_type is not None and self.data_type != question.data_type:
            reason = (
                f"The question asks for {question.data_type}, not for {quoted(self.data_type)}. "
                f"Send `{question.data_type}`, or leave `data_type` out."
            )
            raise InvalidAnswer(FieldError(field="data_type", reason=reason))


def is_same_value(one: Any, other: Any) -> bool:
    """Whether two answers are the same: in Python `1 == True == 1.0`, and none of them is another's answer."""
    return canonical_json([one]) == canonical_json([other])


def _is_short(value: object) -> bool:
    parts: list[object] = [text for _, text in value] if isinstance(value, Entries) else [value]
    seen = characters = 0
    while parts:
        part = parts.pop()
        seen += 1
        if isinstance(part, dict):
            parts.extend(part)
            parts.extend(part.values())
        elif isinstance(part, list):
            parts.extend(part)
        elif isinstance(part, str):
            characters += len(part)
        if seen + len(parts) > _SHORT_PARTS or characters > _SHORT_CHARACTERS:
            return False
    return True


def _invalid(problems: tuple[Problem, ...]) -> InvalidAnswer:
    return InvalidAnswer(*(FieldError(field=written((ROOT, *each.path)), reason=each.reason) for each in problems))
