"""Holds what makes an answer one that can be taken, and the error by field that a person gets for any other."""

from __future__ import annotations

import json
import threading
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, ClassVar, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flyteplugins.hitl._answers import ROOT, Entries
from flyteplugins.hitl._proof import Proof
from flyteplugins.hitl._records import Channel, Request, Response
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._store import Store
from flyteplugins.hitl._submission import MAX_COMMENT_CHARACTERS, Submission, is_same_value
from flyteplugins.hitl.errors import InvalidAnswer
from tests.support.questions import asked, question


def form(value: str = "yes", **fields: Any) -> Submission:
    return Submission(value=Entries([(ROOT, value)]), channel=Channel.FORM, **fields)


def call(value: object = True, **fields: Any) -> Submission:
    return Submission(value=value, channel=Channel.JSON, **fields)


def refusal(submission: Submission, data_type: type[Any] = bool, **fields: Any) -> tuple[str, str]:
    """The one field that is refused, and the reason."""
    with pytest.raises(InvalidAnswer) as caught:
        submission.checked_value(question(data_type, **fields))
    (error,) = caught.value.errors
    return error.field, error.reason


def response(nonce: str, request_id: str = "abc") -> Response:
    return Response(
        nonce=nonce,
        request_id=request_id,
        status="completed",
        channel=Channel.FORM,
        responded_at=datetime(2026, 1, 2, tzinfo=timezone.utc),
    )


@pytest.mark.parametrize(
    ("data_type", "text", "value"),
    [(bool, "yes", True), (int, " 42 ", 42), (float, "0.5", 0.5), (float, "3", 3.0), (str, "a\r\nb", "a\nb")],
)
def test_what_is_typed_becomes_a_value_of_the_type(data_type: type[Any], text: str, value: object) -> None:
    checked = form(text).checked_value(question(data_type))

    assert is_same_value(checked, value)


@pytest.mark.parametrize(
    ("data_type", "sent", "value"),
    [
        (bool, False, False),
        (bool, "true", True),
        (bool, 1, True),
        (int, 42, 42),
        (int, "42", 42),
        (float, 3, 3.0),
        (str, "a\r\nb", "a\r\nb"),
    ],
)
def test_what_a_program_sends_becomes_a_value_of_the_type(data_type: type[Any], sent: object, value: object) -> None:
    checked = call(sent).checked_value(question(data_type))

    assert is_same_value(checked, value)


@pytest.mark.parametrize(
    ("data_type", "sent"),
    [
        (bool, "maybe"),
        (bool, 2),
        (bool, None),
        (int, "1.5"),
        (int, 1.5),
        (int, True),
        (float, "nan"),
        (float, 1e309),
        (float, None),
        (str, 5),
        (str, None),
        (str, "\ud800"),
        (int, []),
        (int, {}),
    ],
)
def test_what_does_not_fit_is_refused_by_field(data_type: type[Any], sent: object) -> None:
    field, reason = refusal(call(sent), data_type)

    assert field == "value"
    assert reason.endswith(".")


@given(st.sampled_from([bool, int, float, str]), st.text())
def test_a_refused_text_is_quoted_as_unicode(data_type: type[Any], text: str) -> None:
    """The refusal goes back as JSON or HTML in UTF-8, so it must not hold what UTF-8 cannot."""
    try:
        checked = call(text).checked_value(question(data_type))
    except InvalidAnswer as error:
        assert str(error).encode()  # noqa: PT017
    else:
        assert json.dumps(checked).encode()


@pytest.mark.parametrize("data_type", [bool, int, float, str])
def test_half_a_surrogate_pair_is_refused_in_words_that_can_be_sent(data_type: type[Any]) -> None:
    _, reason = refusal(call("\ud800"), data_type)

    assert reason.encode()


def test_a_long_refused_text_is_quoted_in_part() -> None:
    _, reason = refusal(form("x" * 100_000), bool)

    assert len(reason) < 300
    assert "…" in reason


class TestLength:
    """The longest text is the question's, which keeps the limit that held when it was asked."""

    def test_the_longest_is_taken(self) -> None:
        assert form("👍" * 5).checked_value(question(str, max_characters=5)) == "👍" * 5

    def test_a_longer_one_is_refused_with_both_numbers(self) -> None:
        assert refusal(form("x" * 1234), str, max_characters=1000) == (
            "value",
            "The text has 1,234 characters; at most 1,000 are taken. Shorten it.",
        )

    def test_a_line_break_of_a_form_is_one_character(self) -> None:
        assert form("a\r\nb").checked_value(question(str, max_characters=3)) == "a\nb"


class TestDataType:
    """What the caller believes is asked for is only ever compared."""

    def test_the_right_one_or_none_is_taken(self) -> None:
        assert call("true", data_type="bool").checked_value(question()) is True
        assert call("true", data_type=None).checked_value(question()) is True

    @pytest.mark.parametrize("claimed", ["str", "", "Bool", "bool ", "int", "x" * 1000])
    def test_another_one_is_refused_by_field(self, claimed: str) -> None:
        field, reason = refusal(call("true", data_type=claimed))

        assert field == "data_type"
        assert "asks for bool" in reason
        assert len(reason) < 200

    def test_it_never_says_how_the_value_is_read(self) -> None:
        field, _ = refusal(call("5", data_type="int"), bool)

        assert field == "data_type"


def test_a_value_that_does_not_fit_the_recorded_schema_is_refused_with_the_reason() -> None:
    asked = question(int).model_copy(update={"answer_schema": {"type": "integer", "maximum": 10}})

    with pytest.raises(InvalidAnswer) as caught:
        call(11).checked_value(asked)

    (error,) = caught.value.errors
    assert error.field == "value"
    assert "10" in error.reason
    assert call(10).checked_value(asked) == 10


class TestNonce:
    """The same submission sent again is the same; any other is another."""

    def test_with_a_key_it_is_the_same_each_time(self) -> None:
        assert call(idempotency_key="k").nonce("abc") == call(idempotency_key="k").nonce("abc")

    def test_it_differs_by_key_and_by_request(self) -> None:
        nonces = {call(idempotency_key=key).nonce(request) for key in ("k", "l") for request in ("abc", "abd")}

        assert len(nonces) == 4

    @pytest.mark.parametrize("key", [None, ""])
    def test_without_a_key_it_is_another_each_time(self, key: str | None) -> None:
        assert call(idempotency_key=key).nonce("abc") != call(idempotency_key=key).nonce("abc")

    @given(st.text(min_size=1))
    def test_any_text_is_a_key(self, key: str) -> None:
        assert len(call(idempotency_key=key).nonce("abc")) >= 32

    def test_the_key_itself_is_not_kept(self) -> None:
        assert "order-17" not in call(idempotency_key="order-17").nonce("abc")

    def test_it_made_the_outcome_that_holds_its_nonce(self) -> None:
        submission = call(idempotency_key="k")

        assert submission.made(response(submission.nonce("abc")))
        assert not submission.made(response(submission.nonce("abc"), request_id="abd"))
        assert not call(idempotency_key="l").made(response(submission.nonce("abc")))

    def test_without_a_key_it_made_none(self) -> None:
        submission = call()

        assert not submission.made(response(submission.nonce("abc")))


class TestComment:
    """What the responder adds."""

    @pytest.mark.parametrize(
        ("typed", "kept"), [("", ""), ("  fine \r\n", "fine"), ("a\r\nb", "a\nb"), ("👍", "👍"), (" \n ", "")]
    )
    def test_it_is_kept_without_the_space_around_it(self, typed: str, kept: str) -> None:
        assert form(comment=typed).checked_comment() == kept

    def test_the_longest_is_taken_even_with_space_around_it(self) -> None:
        longest = "x" * MAX_COMMENT_CHARACTERS

        assert form(comment=f" {longest}\n").checked_comment() == longest

    @pytest.mark.parametrize("comment", ["x" * (MAX_COMMENT_CHARACTERS + 1), "\ud800", "a\udfff"])
    def test_one_that_cannot_be_kept_is_refused_by_field(self, comment: str) -> None:
        with pytest.raises(InvalidAnswer) as caught:
            form(comment=comment).checked_comment()

        (error,) = caught.value.errors
        assert error.field == "comment"
        assert error.reason.encode()


@pytest.mark.parametrize(
    ("value", "is_short"),
    [
        (True, True),
        (None, True),
        (1.5, True),
        ("x" * 10_000, True),
        ("x" * 10_001, False),
        (Entries([("value", "x" * 9_000), ("value.a", "x" * 1_000)]), True),
        (Entries([("value", "x" * 9_000), ("value.a", "x" * 1_001)]), False),
        (Entries([("value.a", "x")] * 100), True),
        (Entries([("value.a", "x")] * 101), False),
        ({"name": "x", "items": [1, 2, {"deep": ["y"]}]}, True),
        ([True] * 99, True),
        ([True] * 100, False),
        ([[True] * 50, [True] * 50], False),
        ({"x" * 10_001: 1}, False),
        (dict.fromkeys(map(str, range(51))), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_checked_at_once_is_short_in_all_its_parts(value: object, is_short: bool) -> None:
    assert Submission(value=value, channel=Channel.JSON).is_short is is_short


class Watched(Submission):
    """Tells in which threads it was checked."""

    threads: ClassVar[list[int]] = []

    def response(self, request: Request, now: datetime) -> Response:
        self.threads.append(threading.get_ident())
        return super().response(request, now)


@pytest.mark.asyncio
@pytest.mark.parametrize(("data_type", "value"), [(bool, True), (list[bool], [True] * 1_000)])
async def test_others_do_not_wait_while_a_long_one_is_checked(tmp_path: Path, data_type: Any, value: object) -> None:
    service = Service(Store.at(str(tmp_path)))
    request = await asked(service, question(data_type))
    proof = Proof(response_path=request.response_path)
    Watched.threads.clear()

    await service.answer(request, proof, Watched(value=value, channel=Channel.JSON))

    assert [thread == threading.get_ident() for thread in Watched.threads] == [value is True]


VALUES: tuple[object, ...] = (True, False, 1, 0, 1.0, 0.0, "1", "", None)


@pytest.mark.parametrize("one", VALUES, ids=repr)
@pytest.mark.parametrize("other", VALUES, ids=repr)
def test_values_are_the_same_only_if_they_are_of_one_type(one: object, other: object) -> None:
    assert is_same_value(one, other) is (repr(one) == repr(other))


def test_a_submission_cannot_be_changed() -> None:
    channel: Literal[Channel.FORM] = Channel.FORM
    submission = Submission(value="yes", channel=channel)

    with pytest.raises(AttributeError):
        submission.value = "no"  # type: ignore[misc]
