"""Holds the records: written once, read again the same, by this version and by others, or refused by name."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any, Literal, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from flyteplugins.hitl._records import (
    Attachment,
    Candidate,
    Channel,
    Chunk,
    Endpoint,
    Fallback,
    Heartbeat,
    Initial,
    Origin,
    PushTarget,
    Question,
    Reason,
    Record,
    Request,
    Response,
    Review,
    SigningKey,
    Status,
    StoreCheck,
    StoredFile,
    Verdict,
    canonical_json,
    status_of,
)
from flyteplugins.hitl.errors import DamagedRecord
from tests.support.questions import ORIGIN, question

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
DEADLINE = NOW + timedelta(hours=1)


def request(**changes: Any) -> Request:
    fields: dict[str, Any] = {
        "nonce": "n1",
        "request_id": "abc",
        "origin": ORIGIN,
        "question": question(bool, on_timeout=False),
        "fingerprint": "f",
        "occurrence": 1,
        "turn": 1,
        "generation": 0,
        "created_at": NOW,
        "deadline": DEADLINE,
        "response_path": "responses/abc.def.json",
    }
    return Request(**{**fields, **changes})


def response(**changes: Any) -> Response:
    fields: dict[str, Any] = {
        "nonce": "n2",
        "request_id": "abc",
        "status": "completed",
        "value": True,
        "channel": Channel.FORM,
        "responded_at": NOW,
    }
    return Response(**{**fields, **changes})


RECORDS: tuple[Record, ...] = (
    request(),
    response(),
    Candidate(nonce="n2", request_id="abc", response=response()),
    Candidate(nonce="n", request_id="abc", response=None),
    Verdict(nonce="n", request_id="abc", accepted=True, checked_at=NOW),
    Verdict(
        nonce="n",
        request_id="abc",
        accepted=False,
        errors=(Reason(field="value.price", reason="Too high."),),
        checked_at=NOW,
    ),
    Heartbeat(nonce="n", request_id="abc", number=0, seen_at=NOW),
    SigningKey(nonce="n", secret="s" * 43),
    StoreCheck(nonce="n", create_only=True, checked_at=NOW),
    Endpoint(nonce="n", port=65535),
    PushTarget(nonce="n", organization="", project="p", domain="d", run="r", action="c", parent="a0"),
)


def as_json(record: Record) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(record.to_bytes())
    return content


def read(kind: type[Record], content: object) -> Record:
    return kind.from_bytes(json.dumps(content).encode(), "some/path.json")


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_a_record_is_read_as_it_was_written(record: Record) -> None:
    assert type(record).from_bytes(record.to_bytes(), "path") == record


TEXT = st.text(st.characters(exclude_categories=["Cs"]))
NAME = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
MOMENT = st.datetimes(timezones=st.just(timezone.utc))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
QUESTIONS = st.builds(
    Question,
    name=NAME,
    prompt=TEXT,
    data_type=NAME,
    answer_schema=st.dictionaries(TEXT, JSON, max_size=3),
    initial=st.none() | st.builds(Initial, value=JSON),
    on_timeout=st.none() | st.builds(Fallback, value=JSON),
)


@given(QUESTIONS, st.none() | NAME, st.none() | MOMENT)
def test_any_request_is_read_as_it_was_written(
    asked: Question, idempotency_key: str | None, deadline: datetime | None
) -> None:
    record = request(question=asked, idempotency_key=idempotency_key, deadline=deadline)

    again = Request.from_bytes(record.to_bytes(), "path")

    assert again == record
    assert again.question.fingerprint() == asked.fingerprint()


@given(JSON, TEXT, st.none() | TEXT, MOMENT)
def test_any_response_is_read_as_it_was_written(
    value: Any, comment: str, responder: str | None, moment: datetime
) -> None:
    record = response(value=value, comment=comment, responder=responder, responded_at=moment)

    again = Response.from_bytes(record.to_bytes(), "path")

    assert again == record
    # In Python `1 == 1.0 == True`, but they are three answers.
    assert repr(again.value) == repr(record.value)


@pytest.mark.parametrize("value", [2**53 + 1, -(2**64) - 1, 10**4299, -0.0, 5e-324, 1.0, 1, True, None, "", []])
def test_a_value_is_kept_exactly(value: Any) -> None:
    again = Response.from_bytes(response(value=value).to_bytes(), "path").value

    assert repr(again) == repr(value)


def test_a_record_is_json_that_a_person_can_read() -> None:
    content = request().to_bytes().decode()

    assert content.startswith('{\n  "format": 1,\n')
    assert json.loads(content)["created_at"] == "2026-01-02T03:04:05Z"
    assert json.loads(content)["question"]["on_timeout"] == {"value": False}


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_fields_of_a_later_version_are_tolerated(record: Record) -> None:
    content = {**as_json(record), "assignees": ["ann"], "later": {"a": 1}}

    assert read(type(record), content) == record


@pytest.mark.parametrize("path", [("origin",), ("question",), ("question", "on_timeout")])
def test_fields_of_a_later_version_are_tolerated_in_the_inner_parts(path: tuple[str, ...]) -> None:
    content = as_json(request())
    inner = content
    for part in path:
        inner = inner[part]
    inner["later"] = 1

    assert read(Request, content) == request()


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_a_record_cannot_be_changed(record: Record) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        record.nonce = "other"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b" ",
        b"{",
        b"\x00" * 10,
        b"\xff\xfe",
        b'{"format": 1,',
        b"not json",
        request().to_bytes()[:-20],
        request().to_bytes() + b"}",
        b'{"nonce": "\\ud800"}',
    ],
)
def test_damaged_json_is_refused_by_its_path(content: bytes) -> None:
    with pytest.raises(DamagedRecord, match=r"^requests/abc\.json is no request record: the file: "):
        Request.from_bytes(content, "requests/abc.json")


@pytest.mark.parametrize("content", ["[]", "null", "5", '"text"', "true"])
def test_json_that_is_no_object_is_refused(content: str) -> None:
    with pytest.raises(DamagedRecord, match=r"some/path\.json is no response record"):
        Response.from_bytes(content.encode(), "some/path.json")


@pytest.mark.parametrize("number", [0, 2, 99, -1, "1", "2", None, [1], 1.5])
@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_another_format_is_refused_by_path_and_field(record: Record, number: object) -> None:
    with pytest.raises(DamagedRecord, match=r"some/path\.json is no .* record: format: "):
        read(type(record), {**as_json(record), "format": number})


@pytest.mark.parametrize(
    ("kind", "content", "field"),
    [
        (Request, as_json(response()), "origin"),
        (Response, as_json(request()), "status"),
        (Verdict, {"nonce": "n"}, "request_id"),
        (SigningKey, {"nonce": "n", "secret": "short"}, "secret"),
        (StoreCheck, {"nonce": "n", "create_only": False, "checked_at": "2026-01-01T00:00:00Z"}, "create_only"),
        (Endpoint, {"nonce": "n", "port": 0}, "port"),
        (Endpoint, {"nonce": "n", "port": 65536}, "port"),
        (Endpoint, {"port": 1}, "nonce"),
        (PushTarget, {"nonce": "n", "organization": "", "project": "", "domain": "", "run": "", "action": "a"}, "run"),
        (Endpoint, {"port": 1, "nonce": ""}, "nonce"),
        (Request, {"kind": "Pod", "apiVersion": "v1"}, "nonce"),
    ],
)
def test_a_foreign_object_is_refused_by_path_and_field(kind: type[Record], content: object, field: str) -> None:
    with pytest.raises(DamagedRecord) as caught:
        read(kind, content)

    assert f"some/path.json is no {kind.__name__.lower()} record: {field}: " in str(caught.value)
    assert "move it away" in str(caught.value)


def test_a_field_of_an_inner_part_is_named_by_its_path() -> None:
    content = as_json(request())
    content["question"]["name"] = ""

    with pytest.raises(DamagedRecord, match=r": question\.name: "):
        read(Request, content)


def test_the_message_of_a_damaged_key_does_not_hold_the_key() -> None:
    content = {"nonce": "n", "secret": "half-a-secret"}

    with pytest.raises(DamagedRecord) as caught:
        read(SigningKey, content)

    assert "half-a-secret" not in str(caught.value)


@pytest.mark.parametrize("field", ["created_at", "deadline"])
def test_a_moment_without_a_zone_is_refused(field: str) -> None:
    with pytest.raises(ValidationError, match="timezone"):
        request(**{field: NOW.replace(tzinfo=None)})
    with pytest.raises(DamagedRecord, match=f": {field}: "):
        read(Request, {**as_json(request()), field: "2026-01-02T03:04:05"})


def test_an_outcome_without_a_zone_is_refused() -> None:
    with pytest.raises(DamagedRecord, match=": responded_at: "):
        read(Response, {**as_json(response()), "responded_at": "2026-01-02T03:04:05"})


@pytest.mark.parametrize("occurrence", [0, -1])
def test_occurrences_count_from_one(occurrence: int) -> None:
    with pytest.raises(DamagedRecord, match=": occurrence: "):
        read(Request, {**as_json(request()), "occurrence": occurrence})


CHANGES: dict[str, object] = {
    "name": "review ",
    "prompt": "Approve!",
    "data_type": "int",
    "answer_schema": {"type": "boolean", "title": "x"},
    "initial": Initial(value=None),
    "on_timeout": Fallback(value=False),
    "is_validated": True,
    "table": StoredFile(digest="a" * 64, size=1, media_type="a/b", file_name="c"),
    "show": (Attachment(kind="file", files=(StoredFile(digest="a" * 64, size=1, media_type="a/b", file_name="c"),)),),
    "review": Review(chunks=(Chunk(digest="x", count=1),), decision_type="bool"),
}


class TestFingerprint:
    """A question that differs in anything is another question; the same one is the same everywhere."""

    def test_every_field_has_a_change_to_be_tried(self) -> None:
        assert set(CHANGES) == set(Question.model_fields)

    @pytest.mark.parametrize("field", sorted(CHANGES))
    def test_it_changes_with_each_field(self, field: str) -> None:
        changed = question().model_copy(update={field: CHANGES[field]})

        assert changed.fingerprint() != question().fingerprint()

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (None, Fallback(value=None)),
            (Fallback(value=1), Fallback(value=True)),
            (Fallback(value=1), Fallback(value="1")),
        ],
    )
    def test_it_tells_fallbacks_apart_that_python_takes_for_one(
        self, one: Fallback | None, other: Fallback | None
    ) -> None:
        first, second = (question().model_copy(update={"on_timeout": fallback}) for fallback in (one, other))

        assert first.fingerprint() != second.fingerprint()

    def test_it_does_not_depend_on_the_order_of_keys(self) -> None:
        one = question().model_copy(update={"answer_schema": {"a": 1, "b": {"c": 2, "d": 3}}})
        other = question().model_copy(update={"answer_schema": {"b": {"d": 3, "c": 2}, "a": 1}})

        assert one.fingerprint() == other.fingerprint()

    def test_it_stays_the_same_from_version_to_version(self) -> None:
        """If this changes, an upgrade while a workflow waits asks the person again: keep the old one readable."""
        asked = question(bool, name="réview", prompt="Approve **this**?\n", on_timeout=False, labels=("Ja", "Nein"))

        assert asked.fingerprint() == "16f0ff0d5fb16e2387ab68e256116a6cfc6cfb63364ee339bfbf7774e2b16717"


@given(JSON)
def test_canonical_json_means_the_same(value: Any) -> None:
    assert json.loads(canonical_json([value])) == [value]


def test_canonical_json_has_one_spelling() -> None:
    assert canonical_json({"b": [1, 2], "a": "é"}) == '{"a":"é","b":[1,2]}'.encode()


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_canonical_json_takes_no_number_that_json_has_not(number: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        canonical_json([number])


class TestStatus:
    """Derived from what is there, and from the time."""

    @pytest.mark.parametrize(
        ("seconds", "expected"),
        [(0, Status.PENDING), (3599.999999, Status.PENDING), (3600, Status.TIMED_OUT), (9999, Status.TIMED_OUT)],
    )
    def test_with_no_outcome_the_deadline_decides(self, seconds: float, expected: Status) -> None:
        assert status_of(request(), None, NOW + timedelta(seconds=seconds)) is expected

    def test_with_no_deadline_it_stays_pending(self) -> None:
        assert status_of(request(deadline=None), None, NOW + timedelta(days=36500)) is Status.PENDING

    @pytest.mark.parametrize("status", ["completed", "timed_out", "cancelled", "replaced"])
    @pytest.mark.parametrize("seconds", [0, 9999])
    def test_an_outcome_stands_whatever_the_time(self, status: str, seconds: float) -> None:
        found = status_of(request(), response(status=status), NOW + timedelta(seconds=seconds))

        assert found.value == status

    def test_a_deadline_in_another_zone_is_the_same_moment(self) -> None:
        there = DEADLINE.astimezone(timezone(timedelta(hours=-7)))

        assert request(deadline=there).is_past_deadline(DEADLINE)
        assert not request(deadline=there).is_past_deadline(DEADLINE - timedelta(microseconds=1))

    def test_every_status_but_pending_is_the_status_of_an_outcome(self) -> None:
        kept = set(get_args(Response.model_fields["status"].annotation))

        assert kept == {status.value for status in Status} - {"pending"}


@pytest.mark.parametrize(
    ("status", "has_fallback", "expected"),
    [
        ("completed", False, True),
        ("completed", True, True),
        ("timed_out", True, True),
        ("timed_out", False, False),
        ("cancelled", True, False),
        ("replaced", True, False),
    ],
)
def test_the_workflow_goes_on_with_an_answer_or_a_fallback(
    status: Literal["completed", "timed_out", "cancelled", "replaced"], has_fallback: bool, expected: bool
) -> None:
    asked = question(bool, on_timeout=False) if has_fallback else question(bool)

    assert response(status=status, value=False).has_value(request(question=asked)) is expected


def test_an_origin_needs_a_run_and_an_action() -> None:
    with pytest.raises(ValidationError):
        Origin(run="", action="a0")
    with pytest.raises(ValidationError):
        Origin(run="r", action="")


@pytest.mark.parametrize(
    ("record", "secret"), [(request(), "responses/abc.def.json"), (SigningKey(nonce="n", secret="s" * 43), "s" * 43)]
)
def test_what_is_shown_of_a_record_in_a_log_holds_no_secret(record: Record, secret: str) -> None:
    assert secret not in repr(record)
    assert secret not in str(record)
