"""An answer as it comes in, and what makes it one that can be taken."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic import JsonValue

from ._answers import ROOT, Entries, Form, InvalidValue, written
from ._quoting import quoted
from ._records import Channel, Question, Request, Response
from ._store import new_nonce
from .errors import FieldError, InvalidAnswer

MAX_COMMENT_CHARACTERS = 5_000
"""A page or two: a comment explains an answer, it does not carry it."""


@dataclass(frozen=True, kw_only=True)
class Submission:
    """An answer as it came in, not yet checked.

    Attributes:
        value: What a form holds, or a JSON value.
        channel: Whether a form or a JSON call brought it.
        data_type: The type that the caller believes is asked for; only ever compared.
        comment: What the responder adds.
        responder: Who answers, as far as the app knows for certain.
        idempotency_key: The same key for the same submission sent again, so that it is not a second answer.
    """

    value: object
    channel: Literal[Channel.FORM, Channel.JSON]
    data_type: str | None = None
    comment: str = ""
    responder: str | None = None
    idempotency_key: str | None = None

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
            raise InvalidAnswer(
                *(FieldError(field=written((ROOT, *each.path)), reason=each.reason) for each in error.problems)
            ) from None
        _check_schema(value, question)
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
            reason = _too_long("The comment", len(kept), MAX_COMMENT_CHARACTERS)
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
    return type(one) is type(other) and one == other


def _check_schema(value: JsonValue, question: Question) -> None:
    from jsonschema import Draft202012Validator

    validator = Draft202012Validator(question.answer_schema)
    errors = sorted(validator.iter_errors(value), key=lambda error: list(map(str, error.absolute_path)))
    if errors:
        raise InvalidAnswer(
            *(
                FieldError(
                    field=written((ROOT, *error.absolute_path)),
                    reason=_schema_reason(error.validator, error.validator_value, error.instance, error.message),
                )
                for error in errors
            )
        )


def _schema_reason(keyword: object, limit: object, value: object, message: str) -> str:
    if keyword == "maxLength" and isinstance(value, str) and isinstance(limit, int):
        return _too_long("The text", len(value), limit)
    return f"{message[:200]}."


def _too_long(what: str, length: int, limit: int) -> str:
    return f"{what} has {length:,} characters; at most {limit:,} are taken. Shorten it."
