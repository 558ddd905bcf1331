"""Every error of this package, in one tree.

```text
HitlError                       500
├── InvalidParameter            400   a parameter of `new_event` cannot be used (also a ValueError)
│   └── UnsupportedType         400   no answer type is registered for it (also a TypeError)
├── MalformedBody               400   a body that is not what the call takes
├── AccessDenied                403   the caller has not proved that it may see or answer this
├── RequestNotFound             404   no such request in this store
├── AttachmentNotFound          404   the question shows no such thing
├── RequestClosed               409   an outcome stands already; it is carried along
│   └── DeadlinePassed          410   the outcome that stands is that time ran out
├── ReviewMoved                 409   others decided on items since the reviewer looked
├── UploadNotFound              404   the request has no such upload
├── BodyTooLarge                413   more bytes than the app takes
│   └── UploadTooLarge          413   a file of more bytes than the question or the app takes
├── MediaTypeRefused            415   a file of a type that the question does not take
├── InvalidAnswer               422   the value does not fit; errors by field
│   └── Invalid                 422   what a function given as `validate=` raises to refuse an answer
├── TooManyAnswers              429   too many answers to one question were refused
├── AppUnavailable              503   no app shows the form
├── StoreError                  500
│   ├── StoreUnavailable        503   out of reach for now; try again
│   ├── StoreRefused            500   the store cannot keep our promises
│   └── DamagedRecord           500   an object is not a record of ours
└── EventClosed                 500   what `event.wait()` raises when there is no answer
    ├── EventTimedOut           500   the deadline passed (also a TimeoutError)
    ├── EventCancelled          500   somebody cancelled it, or its run ended
    └── EventReplaced           500   a later attempt asked something else in its place
```

Each carries the HTTP status that the app answers with, and says what is wrong, why, and how to mend it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from ._records import Response


class HitlError(Exception):
    """The root of the tree: catch this to catch all that this package raises.

    Args:
        detail: What is wrong, why, and how to mend it, for a person to read.
    """

    status: ClassVar[HTTPStatus] = HTTPStatus.INTERNAL_SERVER_ERROR
    title: ClassVar[str] = "Something went wrong"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail

    @property
    def public_detail(self) -> str:
        """The detail as the app shows it, to people and programs that have no use for the inside of the store."""
        return self.detail

    def __str__(self) -> str:
        return self.detail


class InvalidParameter(HitlError, ValueError):
    """A parameter given to `new_event` cannot be used; the message names it and says what can."""

    status = HTTPStatus.BAD_REQUEST
    title = "A parameter cannot be used"


class UnsupportedType(InvalidParameter, TypeError):
    """No answer type is registered for the `data_type`; the message lists those that are."""

    title = "This type of answer is not supported"


class MalformedBody(HitlError):
    """The body of a call is not what the call takes; the message says what it takes."""

    status = HTTPStatus.BAD_REQUEST
    title = "The call could not be read"


class AccessDenied(HitlError):
    """The caller has not proved that it may see or answer the request.

    Use the whole link from the task's report, or the `response_path` shown beside it.
    """

    status = HTTPStatus.FORBIDDEN
    title = "This link does not open the question"


class RequestNotFound(HitlError):
    """The store holds no such request: check the link, and that the app uses the workflow's store."""

    status = HTTPStatus.NOT_FOUND
    title = "There is no such question"


class AttachmentNotFound(HitlError):
    """The question shows no such thing: open the form and follow a link on it."""

    status = HTTPStatus.NOT_FOUND
    title = "There is no such attachment"


class RequestClosed(HitlError):
    """An outcome stands already, and it cannot be changed.

    Attributes:
        response: The outcome that stands; `None` where an answer that came before the deadline has yet to be checked.
    """

    status = HTTPStatus.CONFLICT
    title = "This question is closed"

    def __init__(self, detail: str, response: Response | None) -> None:
        super().__init__(detail)
        self.args = (detail, response)
        self.response = response


class DeadlinePassed(RequestClosed):
    """The answer came after the deadline; the workflow has gone on, or failed, without it."""

    status = HTTPStatus.GONE
    title = "The time to answer is over"


class ReviewMoved(HitlError):
    """Others decided on items of a review since the reviewer looked: look at what they decided, and submit again."""

    status = HTTPStatus.CONFLICT
    title = "The review went on elsewhere"


class BodyTooLarge(HitlError):
    """The body of a call is larger than the app takes: send a shorter answer."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    title = "The answer is too large"


class UploadTooLarge(BodyTooLarge):
    """A file has more bytes than the question takes, or than the app does: upload a smaller one."""

    title = "The file is too large"


class MediaTypeRefused(HitlError):
    """A file is of a type that the question does not take; the message says which ones it does."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    title = "Files of this type are not taken"


class UploadNotFound(HitlError):
    """The request has no such upload: upload the file again."""

    status = HTTPStatus.NOT_FOUND
    title = "There is no such upload"


@dataclass(frozen=True, kw_only=True)
class FieldError:
    """What is wrong with one field.

    Attributes:
        field: The name of the field, such as `value`.
        reason: Why its content cannot be taken, and what can.
    """

    field: str
    reason: str


class InvalidAnswer(HitlError):
    """The value does not fit the question. The question stays open: send one that fits.

    Attributes:
        errors: What is wrong, by field.
    """

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The answer does not fit"

    def __init__(self, *errors: FieldError) -> None:
        super().__init__(" ".join(f"{error.field}: {error.reason}" for error in errors))
        self.args = errors
        self.errors = errors


class Invalid(InvalidAnswer):
    """Raised by a function given as `validate=` to refuse an answer. The question stays open.

    Args:
        reasons: Why, for the person who answered: one reason or several about the whole answer, or reasons by field.
            A field is named by its path, such as `items.0.price`.

    Example:
        ```python
        def check(order: Order) -> None:
            if order.price > budget():
                raise hitl.Invalid({"price": f"There are {budget()} euros left."})
        ```
    """

    def __init__(self, reasons: str | Sequence[str] | Mapping[str, str | Sequence[str]]) -> None:
        super().__init__(*_by_field(reasons))
        self.args = (reasons,)


class TooManyAnswers(HitlError):
    """So many answers to one question were refused by its check that no more are taken: look at the check."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    title = "Too many answers were refused"


class AppUnavailable(HitlError):
    """No app is there to show the form, and none could be served in time: the message says why, and what to look at."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = "There is no app to show the form"


class StoreError(HitlError):
    """Something is wrong with the object store."""

    title = "The store failed"


class StoreUnavailable(StoreError):
    """The store cannot be reached for now. Nothing is lost; the same call can be made again.

    Attributes:
        retry_after_seconds: How long to wait before trying again, in seconds.
    """

    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = "The store is out of reach"
    retry_after_seconds: ClassVar[int] = 5

    @property
    def public_detail(self) -> str:
        """Says nothing of where the store is; the log has it all."""
        return "The store of the questions cannot be reached for now. Nothing was lost; try again in a moment."


class StoreRefused(StoreError):
    """The store lets two writers create one object, so it cannot keep one outcome per question.

    Use a local folder, Amazon S3, Azure Blob Storage, Google Cloud Storage, or an S3-compatible server that
    honours `If-None-Match: *` on a put.
    """

    title = "This store cannot be used"


class DamagedRecord(StoreError):
    """An object where a record should be is not one: the message names it. Others are not affected."""

    title = "A record cannot be read"


class EventClosed(HitlError):
    """The event was closed with no answer.

    Attributes:
        response: The outcome: its status, when, through which channel, and the reason.
    """

    title = "The event was closed with no answer"

    def __init__(self, detail: str, response: Response) -> None:
        super().__init__(detail)
        self.args = (detail, response)
        self.response = response


class EventTimedOut(EventClosed, TimeoutError):
    """Nobody answered before the deadline. Give more time, or a value to go on with: `on_timeout=`."""


class EventCancelled(EventClosed):
    """The event was cancelled, by `event.cancel()` or because its run ended."""


class EventReplaced(EventClosed):
    """A later attempt of the task asked something else under the same name, so this question is void."""


def _by_field(reasons: object) -> Iterator[FieldError]:
    by_field: Mapping[object, object] = reasons if isinstance(reasons, Mapping) else {"": reasons}
    for field, some in by_field.items():
        if not isinstance(field, (str, int)) or isinstance(field, bool):
            raise TypeError(f"A {type(field).__name__} names no field. Name it by its path, such as `items.0.price`.")
        if not isinstance(some, (str, list, tuple)):
            raise TypeError(f"A {type(some).__name__} is no reason. {_REASON}")
        for reason in (some,) if isinstance(some, str) else some:
            if not isinstance(reason, str):
                raise TypeError(f"A {type(reason).__name__} is no reason. {_REASON}")
            if not reason.strip():
                raise TypeError(f"Blank text is no reason. {_REASON}")
            yield FieldError(field="value" if field in ("", "value") else f"value.{field}", reason=reason)


_REASON = "Give text that says to the person who answered why the answer is refused."
