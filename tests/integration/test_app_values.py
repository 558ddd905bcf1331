"""Values and fields that do not fit: the reply names the field and the reason, and the question stays open.

Holds P5: the workflow gets the type it asked for, never a guess; and P6: the type comes from the record.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

import pytest

from tests.support.app_cases import snapshot
from tests.support.questions import question
from tests.support.replies import page_of, problem_of
from tests.support.sites import Site

WRONG_VALUES: list[tuple[type[Any], str]] = [
    (int, "1.5"),
    (int, "1e3"),
    (int, ""),
    (int, "seven"),
    (int, "7" * 5000),
    (int, '"><script>alert(1)</script>'),
    (float, "nan"),
    (float, "1e999"),
    (float, "1,5"),
    (bool, "maybe"),
    (bool, ""),
    (str, "x" * 1001),
]


@pytest.mark.parametrize(("data_type", "value"), WRONG_VALUES, ids=lambda value: str(value)[:20])
def test_a_value_of_the_wrong_type_names_the_field_and_the_reason(site: Site, data_type: type[Any], value: str) -> None:
    link = site.ask(question(data_type))
    before = snapshot(site)
    reply = site.send_form(link, value, comment="a <b>comment</b>", idempotency_key="kept")
    problem = problem_of(site.send_json(link, value), 422)
    assert reply.status_code == 422
    [error] = problem["errors"]
    assert error["field"] == "value"
    form = page_of(reply)
    assert " ".join(error["reason"].split()) in form.text
    if data_type is not bool:
        assert form.fields["value"] == value
    assert form.fields["comment"] == "a <b>comment</b>"
    assert form.fields["idempotency_key"] == "kept"
    assert form.fields["token"] == link.token
    assert not form.find("b")
    assert snapshot(site) == before
    assert site.client.post(urljoin(str(reply.url), form.action), data=form.fields | fit(data_type)).status_code == 303


def fit(data_type: type[Any]) -> dict[str, str]:
    return {"value": {int: "1", float: "1", bool: "true", str: "text"}[data_type]}


def test_another_type_than_asked_for_is_refused(site: Site) -> None:
    link = site.ask(question(int))
    for reply in (site.send_form(link, "1", data_type="str"), site.send_json(link, 1, data_type="<b>str</b>")):
        assert reply.status_code == 422
    problem = problem_of(site.send_json(link, "1", data_type="str"), 422)
    assert [error["field"] for error in problem["errors"]] == ["data_type"]
    assert "int" in problem["errors"][0]["reason"]
    assert site.send_json(link, "1", data_type="int").status_code == 200


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"request_id": None}, "request_id"),
        ({"request_id": 7}, "request_id"),
        ({"value": None}, "value"),
        ({"comment": 7}, "comment"),
        ({"comment": "x" * 5001}, "comment"),
        ({"data_type": ["bool"]}, "data_type"),
        ({"response_path": {}}, "response_path"),
        ({"token": True}, "token"),
        ({"idempotency_key": 1}, "idempotency_key"),
    ],
    ids=str,
)
def test_a_field_that_is_missing_or_no_text_is_named(site: Site, change: dict[str, Any], field: str) -> None:
    link = site.ask()
    body = {"request_id": link.request.request_id, "response_path": link.request.response_path, "value": "true"}
    content = {name: value for name, value in (body | change).items() if value is not None}
    problem = problem_of(site.client.post("/submit/json", json=content), 422)
    assert [error["field"] for error in problem["errors"]] == [field]
    assert site.outcome(link) is None


@pytest.mark.parametrize("field", ["request_id", "value"])
def test_a_form_without_a_field_is_refused(site: Site, field: str) -> None:
    link = site.ask(question(str))
    fields = page_of(site.client.get(link.form_url)).fields | {"value": "x"}
    del fields[field]
    assert site.client.post("/submit", data=fields).status_code == 422
    assert site.outcome(link) is None
