"""Reads the bodies of calls: bounded, strict, and with errors that say what is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import MutableMapping, Sequence
from typing import Annotated, Any, NoReturn, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.json_schema import SkipJsonSchema
from starlette.requests import Request as HttpRequest

from .._answers import ROOT, Entries, Pair
from .._proof import Proof
from ..errors import BodyTooLarge, FieldError, InvalidAnswer, MalformedBody

MAX_FORM_FIELDS = 50_000
"""More than the largest form that is made has; a browser takes seconds to show so many."""

_MARK = "secret"  # The name of an entry that names a secret one, and no secret itself.
_NUMBER = re.compile(r"[0-9]{1,4}")

BodyT = TypeVar("BodyT", bound=BaseModel)


class ProvenBody(BaseModel):
    """What names a request, and proves the right to it."""

    request_id: str = Field(description="Names the request.")
    token: str | None = Field(default=None, description="Proves the right to answer: the token of the link.")
    response_path: str | None = Field(default=None, description="Proves the right to answer, instead of `token`.")

    @property
    def proof(self) -> Proof:
        return Proof(token=self.token, response_path=self.response_path)


class AnswerBody(ProvenBody):
    """The body of `POST /submit/json`. The value may be JSON of the type that is asked for, or text that spells it."""

    model_config = ConfigDict(strict=True)

    request_id: str = Field(description="Names the request. Shown in the task's report.")
    response_path: str | None = Field(
        default=None, description="Proves the right to answer. Shown in the task's report beside the `request_id`."
    )
    token: str | None = Field(default=None, description="The token of the request's link, instead of `response_path`.")
    value: Any = Field(description="The answer.", examples=["true"])
    data_type: str | None = Field(
        default=None, description="The type the caller believes is asked for. Another one is refused."
    )
    comment: str = Field(default="", description="Kept with the answer.")
    idempotency_key: str | None = Field(
        default=None, description="Send the same key with the same answer to send it again safely."
    )


class FormBody(ProvenBody):
    """The body of `POST /submit`: what the form sends, as text."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    value: str | None = Field(
        default=None,
        description="The answer, as text. One of several fields sends each as what it is called in the form, such as "
        "`value.customer.name`.",
    )
    data_type: str | None = Field(default=None, description="The type that the sender believes is asked for.")
    comment: str = Field(default="", description="Kept with the answer.")
    idempotency_key: str | None = Field(
        default=None, description="Made with the form, so that sending it twice counts once."
    )
    action: str | None = Field(default=None, description="At `/edit`: the row's button that was pressed.")
    item: str | None = Field(default=None, description="Of a review: the number of the item, from 1.")
    entries: SkipJsonSchema[Entries] = Field(default_factory=lambda: Entries(()))
    secrets: SkipJsonSchema[frozenset[str]] = frozenset()
    files: SkipJsonSchema[frozenset[str]] = frozenset()  # The entries that name uploads.
    lost: SkipJsonSchema[tuple[tuple[str, str], ...]] = ()  # Files that could not be stored: field and file name.


FormT = TypeVar("FormT", bound=FormBody)


class ReviewForm(FormBody):
    """The body of `POST /review/decide` and `POST /review/submit`: what the pages of a review send, as text."""

    withdraw: str | None = Field(default=None, description="At `/review/decide`: anything, to be undecided again.")
    seen: str | None = Field(default=None, description="At `/review/submit`: what the reviewer has seen of the log.")


class DecisionBody(BaseModel):
    """The same decision on some items."""

    model_config = ConfigDict(strict=True)

    items: list[int] = Field(description="The numbers of the items, from 0.")
    value: Any = Field(default=None, description="The decision: JSON of the type, or text that spells it.")
    entries: list[Annotated[list[str], Field(min_length=2, max_length=2)]] | None = Field(
        default=None, description="The decision as a form sends it, instead of `value`."
    )


class ProgressBody(ProvenBody):
    """The body of `POST /review/progress`: decisions that were made together. All are kept, or none."""

    model_config = ConfigDict(strict=True)

    key: str | None = Field(
        default=None, max_length=200, description="Send the same key with the same decisions to send them again safely."
    )
    decisions: list[DecisionBody] = Field(default_factory=list, description="The decisions.")
    withdrawn: list[int] = Field(
        default_factory=list, description="The numbers of items that are to be undecided again."
    )


async def read_answer(request: HttpRequest, limit: int) -> AnswerBody:
    """Reads the body of the JSON call.

    Raises:
        BodyTooLarge: It has more than `limit` bytes.
        MalformedBody: It is no JSON object.
        InvalidAnswer: A field is missing or of another type.
    """
    return _validated(AnswerBody, await _json(request, limit, "`request_id` and `value`"))


async def read_progress(request: HttpRequest, limit: int) -> ProgressBody:
    """Reads the body of the call that keeps decisions of a review.

    Raises:
        BodyTooLarge: It has more than `limit` bytes.
        MalformedBody: It is no JSON object.
        InvalidAnswer: A field is missing or of another type.
    """
    return _validated(ProgressBody, await _json(request, limit, "`request_id` and `decisions`"))


async def _json(request: HttpRequest, limit: int, members: str) -> dict[str, Any]:
    content = await _content(request, limit)
    try:
        fields = json.loads(content, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise MalformedBody(f"The body is not JSON: {error}. Send a JSON object with {members}.") from None
    if not isinstance(fields, dict):
        raise MalformedBody(f"The body is JSON, but no object. Send one with {members}.")
    return fields


async def read_form(request: HttpRequest, limit: int) -> FormBody:
    """Reads the body of a form.

    Raises:
        BodyTooLarge: It has more than `limit` bytes.
        MalformedBody: It is no form.
        InvalidAnswer: A field is missing.
    """
    return await read_form_as(FormBody, request, limit)


async def read_form_as(kind: type[FormT], request: HttpRequest, limit: int) -> FormT:
    """Reads the body of a form into a body of this kind.

    Raises:
        BodyTooLarge: It has more than `limit` bytes.
        MalformedBody: It is no form.
        InvalidAnswer: A field is missing.
    """
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        raise MalformedBody("The body is no form. Use the page's own form, or POST JSON to /submit/json.")
    content = await _content(request, limit)
    try:
        form = await _replayed(request, content).form(max_fields=MAX_FORM_FIELDS, max_files=0, max_part_size=limit)
    except Exception as error:
        # The parsers raise of their own accord what starlette has not foreseen, and all of it means the same.
        raise MalformedBody(f"The form could not be read: {error}. Send it from the page again.") from None
    return form_body_as(kind, [(name, text) for name, text in form.multi_items() if isinstance(text, str)])


def form_body_as(kind: type[FormT], pairs: Sequence[Pair]) -> FormT:
    """The body of a form, of its entries.

    Raises:
        InvalidAnswer: A field is missing.
    """
    answer = Entries(pair for pair in pairs if pair[0] == ROOT or pair[0].startswith(f"{ROOT}."))
    secrets = frozenset(text for name, text in pairs if name == _MARK)
    return _validated(kind, {**dict(pairs), "entries": answer, "secrets": secrets})


def candidate_number(text: str | None) -> int | None:
    """The number of a candidate in an address; anything else is taken for no number."""
    return int(text) if text is not None and _NUMBER.fullmatch(text) else None


def declared_length(request: HttpRequest) -> int:
    """How many bytes the caller says the body has; 0 where it does not."""
    declared = request.headers.get("content-length", "")
    return int(declared[:20]) if declared.isascii() and declared.isdigit() else 0


async def _content(request: HttpRequest, limit: int) -> bytes:
    if declared_length(request) > limit:
        raise too_large(limit)
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > limit:
            raise too_large(limit)
    return bytes(content)


def _replayed(request: HttpRequest, content: bytes) -> HttpRequest:
    """The request once more, for starlette's parser: the first reading, which is bounded, used its body up."""

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": content, "more_body": False}

    return HttpRequest(request.scope, receive)


def _validated(kind: type[BodyT], fields: dict[str, Any]) -> BodyT:
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        raise InvalidAnswer(
            *(
                FieldError(field=".".join(map(str, problem["loc"])), reason=_reason(problem["type"], problem["msg"]))
                for problem in error.errors(include_url=False, include_input=False, include_context=False)
            )
        ) from None


def _reason(kind: str, message: str) -> str:
    return "It is missing: send it." if kind == "missing" else f"{message}."


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def too_large(limit: int) -> BodyTooLarge:
    """The error for a body beyond the limit."""
    return BodyTooLarge(
        f"The answer has more than {limit:,} bytes, which is all that this app takes. Nothing was stored. Shorten it; "
        "the operator can raise FLYTE_HITL_MAX_BODY_BYTES."
    )
