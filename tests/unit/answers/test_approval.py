"""Holds the decision with its reason: when a reason is required, and how both are read and shown."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from flyte.io import File
from jsonschema import Draft202012Validator

from flyteplugins.hitl import Approval, ReasonRequired, Upload
from flyteplugins.hitl._answers import Entries, Form, InvalidValue, answer_for
from flyteplugins.hitl.errors import InvalidParameter

REASON_TO = ("nothing", "reject", "approve", "both")


def asked(to: Any = "nothing", **options: Any) -> Form:
    data_type = Approval if to == "nothing" else Annotated[Approval, ReasonRequired(to)]
    return answer_for(data_type, max_characters=100, **options).form()


def typed(approved: str, reason: str = "") -> Entries:
    return Entries([("value.approved", approved), ("value.reason", reason)])


def needs(to: str, approved: bool) -> bool:
    return to == "both" or to == ("approve" if approved else "reject")


@pytest.mark.parametrize("to", REASON_TO)
@pytest.mark.parametrize("approved", [True, False])
def test_a_reason_is_required_just_where_the_author_asked_for_it(to: str, approved: bool) -> None:
    form = asked(to)

    assert form.parse_form(typed(str(approved), " because ")) == {"approved": approved, "reason": "because"}
    if needs(to, approved):
        with pytest.raises(InvalidValue, match="Say why: a reason is required to") as caught:
            form.parse_form(typed(str(approved), "  "))
        assert caught.value.problems[0].path == ("reason",)
    else:
        assert form.parse_form(typed(str(approved))) == {"approved": approved, "reason": ""}


@pytest.mark.parametrize("to", REASON_TO)
@pytest.mark.parametrize("approved", [True, False])
@pytest.mark.parametrize("reason", ["", "because"])
def test_the_schema_says_the_same(to: str, approved: bool, reason: str) -> None:
    data_type: Any = Approval if to == "nothing" else Annotated[Approval, ReasonRequired(to)]  # type: ignore[arg-type]
    schema = answer_for(data_type, max_characters=100).schema

    is_valid = Draft202012Validator(schema).is_valid({"approved": approved, "reason": reason})

    assert is_valid is (bool(reason) or not needs(to, approved))


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (True, {"approved": True, "reason": ""}),
        ("no", {"approved": False, "reason": ""}),
        ({"approved": "yes"}, {"approved": True, "reason": ""}),
        ('{"approved": false, "reason": "late"}', {"approved": False, "reason": "late"}),
    ],
)
def test_a_program_sends_a_bare_decision_or_both(value: object, kept: object) -> None:
    assert asked().parse_json(value) == kept


@pytest.mark.parametrize("value", ["maybe", 2, None, {"reason": "x"}, {"approved": True, "more": 1}])
def test_what_is_no_decision_is_refused(value: object) -> None:
    with pytest.raises(InvalidValue):
        asked().parse_json(value)


def test_nothing_decided_is_refused_with_the_words_of_the_buttons() -> None:
    with pytest.raises(InvalidValue, match="Choose one: Approve or Reject"):
        asked().parse_form(Entries([("value.reason", "x")]))


@pytest.mark.parametrize("approval", [Approval(True), Approval(False, "late")])
def test_the_workflow_gets_an_approval_that_is_true_if_it_was_approved(approval: Approval) -> None:
    answer = answer_for(Approval, max_characters=100)

    back = answer.from_json(answer.to_json(approval, "initial", "leave it out."))

    assert back == approval
    assert bool(back) is approval.approved


def test_the_form_is_two_buttons_in_the_words_of_the_author() -> None:
    form = asked("reject", labels=("Ship it", "Hold"))

    field = form.field(form.blank())

    assert (field.kind, field.sends) == ("approval", True)
    assert [choice.label for choice in field.members[0].choices] == ["Ship it", "Hold"]
    assert field.members[1].label == "Reason, required to hold"
    assert form.text({"approved": True, "reason": ""}) == "Ship it"
    assert form.text({"approved": False, "reason": "late"}) == "Decision: Hold\nReason: late"


def test_labels_must_be_a_pair() -> None:
    with pytest.raises(InvalidParameter, match="not a pair of words"):
        asked(labels=("Yes", "No", "Maybe"))


def test_inside_of_a_list_it_is_a_group_of_fields() -> None:
    form = answer_for(list[Approval], max_characters=100).form()

    field = form.field(form.filled([{"approved": True, "reason": "ok"}]))

    assert field.rows[0].members[0].kind == "object"
    assert form.parse_form(form.filled([{"approved": True, "reason": "ok"}])) == [{"approved": True, "reason": "ok"}]


@pytest.mark.parametrize(
    "data_type",
    [Approval, Annotated[Approval, ReasonRequired("both")], File, Annotated[File, Upload(max_bytes=9)], list[File]],
    ids=str,
)
def test_what_this_package_makes_itself_needs_no_check_by_the_workflow(data_type: Any) -> None:
    assert not answer_for(data_type, max_characters=100).needs_workflow
