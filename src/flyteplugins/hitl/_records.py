"""What is kept in the store: immutable, versioned JSON that other programs may read.

Documented field by field in `docs/reference/records.md`. A record is never changed once it is written; what may
change, the status, is derived from which records there are.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, ValidationError

from .errors import DamagedRecord

RecordT = TypeVar("RecordT", bound="Record")

NonEmpty = Annotated[str, Field(min_length=1)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Status(str, Enum):
    """Where a request stands. Derived, never stored twice: with no response it is `pending`."""

    PENDING = "pending"
    COMPLETED = "completed"
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"
    REPLACED = "replaced"


class Channel(str, Enum):
    """How an outcome came about."""

    FORM = "form"
    JSON = "json"
    TIMER = "timer"
    WORKFLOW = "workflow"
    RUN_ENDED = "run_ended"


class Frozen(BaseModel):
    """Immutable, and tolerant of fields that a later version added."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Record(Frozen):
    """An object in the store.

    Attributes:
        format: The version of the record's layout.
        nonce: Unguessable and unique to the writer. A writer that cannot tell whether its write went through reads
            the object back and looks for its own nonce (see `docs/explanation/storage.md`).
    """

    format: Literal[1] = 1
    nonce: NonEmpty

    def to_bytes(self) -> bytes:
        """The record as it is stored: UTF-8 JSON, indented so that a person can read it."""
        return self.model_dump_json(indent=2).encode()

    @classmethod
    def from_bytes(cls: type[RecordT], content: bytes, path: str) -> RecordT:
        """The one way from the store to a record.

        Raises:
            DamagedRecord: The content is no record of this kind; the message names `path`.
        """
        try:
            return cls.model_validate_json(content)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"]) or "the file"
            raise DamagedRecord(
                f"{path} is no {cls.__name__.lower()} record: {where}: {first['msg']}. "
                "It was damaged, or something else wrote it; move it away to go on without it."
            ) from None


class Origin(Frozen):
    """Who asks: the action of a Flyte run, or a script outside of one.

    Attributes:
        organization: Flyte's organisation, or empty.
        project: Flyte's project, or empty.
        domain: Flyte's domain, or empty.
        run: The name of the run.
        action: The name of the action in the run; the same in every attempt.
    """

    organization: str = ""
    project: str = ""
    domain: str = ""
    run: NonEmpty
    action: NonEmpty


class Fallback(Frozen):
    """The value with which a workflow goes on when nobody answers in time."""

    value: JsonValue


class Initial(Frozen):
    """The value with which the form is filled at first; of an object perhaps some members only."""

    value: JsonValue


class StoredFile(Frozen):
    """Bytes that are kept under their own hash, and what a browser must know to take them.

    Attributes:
        digest: SHA-256 of the content, in hexadecimal; the content is at `attachments/{digest}`.
        size: The size of the content, in bytes.
        media_type: What the content is, such as `image/png`.
        file_name: What the file is called when it is downloaded.
    """

    digest: Digest
    size: int = Field(ge=0)
    media_type: NonEmpty
    file_name: NonEmpty


class Attachment(Frozen):
    """One thing that is shown with a question.

    Attributes:
        kind: How it is shown, such as `table`; one that a page does not know is offered as a file.
        title: The heading above it, or empty.
        name: What it is called in the prompt, as in `![a plot](attachment:plot.png)`; or empty.
        files: What can be downloaded: all of it, never a part.
        preview: The hash of what the page shows of it, kept like the files; `null` where the page shows the file.
        details: What else the page must know, by the kind; such as the size of a picture in pixels.
    """

    kind: NonEmpty
    title: str = ""
    name: str = ""
    files: tuple[StoredFile, ...] = Field(min_length=1)
    preview: Digest | None = None
    details: dict[str, JsonValue] = Field(default_factory=dict)


class Chunk(Frozen):
    """Where some of the items of a review are: `items/{digest}.json`.

    Attributes:
        digest: SHA-256 of their content in one fixed spelling, so that the same items are the same object.
        count: How many there are.
    """

    digest: NonEmpty
    count: int = Field(ge=1)


class Review(Frozen):
    """That a question asks for a decision on each of many items.

    Attributes:
        chunks: Where the items are, in order.
        decision_type: What the type of one decision is called, such as `bool`.
        allow_partial: Whether items may be left undecided.
    """

    chunks: tuple[Chunk, ...] = Field(min_length=1)
    decision_type: NonEmpty
    allow_partial: bool = False

    @property
    def count(self) -> int:
        """How many items there are."""
        return sum(chunk.count for chunk in self.chunks)


class Question(Frozen):
    """What the person is asked, all of it: the fingerprint covers every field.

    Attributes:
        name: The event's name.
        prompt: The message on the form, in Markdown.
        data_type: What the answer type is called, such as `bool`.
        answer_schema: The JSON Schema that the answer must fit. All of the form is made of it.
        initial: What the form is filled with at first, if anything.
        on_timeout: What the workflow goes on with when nobody answers, if anything.
        is_validated: Whether the workflow checks each answer itself, before it is accepted.
        table: The table that the person changes, where the answer is a data frame; `null` for any other.
        show: What is shown with it, in order; each by the hash of its content.
        review: The items, if it asks for a decision on each of many.
    """

    name: NonEmpty
    prompt: str
    data_type: NonEmpty
    answer_schema: dict[str, JsonValue]
    initial: Initial | None = None
    on_timeout: Fallback | None = None
    is_validated: bool = False
    table: StoredFile | None = None
    show: tuple[Attachment, ...] = ()
    review: Review | None = None

    def fingerprint(self) -> str:
        """A hash of the content: a question that differs in anything shown is another question."""
        # Less what is as if it was not there, so that a field which a later version adds changes no earlier question.
        return hashlib.sha256(canonical_json(self.model_dump(mode="json", exclude_defaults=True))).hexdigest()


class Identity(Frozen):
    """All that tells one request from another. Its id is derived from this, so that asking again is the same request.

    Attributes:
        origin: Who asks.
        name: The event's name.
        idempotency_key: The caller's own key in place of the occurrence, if it gave one.
        occurrence: Counts requests of the same name and content in one action, from 1.
        fingerprint: The hash of the question.
        generation: Counts how often an earlier request like this was replaced or left by its run, from 0.
    """

    origin: Origin
    name: str
    idempotency_key: str | None
    occurrence: int = Field(ge=1)
    fingerprint: str
    generation: int = Field(default=0, ge=0)

    def anew(self) -> Identity:
        """The identity of the same question asked once more, because the one before was left."""
        return self.model_copy(update={"generation": self.generation + 1})

    def to_bytes(self) -> bytes:
        return canonical_json(self.model_dump())


class Request(Record):
    """A question put to people by a workflow.

    Attributes:
        request_id: Derived from the store's key and from all that tells this request from others, so that asking
            again is the same request.
        scope: The scope of the event; only `run` today.
        origin: Who asks.
        question: What is asked.
        fingerprint: The hash of the question.
        occurrence: Counts requests of the same name and content in one action, from 1.
        idempotency_key: The caller's own key in place of the occurrence, if it gave one.
        generation: Counts how often an earlier request like this was replaced or left by its run, from 0.
        created_at: When it was asked, in UTC.
        deadline: The moment after which no answer is taken, in UTC; `null` for none.
        response_path: Where the outcome is kept, under the store's root. It holds an unguessable part, so knowing it
            proves the right to answer.
    """

    request_id: NonEmpty
    scope: Literal["run"] = "run"
    origin: Origin
    question: Question
    fingerprint: NonEmpty
    occurrence: int = Field(ge=1)
    idempotency_key: str | None = None
    generation: int = Field(ge=0)
    created_at: AwareDatetime
    deadline: AwareDatetime | None
    response_path: NonEmpty = Field(repr=False)

    def identity(self) -> Identity:
        """What its id was derived from."""
        return Identity(
            origin=self.origin,
            name=self.question.name,
            idempotency_key=self.idempotency_key,
            occurrence=self.occurrence,
            fingerprint=self.fingerprint,
            generation=self.generation,
        )

    def is_past_deadline(self, now: datetime) -> bool:
        return self.deadline is not None and now >= self.deadline


class Response(Record):
    """The outcome of a request: there is at most one, whoever wrote it.

    Attributes:
        request_id: The request that it closes.
        status: `completed`, `timed_out`, `cancelled` or `replaced`.
        value: The answer as JSON, or the fallback of a request that timed out; `null` for none.
        responder: Who answered, as far as the app knows for certain; `null` where no person did.
        channel: How it came about.
        comment: What the responder added, or the reason of a cancellation.
        responded_at: When, in UTC.
        replaced_by: The request that took its place, where the status is `replaced`.
    """

    request_id: NonEmpty
    status: Literal["completed", "timed_out", "cancelled", "replaced"]
    value: JsonValue = None
    responder: str | None = None
    channel: Channel
    comment: str = ""
    responded_at: AwareDatetime
    replaced_by: str | None = None

    def has_value(self, request: Request) -> bool:
        """Whether the workflow goes on with the value: it was answered, or has a fallback for nobody's answer."""
        has_fallback = request.question.on_timeout is not None or self.is_partial(request)
        return self.status == "completed" or (self.status == "timed_out" and has_fallback)

    def is_partial(self, request: Request) -> bool:
        """Whether the deadline closed a review with what was decided by then."""
        review = request.question.review
        has_decisions = review is not None and review.allow_partial and self.value is not None
        return self.status == "timed_out" and has_decisions


class Candidate(Record):
    """One entry in the log of answers that wait for the workflow's own check.

    Attributes:
        request_id: The request that it answers.
        response: The response that is written as it is here once the check accepts it. `null` in the last entry of
            a log: the deadline passed, and no answer comes after it.
    """

    request_id: NonEmpty
    response: Response | None


class Reason(Frozen):
    """Why a check refuses an answer.

    Attributes:
        field: The part that it is about, such as `value` for all of it, or `value.items.0.price`.
        reason: Why, for the person who answered.
    """

    field: NonEmpty
    reason: NonEmpty


class Verdict(Record):
    """What the workflow's check said of the candidate of the same number. The first one that is written holds.

    Attributes:
        request_id: The request that the candidate answers.
        accepted: Whether the candidate's response becomes the outcome.
        errors: Why not; empty where it does.
        checked_at: When, in UTC.
    """

    request_id: NonEmpty
    accepted: bool
    errors: tuple[Reason, ...] = ()
    checked_at: AwareDatetime


class Mark(Record):
    """A sign that a workflow is checking an answer just now. It decides nothing.

    Attributes:
        request_id: The request.
        number: The number of the candidate.
        seen_at: When the check was last known to run, in UTC.
    """

    request_id: NonEmpty
    number: int = Field(ge=0)
    seen_at: AwareDatetime


class Uploaded(Record):
    """A file that somebody uploaded to answer a request with. Written last: what has no record is no upload.

    Attributes:
        request_id: The request that it is for, and the only one.
        upload_id: Names the upload; unguessable, and part of the path of its bytes.
        name: What the file is called, for people; never part of a path.
        media_type: Its type, as far as it could be told.
        size: Its size, in bytes.
        sha256: The hash of its bytes, in hexadecimal.
        received_at: When, in UTC.
    """

    request_id: NonEmpty
    upload_id: NonEmpty
    name: NonEmpty
    media_type: NonEmpty
    size: int = Field(ge=0)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    received_at: AwareDatetime


class Turn(Record):
    """One entry in the log of a place in a workflow: which request is asked there.

    A place is an event's name and how many of that name were asked before it in the action. The last entry is the
    latest question there, though its task may have been killed before it was put; those before it were replaced.
    """

    request_id: NonEmpty


class Item(Frozen):
    """One item of a review.

    Attributes:
        shown: What is decided on: text in Markdown, a number, or an object whose members are shown by name.
        initial: The suggestion, if there is one.
        group: What items that are alike have in common, if the author says so.
    """

    shown: JsonValue
    initial: Initial | None = None
    group: str | None = None


class Items(Record):
    """Some items of a review, in order. The path says the hash of them."""

    items: tuple[Item, ...] = Field(min_length=1)

    def digest(self) -> str:
        """What they are called: the same items have the same name, whoever keeps them."""
        content = [item.model_dump(mode="json", exclude_defaults=True) for item in self.items]
        return hashlib.sha256(canonical_json(content)).hexdigest()


class Batch(Record):
    """An entry in the log of a review: decisions that were made together. A later entry has the word on an item.

    Attributes:
        decided: The decisions, as JSON, by the number of the item, from 0.
        withdrawn: The items that are undecided again.
        responder: Who decided, as far as the app knows for certain.
        made_at: When, in UTC.
    """

    decided: dict[int, JsonValue] = Field(default_factory=dict)
    withdrawn: tuple[int, ...] = ()
    responder: str | None = None
    made_at: AwareDatetime


class Snapshot(Record):
    """What the first entries of a review's log come to, so that nobody has to read them all.

    Attributes:
        number: How many entries it holds.
        decided: The decisions that stand, by the number of the item.
        nonces: Those of the last entries, by which one that is sent again is known.
    """

    number: int = Field(ge=1)
    decided: dict[int, JsonValue]
    nonces: tuple[str, ...]


class SigningKey(Record):
    """The store's own secret, made once. Whoever can read it can answer anything: guard the store."""

    secret: Annotated[str, Field(min_length=43, repr=False)]


class StoreCheck(Record):
    """That this store was found to let exactly one of several writers create an object."""

    create_only: Literal[True]
    checked_at: AwareDatetime


class Endpoint(Record):
    """The port on which a run's app was last reached on this machine, so that a restart can take it again."""

    port: int = Field(ge=1, le=65535)


def status_of(request: Request, response: Response | None, now: datetime, *, is_unchecked: bool = False) -> Status:
    """Derives where a request stands: its outcome, else whether its deadline has passed.

    Args:
        request: The request.
        response: Its outcome, if it has one.
        now: The present moment.
        is_unchecked: Whether an answer that came in time has yet to be checked: then the deadline has to wait for it.
    """
    if response is not None:
        return Status(response.status)
    return Status.TIMED_OUT if request.is_past_deadline(now) and not is_unchecked else Status.PENDING


def canonical_json(value: Mapping[str, Any] | list[Any]) -> bytes:
    """One spelling of a JSON value, for hashing."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
