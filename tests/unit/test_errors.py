"""Holds the tree of errors: as it is drawn, with the statuses that the app answers with, and fit to cross processes."""

from __future__ import annotations

import copy
import pickle
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from http import HTTPStatus

import pytest

from flyteplugins.hitl import errors
from flyteplugins.hitl._records import Channel, Response
from flyteplugins.hitl.errors import FieldError, HitlError

RESPONSE = Response(
    nonce="n",
    request_id="r",
    status="timed_out",
    channel=Channel.TIMER,
    responded_at=datetime(2026, 1, 2, tzinfo=timezone.utc),
)

STATUSES = {
    "HitlError": 500,
    "InvalidParameter": 400,
    "UnsupportedType": 400,
    "MalformedBody": 400,
    "AccessDenied": 403,
    "RequestNotFound": 404,
    "AttachmentNotFound": 404,
    "RequestClosed": 409,
    "DeadlinePassed": 410,
    "ReviewMoved": 409,
    "BodyTooLarge": 413,
    "UploadTooLarge": 413,
    "MediaTypeRefused": 415,
    "UploadNotFound": 404,
    "InvalidAnswer": 422,
    "Invalid": 422,
    "TooManyAnswers": 429,
    "AppUnavailable": 503,
    "StoreError": 500,
    "StoreUnavailable": 503,
    "StoreRefused": 500,
    "DamagedRecord": 500,
    "EventClosed": 500,
    "EventTimedOut": 500,
    "EventCancelled": 500,
    "EventReplaced": 500,
}


@dataclass(frozen=True)
class Entry:
    """One class of the tree.

    Attributes:
        name: The class.
        parent: The error that it is a kind of, or `None` for the root.
        also: The built-in error that it is as well, or `None`.
        status: The HTTP status.
    """

    name: str
    parent: str | None
    also: str | None
    status: int


LINE = re.compile(r"(?P<indent>[│├└─ ]*)(?P<name>\w+) +(?P<status>\d{3})(?P<text>.*)")
ALSO = re.compile(r"\(also an? (\w+)\)")


def drawn_tree() -> set[Entry]:
    drawing = (errors.__doc__ or "").split("```")[1].removeprefix("text\n")
    entries: set[Entry] = set()
    path: list[str] = []
    for line in drawing.splitlines():
        match = LINE.fullmatch(line)
        assert match, line
        depth = len(match["indent"]) // 4
        path = [*path[:depth], match["name"]]
        also = ALSO.search(match["text"])
        parent = path[-2] if depth else None
        entries.add(Entry(match["name"], parent, also and also[1], int(match["status"])))
    return entries


def all_classes(root: type[HitlError] = HitlError) -> Iterator[type[HitlError]]:
    yield root
    for child in root.__subclasses__():
        yield from all_classes(child)


def entry_of(kind: type[HitlError]) -> Entry:
    parents = [base.__name__ for base in kind.__bases__ if issubclass(base, HitlError)]
    others = [base.__name__ for base in kind.__bases__ if not issubclass(base, HitlError) and base is not Exception]
    return Entry(kind.__name__, parents[0] if parents else None, others[0] if others else None, int(kind.status))


CLASSES = list(all_classes())


def example(kind: type[HitlError]) -> HitlError:
    if issubclass(kind, (errors.RequestClosed, errors.EventClosed)):
        return kind("It is closed.", RESPONSE)
    if issubclass(kind, errors.Invalid):
        return kind({"price": ["Too high.", "Not round."], "": "No."})
    if issubclass(kind, errors.InvalidAnswer):
        return kind(FieldError(field="value", reason="Too long."), FieldError(field="comment", reason="Too long, too."))
    return kind("What is wrong, and “how” to mend it.")


def test_the_tree_is_drawn_as_it_is() -> None:
    assert drawn_tree() == {entry_of(kind) for kind in CLASSES}


def test_no_class_has_more_parents_than_the_drawing_can_show() -> None:
    for kind in CLASSES:
        assert len(kind.__bases__) <= 2
        assert sum(issubclass(base, HitlError) for base in kind.__bases__) == (kind is not HitlError)


def test_all_are_defined_in_the_module_of_errors() -> None:
    assert {kind.__module__ for kind in CLASSES} == {errors.__name__}


def test_the_statuses_are_the_documented_ones() -> None:
    assert {kind.__name__: kind.status for kind in CLASSES} == STATUSES
    assert all(isinstance(kind.status, HTTPStatus) for kind in CLASSES)


@pytest.mark.parametrize("kind", CLASSES)
def test_an_error_shows_its_detail_and_has_a_title(kind: type[HitlError]) -> None:
    error = example(kind)

    assert str(error) == error.detail
    assert error.detail
    assert kind.title
    assert not kind.title.endswith(".")


@pytest.mark.parametrize("kind", CLASSES)
@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_an_error_survives_pickling_with_all_that_it_carries(kind: type[HitlError], protocol: int) -> None:
    """Flyte and process pools hand errors from one process to another."""
    error = example(kind)

    again = pickle.loads(pickle.dumps(error, protocol))

    assert type(again) is kind
    assert vars(again) == vars(error)
    assert again.args == error.args
    assert str(again) == str(error)


@pytest.mark.parametrize("kind", CLASSES)
def test_an_error_can_be_copied(kind: type[HitlError]) -> None:
    error = example(kind)

    again = copy.deepcopy(error)

    assert type(again) is kind
    assert vars(again) == vars(error)


def test_the_errors_of_a_closed_question_carry_its_outcome() -> None:
    for kind in (errors.RequestClosed, errors.DeadlinePassed, errors.EventTimedOut, errors.EventCancelled):
        assert kind("closed", RESPONSE).response is RESPONSE


def test_invalid_answer_lists_each_field_in_its_message() -> None:
    first, second = FieldError(field="value", reason="A."), FieldError(field="comment", reason="B.")

    error = errors.InvalidAnswer(first, second)

    assert error.errors == (first, second)
    assert str(error) == "value: A. comment: B."


def test_a_timeout_is_caught_as_one_and_is_no_confusing_os_error() -> None:
    """`TimeoutError` is an `OSError`, which likes to take two arguments for a number and a text."""
    with pytest.raises(TimeoutError) as caught:
        raise errors.EventTimedOut("Nobody answered.", RESPONSE)

    assert str(caught.value) == "Nobody answered."
    assert caught.value.errno is None
    assert caught.value.strerror is None


def test_what_the_app_shows_of_a_store_out_of_reach_does_not_name_the_store() -> None:
    error = errors.StoreUnavailable("s3://bucket/hitl/requests/abc.json could not be read")

    assert "bucket" not in error.public_detail
    assert "try again" in error.public_detail
    assert errors.InvalidParameter("Say so.").public_detail == "Say so."


def test_unavailable_says_when_to_come_back() -> None:
    assert errors.StoreUnavailable.retry_after_seconds > 0
