"""Holds every shape to what is promised of all: what is accepted is what the workflow gets, by form and by JSON.

Holds P1 and P5.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flyteplugins.hitl._answers import ROOT, Answer, Entries, InvalidValue, Words, answer_for, schema_problems
from flyteplugins.hitl._answers._answer_type import AnswerType, _registry, answer_type_of
from flyteplugins.hitl._answers._node import Node
from flyteplugins.hitl._keywords import KIND
from tests.support.shapes import JSON, SHAPES, plain_json

ANSWERS: dict[str, Answer[Any]] = {
    name: answer_for(shape.data_type, max_characters=1000) for name, shape in SHAPES.items()
}
ALL = pytest.mark.parametrize("name", SHAPES)
# More by hand, to hunt: the same properties with thousands of values.
EXAMPLES = int(os.environ.get("HITL_TEST_EXAMPLES", "5"))
few = settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow], deadline=None)


def is_same(one: Any, other: Any) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


@ALL
def test_no_type_is_passed_over_because_of_the_type_that_the_schema_names(name: str) -> None:
    for node in _nodes(Node.at_root(ANSWERS[name].schema)):
        found = answer_type_of(node)
        assert found is _first_of_all(node)
        assert found.json_type in (None, node.get("type"))


def _nodes(node: Node) -> Iterator[Node]:
    """A schema and those inside of it."""
    yield node
    inside = [node.get("items"), node.get("additionalProperties"), *node.get("prefixItems", ()), *node.get("anyOf", ())]
    children = [*(child for _, child in node.members()), *(node.child(each) for each in inside if each)]
    for child in children:
        if not child.is_again:
            yield from _nodes(child)


def _first_of_all(node: Node) -> AnswerType:
    named = [each for each in _registry if each.name == node.get(KIND)]
    return next(iter([*named, *(each for each in _registry if each.claims(node))]))


@ALL
@few
@given(data=st.data())
def test_a_value_survives_json(name: str, data: st.DataObject) -> None:
    answer, value = ANSWERS[name], data.draw(SHAPES[name].values)

    kept = answer.form().parse_json(plain_json(SHAPES[name].data_type, value))

    assert not schema_problems(answer.schema, json.loads(json.dumps(kept)))
    assert answer.from_json(kept) == value
    assert is_same(answer.form().parse_json(kept), kept)


@ALL
@few
@given(data=st.data())
def test_a_value_survives_the_form(name: str, data: st.DataObject) -> None:
    answer, value = ANSWERS[name], data.draw(SHAPES[name].values)
    form = answer.form()
    kept = form.parse_json(plain_json(SHAPES[name].data_type, value))
    entries = form.filled(kept)

    if SHAPES[name].is_shown_whole:
        assert is_same(form.parse_form(entries), kept)
    assert form.changes(kept, kept) == ()
    assert {field.name for field in form.field(entries).walk()}
    assert isinstance(form.words(kept), Words)
    assert form.text(kept) is not None


@ALL
@few
@given(data=st.data())
def test_what_a_form_is_filled_with_at_first_is_what_it_sends(name: str, data: st.DataObject) -> None:
    answer, value = ANSWERS[name], data.draw(SHAPES[name].values)
    initial = answer.initial_json(value)
    form = answer.form()

    if SHAPES[name].is_shown_whole:
        assert is_same(form.parse_form(form.filled(initial)), initial)
        assert answer.from_json(initial) == value


@st.composite
def near_misses(draw: st.DrawFn, value: Any) -> Any:
    """A JSON value with one thing in it changed."""
    if isinstance(value, dict) and value and draw(st.booleans()):
        name = draw(st.sampled_from(sorted(value)))
        action = draw(st.sampled_from(["change", "drop", "rename"]))
        rest = {key: each for key, each in value.items() if key != name}
        if action == "change":
            return {**rest, name: draw(near_misses(value[name]))}
        return rest if action == "drop" else {**rest, draw(st.text(max_size=5)): value[name]}
    if isinstance(value, list) and value and draw(st.booleans()):
        place = draw(st.integers(0, len(value) - 1))
        action = draw(st.sampled_from(["change", "drop", "twice"]))
        if action == "change":
            return [*value[:place], draw(near_misses(value[place])), *value[place + 1 :]]
        return value[:place] + value[place + 1 :] if action == "drop" else [*value, value[place]]
    if isinstance(value, str) and draw(st.booleans()):
        place = draw(st.integers(0, len(value)))
        piece = draw(
            st.one_of(
                st.sampled_from([" ", "\n", "0", "-", ".", "e9", "Z", "_", "+", "٣", "\x00", "\ud800"]),
                st.text(max_size=3),
            )
        )
        return value[:place] + piece + value[place + draw(st.integers(0, 2)) :]
    if isinstance(value, (int, float)) and draw(st.booleans()):
        return draw(
            st.sampled_from(
                [
                    -value,
                    str(value),
                    value * 2,
                    value + 0.5 if abs(value) < 1e300 else 0,
                    bool(value),
                    float(value) if abs(value) < 1e300 else 0,
                ]
            )
        )
    return draw(
        st.one_of(
            JSON,
            st.sampled_from(
                [
                    "",
                    "1",
                    "nan",
                    "1e999",
                    "true",
                    "2026-01-01",
                    10**400,
                    2**63,
                    float("nan"),
                    float("inf"),
                    [],
                    {},
                    "null",
                    "0001-01-01T00:00:00+23:59",
                    "24:00",
                    "P1Y2M",
                    "\ud800",
                    "1.0",
                    "+1",
                    "-0.0",
                ]
            ),
        )
    )


def accepted(answer: Answer[Any], value: Any) -> Any:
    """What the app would keep, or a refusal."""
    kept = outcome_of(answer.form().parse_json, value)
    problems = () if isinstance(kept, InvalidValue) else schema_problems(answer.schema, kept)
    return InvalidValue(*problems) if problems else kept


def outcome_of(parse: Callable[[Any], Any], given_value: Any) -> Any:
    """The value that was read, or the refusal; any other error is let through."""
    try:
        return parse(given_value)
    except InvalidValue as refusal:
        return refusal


def is_refused(outcome: Any) -> bool:
    """Whether it was refused, which must be with a reason."""
    if not isinstance(outcome, InvalidValue):
        return False
    assert outcome.problems
    assert all(problem.reason for problem in outcome.problems)
    return True


def assert_the_workflow_gets(answer: Answer[Any], kept: Any) -> None:
    stored = json.loads(json.dumps(kept, allow_nan=False))
    json.dumps(kept, ensure_ascii=False).encode()
    got = answer.from_json(stored)
    again = answer.form().parse_json(plain_json(answer.data_type, got))
    # What the workflow gets spells what was accepted: nothing was read into it, rounded or left out.
    assert is_same(again, kept), (again, kept)


@ALL
@settings(few, max_examples=3 * EXAMPLES)
@given(data=st.data())
def test_what_the_app_accepts_the_workflow_gets(name: str, data: st.DataObject) -> None:
    answer = ANSWERS[name]
    value = plain_json(SHAPES[name].data_type, data.draw(SHAPES[name].values))
    sent = data.draw(st.one_of(near_misses(value), near_misses(value).flatmap(near_misses)))
    kept = accepted(answer, sent)
    if is_refused(kept):
        return
    assert not answer.needs_workflow
    assert_the_workflow_gets(answer, kept)


NAMES = st.one_of(
    st.just(ROOT),
    st.lists(
        st.sampled_from(
            [
                "0",
                "1",
                "type",
                "key",
                "value",
                "empty",
                "exact",
                "items",
                "name",
                "children",
                "left",
                "op",
                "x",
                "",
                "~1",
            ]
        ),
        max_size=4,
    ).map(lambda steps: ".".join((ROOT, *steps))),
)
TEXTS = st.one_of(
    st.sampled_from(["", "0", "1", "add", "number", "cat", "true", "x", "2026-01-01", "14:30"]), st.text(max_size=8)
)


@ALL
@settings(few, max_examples=3 * EXAMPLES)
@given(data=st.data())
def test_any_entries_are_read_or_refused_and_can_be_shown_again(name: str, data: st.DataObject) -> None:
    answer = ANSWERS[name]
    form = answer.form()
    known = [field.name for field in form.field(Entries(())).walk()]
    value = form.parse_json(plain_json(SHAPES[name].data_type, data.draw(SHAPES[name].values)))
    real = list(form.filled(value))
    pairs = data.draw(st.lists(st.tuples(st.one_of(NAMES, st.sampled_from(known)), TEXTS), max_size=6))
    entries = Entries(data.draw(st.permutations(real + pairs)) if data.draw(st.booleans()) else pairs)

    shown = form.field(entries, [(field.path, "wrong") for field in form.field(entries).walk()])
    assert len({field.name for field in shown.walk()}) >= 1
    kept = outcome_of(form.parse_form, entries)
    if is_refused(kept):
        return
    assert is_same(form.parse_json(kept), kept)
    if not schema_problems(answer.schema, kept):
        assert_the_workflow_gets(answer, kept)


WITHOUT_EXAMPLE = {"pattern", "rust-pattern", "compiled-pattern", "dict-by-pattern"}
"""Nobody can guess what matches a pattern: the author gives an example."""


@ALL
def test_an_example_is_an_answer(name: str) -> None:
    if name in WITHOUT_EXAMPLE:
        return
    answer = ANSWERS[name]
    assert answer.from_json(accepted(answer, answer.form().example())) is not ...


@ALL
def test_the_app_can_tell_by_itself(name: str) -> None:
    assert not ANSWERS[name].needs_workflow
