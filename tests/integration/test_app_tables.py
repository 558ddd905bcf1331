"""Tables over HTTP: what the page loads, which changes are taken, and what is said of those that are not."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

from flyteplugins.hitl._form_link import FormLink
from flyteplugins.hitl._frames import FrameTable
from tests.support.app_cases import snapshot
from tests.support.questions import question
from tests.support.raw_objects import contents, raw_objects
from tests.support.sites import Site
from tests.support.tables import AskedTable, asked_table

pytestmark = pytest.mark.slow

NOTHING: dict[str, Any] = {"edited": [], "added": [], "removed": []}


def frame() -> pd.DataFrame:
    given: pd.DataFrame = pd.DataFrame(
        {"sensor": ["A1", "A2", "B7"], "celsius": [21.5, 215.0, 20.9], "count": [1, 2, 3]}
    )
    return given


def ask(site: Site) -> tuple[AskedTable, FormLink]:
    table = asked_table(site.service.store, frame())
    return table, site.ask(table.question)


def value(site: Site, link: FormLink) -> Any:
    response = site.outcome(link)
    assert response is not None
    assert response.status == "completed"
    return response.value


def test_the_page_loads_the_table_with_the_token_of_its_link(site: Site) -> None:
    table, link = ask(site)

    reply = site.client.get(f"/table/{link.request.request_id}", params={"token": link.token})

    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith("application/json")
    assert FrameTable.from_bytes(reply.content, "reply").to_bytes() == table.answer.table.to_bytes()
    assert f"table/{link.request.request_id}?token=" in site.client.get(link.form_url).text


@pytest.mark.parametrize(("token", "status"), [(None, 403), ("x", 403)])
def test_nobody_else_gets_it(token: str | None, status: int, site: Site) -> None:
    _, link = ask(site)

    reply = site.client.get(f"/table/{link.request.request_id}", params={"token": token} if token else {})

    assert reply.status_code == status


def test_a_question_with_no_table_has_none_to_load(site: Site) -> None:
    link = site.ask(question(int))

    assert site.client.get(f"/table/{link.request.request_id}", params={"token": link.token}).status_code == 404


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (NOTHING, NOTHING),
        ({"edited": [[1, 1, 21.5]]}, {**NOTHING, "edited": [[1, 1, 21.5]]}),
        ({"edited": [[1, 1, "21.5"], [0, 0, "A1"]]}, {**NOTHING, "edited": [[1, 1, 21.5]]}),
        (
            {"removed": [2], "added": [["B8", 20.0, 4]], "edited": [[2, 2, 9]]},
            {"edited": [], "added": [["B8", 20, 4]], "removed": [2]},
        ),
    ],
)
@pytest.mark.parametrize("by_form", [True, False], ids=["form", "json"])
def test_changes_that_fit_are_kept_in_one_spelling(by_form: bool, sent: Any, kept: Any, site: Site) -> None:
    table, link = ask(site)

    reply = site.send_form(link, json.dumps(sent)) if by_form else site.send_json(link, sent)

    assert reply.status_code == (303 if by_form else 200), reply.text
    assert value(site, link) == kept
    made = table.answer.from_json(value(site, link))
    assert list(made.dtypes) == list(frame().dtypes)


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"edited": [[0, 1, "warm"]]}, "value.edited.0"),
        ({"edited": [[0, 0, "A1"], [9, 0, "x"]]}, "value.edited.1"),
        ({"edited": [[0, 2, 1.5]]}, "value.edited.0"),
        ({"added": [["B8", 20.0]]}, "value.added.0"),
        ({"removed": [7]}, "value.removed.0"),
        ({"moved": []}, "value"),
        ([], "value"),
        ("{", "value"),
    ],
)
def test_changes_that_do_not_are_named_and_the_question_stays_open(sent: Any, field: str, site: Site) -> None:
    _, link = ask(site)

    reply = site.send_json(link, sent)

    assert reply.status_code == 422
    assert any(each["field"].startswith(field) for each in reply.json()["errors"]), reply.text
    assert site.outcome(link) is None


def test_a_page_that_had_not_loaded_the_table_answers_nothing(site: Site) -> None:
    _, link = ask(site)

    reply = site.send_form(link, "")

    assert reply.status_code == 422
    assert "had not loaded the table" in reply.text
    assert site.outcome(link) is None


def test_what_was_changed_comes_back_with_the_form_that_is_refused(site: Site) -> None:
    _, link = ask(site)
    sent = json.dumps({"edited": [[0, 1, "warm"]]})

    page = site.send_form(link, sent).text

    assert "data-changes=" in page
    assert "warm" in page
    assert "edited.0" in page


def test_the_closed_page_says_what_was_changed(site: Site) -> None:
    _, link = ask(site)
    site.send_json(link, {"edited": [[1, 1, 21.5]], "removed": [2], "added": [["<b>", 1.0, 1]]})

    page = site.client.get(link.form_url).text

    for words in ("1 cell changed, 1 row added, 1 row removed", "row 1, celsius", "215.0", "21.5", "new row"):
        assert words in page
    assert "<b>" not in page


def test_reading_a_table_changes_nothing(site: Site) -> None:
    _, link = ask(site)
    before = snapshot(site)

    for address in (link.form_url, f"/table/{link.request.request_id}?token={link.token}"):
        assert site.client.get(address).status_code == 200

    assert snapshot(site) == before


def test_a_table_that_is_gone_is_told_and_nothing_is_taken(site: Site) -> None:
    table, link = ask(site)
    assert table.question.table is not None
    path = f"attachments/{table.question.table.digest}"
    kept = contents(site.store)[path]
    raw_objects(site.store).put(path, b"{}")
    try:
        assert site.send_json(link, NOTHING).status_code == 500
        assert site.outcome(link) is None
    finally:
        raw_objects(site.store).put(path, kept)
