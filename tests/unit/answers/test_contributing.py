"""Holds the worked example of CONTRIBUTING.md: a new answer type is one class, and nothing else changes."""

from __future__ import annotations

import re
import textwrap
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from flyteplugins.hitl._answers import _answer_schema, _answer_type, _formats
from tests.support.asked import Asked

PAGE = Path(__file__).resolve().parents[3] / "CONTRIBUTING.md"


@pytest.fixture
def worked_example(monkeypatch: pytest.MonkeyPatch) -> None:
    """The type as the page writes it, registered while the test runs."""
    block = re.search(r" {4}```python\n(.*?class Ipv4Type.*?) {4}```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None
    names = dict(vars(_formats))
    exec(textwrap.dedent(block[1]), names)
    monkeypatch.setattr(_answer_type, "_registry", [names["Ipv4Type"](), *_answer_type._registry])
    monkeypatch.setattr(_answer_schema, "HELD_FORMATS", (*_answer_schema.HELD_FORMATS, "ipv4"))


def test_before_it_the_address_is_text_and_left_to_the_workflow() -> None:
    asked = Asked(IPv4Address)

    assert asked.field().kind == "str"
    assert asked.answer.needs_workflow


@pytest.mark.usefixtures("worked_example")
def test_with_it_the_address_has_a_field_and_is_checked_by_the_app() -> None:
    asked = Asked(list[IPv4Address])

    assert not asked.answer.needs_workflow
    assert asked.field([("value", "0")]).rows[0].members[0].kind == "ipv4"
    assert asked.get(["192.0.2.1"]) == [IPv4Address("192.0.2.1")]
    assert asked.refused(["192.0.2.256"]) == {"0": "“192.0.2.256” is not an address. Write one such as 192.0.2.1."}
    assert asked.form.example() == ["192.0.2.1"]
