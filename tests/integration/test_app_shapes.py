"""Answers of every shape, over HTTP: what a form is filled with comes back as it was, and no secret is told.

Holds P1 and P5 for compound answers, and P6: a button names only what the form has.
"""

from __future__ import annotations

import json
import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, SecretStr

from flyteplugins.hitl._answers import Answer, answer_for
from flyteplugins.hitl._form_link import FormLink
from flyteplugins.hitl._records import Origin
from tests.support.app_cases import FOREVER, Broken, snapshot
from tests.support.fault_proxy import Fault, matching
from tests.support.house import run
from tests.support.pages import Page
from tests.support.questions import question
from tests.support.replies import page_of, problem_of
from tests.support.reviews import review_asked
from tests.support.sent_forms import sent_pairs
from tests.support.shapes import SHAPES, Invoice, Item, Login, plain_json
from tests.support.sites import Site, running_site

pytestmark = pytest.mark.slow

# A value is drawn anew for each: the page, the form and the record are what is held here, and not the reading.
once = settings(
    max_examples=2,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
ALL = pytest.mark.parametrize("name", SHAPES)
SHOWN = pytest.mark.parametrize("name", [name for name, shape in SHAPES.items() if shape.is_shown_whole])

INVOICE = {
    "number": "A-1",
    "due": "2026-03-01T12:00:00Z",
    "items": [{"name": "Tea", "price": "4.50"}, {"name": "Milk", "price": "1.20", "quantity": 2}],
    "ship_to": {"street": "Elm", "number": 5},
    "notes": {"a": "b"},
}


def answer_of(data_type: Any) -> Answer[Any]:
    return answer_for(data_type, max_characters=1000)


def value_of(site: Site, link: FormLink, data_type: Any) -> Any:
    """What the workflow gets."""
    response = site.outcome(link)
    assert response is not None
    return answer_of(data_type).from_json(run(site.service.value(link.request, response)))


def send(site: Site, pairs: list[tuple[str, str]], to: str = "submit") -> httpx.Response:
    fields: dict[str, list[str]] = {}
    for name, text in pairs:
        fields.setdefault(name, []).append(text)
    # Names that are there several times keep their order among themselves, which is all that counts.
    return site.client.post(f"/{to}", data=fields)


@SHOWN
@once
@given(data=st.data())
def test_a_form_that_nobody_touched_sends_what_it_was_filled_with(site: Site, name: str, data: st.DataObject) -> None:
    shape = SHAPES[name]
    value = data.draw(shape.values)
    link = site.ask(question(shape.data_type, initial=value))
    form = site.client.get(link.form_url)
    pairs = sent_pairs(form.text)
    held = answer_of(shape.data_type).form().filled(initial(link))
    if answer_of(shape.data_type).form().field(held).sends:
        # The button of what was chosen before is pressed.
        pairs.append(("value", held.one("value") or ""))
    reply = send(site, pairs)

    assert reply.status_code == 303, Page(reply.text).text
    assert value_of(site, link, shape.data_type) == value
    assert "to what was filled in" not in page_of(site.client.get(link.form_url)).text


def reviewed(site: Site, data_type: Any, value: Any) -> FormLink:
    """Asks for a review of two items, each with a suggestion."""
    origin = Origin(run=uuid.uuid4().hex, action="a0")
    items = review_asked(site.service, ["one", "two"], data_type, origin=origin, initial=[value, value])
    return site.link(run(items))


def decision_pairs(page: httpx.Response) -> list[tuple[str, str]]:
    """The entries of the form that takes the decision on an item, and not of the one that submits the review."""
    assert page.status_code == 200, page.text
    return sent_pairs(page.text.partition("review-submit")[0])


@SHOWN
@once
@given(data=st.data())
def test_a_suggestion_that_nobody_touched_is_kept_as_the_decision(site: Site, name: str, data: st.DataObject) -> None:
    shape = SHAPES[name]
    value = data.draw(shape.values)
    link = reviewed(site, shape.data_type, value)
    form = answer_of(shape.data_type).form()
    held = form.filled(answer_of(shape.data_type).initial_json(value))
    for _ in range(2):
        pairs = decision_pairs(site.client.get(link.form_url))
        if form.field(held).sends:
            pairs.append(("value", held.one("value") or ""))
        kept = send(site, pairs, "review/decide")
        assert kept.status_code == 303, Page(kept.text).text
    proof = [("request_id", link.request.request_id), ("token", link.token)]
    seen = run(site.service.progress.standing(link.request.request_id)).number
    assert send(site, [*proof, ("seen", str(seen))], "review/submit").status_code == 303
    assert value_of(site, link, list[shape.data_type]) == [value, value]  # type: ignore[name-defined]


def initial(link: FormLink) -> Any:
    assert link.request.question.initial is not None
    return link.request.question.initial.value


@ALL
@once
@given(data=st.data())
def test_a_program_sends_the_same(site: Site, name: str, data: st.DataObject) -> None:
    shape = SHAPES[name]
    value = data.draw(shape.values)
    link = site.ask(question(shape.data_type))
    proof = {"request_id": link.request.request_id, "token": link.token}
    reply = site.client.post("/submit/json", json={**proof, "value": plain_json(shape.data_type, value)})

    assert reply.status_code == 200, reply.text
    assert value_of(site, link, shape.data_type) == value
    assert site.client.get(link.form_url).status_code == 200


def test_a_refused_form_comes_back_filled_with_every_error_at_its_field(site: Site) -> None:
    link = site.ask(question(Invoice, initial=INVOICE))
    wrong = {"value.number": "", "value.items.0.price": "a lot", "value.items.1.quantity": "1000", "value.due": "soon"}
    typed = [(name, wrong.get(name, text)) for name, text in sent_pairs(site.client.get(link.form_url).text)]
    reply = send(site, [*typed, ("comment", "kept")])

    assert reply.status_code == 422
    again = page_of(reply)
    ids = {element.attributes.get("id") for element in again.elements}
    assert {"error-value.items.0.price", "error-value.items.1.quantity", "error-value.due"} <= ids
    sent_again = dict(sent_pairs(reply.text))
    assert sent_again["value.items.0.price"] == "a lot"
    assert sent_again["comment"] == "kept"
    # A browser cannot hold “soon” as a moment: it shows none, and the error quotes it.
    assert {name: text for name, text in sent_again.items() if name != "value.due"} == {
        name: text for name, text in dict([*typed, ("comment", "kept")]).items() if name != "value.due"
    }
    mended = {"value.items.0.price": "4.50", "value.items.1.quantity": "2", "value.due": "2026-03-01T12:00"}
    assert send(site, [(name, mended.get(name, text)) for name, text in sent_pairs(reply.text)]).status_code == 303
    items = value_of(site, link, Invoice).items
    assert items == [Item(name="Tea", price=Decimal("4.50")), Item(name="Milk", price=Decimal("1.20"), quantity=2)]


def test_the_same_errors_are_told_to_a_program(site: Site) -> None:
    link = site.ask(question(Invoice))
    items = [{"name": "", "price": -1, "quantity": 0}]
    problem = problem_of(site.send_json(link, {"number": 5, "items": items}), 422)

    assert {error["field"]: error["reason"] for error in problem["errors"]} == {
        "value.number": "5 is not text. Send a string.",
        "value.due": "It is missing: send it.",
        "value.items.0.name": "It must be at least 1 character long; it has 0.",
        "value.items.0.price": "It must be at least 0.",
        "value.items.0.quantity": "It must be at least 1.",
    }


class TestEdit:
    """The buttons of rows, without script."""

    def pressed(self, site: Site, pairs: list[tuple[str, str]], action: str) -> httpx.Response:
        return send(site, [*pairs, ("action", action)], "edit")

    def test_rows_are_added_removed_and_moved_and_nothing_is_stored(self, site: Site) -> None:
        link = site.ask(question(Invoice, initial=INVOICE))
        before = snapshot(site)
        pairs = sent_pairs(site.client.get(link.form_url).text)
        typed = [(name, "Coffee" if name == "value.items.0.name" else text) for name, text in pairs]
        added = sent_pairs(self.pressed(site, [*typed, ("comment", "why")], "add:value.items").text)
        assert dict(added)["value.items.2.quantity"] == "1"
        assert dict(added)["value.items.0.name"] == "Coffee"
        assert dict(added)["comment"] == "why"
        assert dict(added)["idempotency_key"] == dict(pairs)["idempotency_key"]
        moved = sent_pairs(self.pressed(site, added, "down:value.items:0").text)
        assert [text for name, text in moved if name == "value.items"] == ["1", "0", "2"]
        removed = sent_pairs(self.pressed(site, moved, "remove:value.items:2").text)
        assert snapshot(site) == before

        assert send(site, removed).status_code == 303
        assert [item.name for item in value_of(site, link, Invoice).items] == ["Milk", "Coffee"]

    def test_rows_of_a_decision_are_changed_as_well(self, site: Site) -> None:
        link = reviewed(site, Invoice, INVOICE)
        pairs = decision_pairs(site.client.get(link.form_url))
        added = decision_pairs(self.pressed(site, pairs, "add:value.items"))
        assert dict(added)["item"] == "1"
        removed = decision_pairs(self.pressed(site, added, "remove:value.items:0"))
        filled = [*((name, text) for name, text in removed if not name.startswith("value.items.2."))]
        filled += [("value.items.2.name", "Coffee"), ("value.items.2.price", "7"), ("value.items.2.quantity", "1")]
        assert send(site, filled, "review/decide").status_code == 303
        decided = run(site.service.progress.standing(link.request.request_id)).decided
        assert [item.name for item in answer_of(Invoice).from_json(decided[0]).items] == ["Milk", "Coffee"]

    @pytest.mark.parametrize(
        "action",
        [
            "",
            "add",
            "drop:value.items:0",
            "add:token",
            "add:value.number",
            "remove:value.items:7",
            "add:" + "x" * 50_000,
            "<b>",
            "add:value.items\r\nX: 1",
        ],
        ids=lambda action: action[:20],
    )
    def test_a_button_that_the_form_does_not_have_is_refused(self, site: Site, action: str) -> None:
        link = site.ask(question(Invoice))
        before = snapshot(site)
        reply = self.pressed(site, sent_pairs(site.client.get(link.form_url).text), action)

        assert reply.status_code == 422
        assert "The form has no such button" in page_of(reply).text
        assert snapshot(site) == before

    def test_it_takes_a_link_as_everything_does(self, site: Site) -> None:
        link = site.ask(question(Invoice))
        for token in ("", "x", site.ask().token):
            body = {"request_id": link.request.request_id, "token": token, "action": "add:value.items"}
            assert site.client.post("/edit", data=body).status_code == 403

    def test_it_is_no_page_to_be_opened(self, site: Site) -> None:
        assert site.client.get("/edit").status_code == 405


@pytest.mark.parametrize("is_late", [False, True])
def test_an_answer_that_comes_too_late_is_shown_to_whoever_sent_it(site: Site, is_late: bool) -> None:
    link = site.ask(question(Invoice, initial=INVOICE), timeout_seconds=0.2 if is_late else 3600)
    pairs = sent_pairs(site.client.get(link.form_url).text)
    if is_late:
        run(_until_late(site, link))
    else:
        site.answer(link, {**INVOICE, "number": "B-2"})
    reply = send(site, pairs)

    assert reply.status_code == (410 if is_late else 409)
    text = page_of(reply).text
    assert "What you sent" in text
    assert "Invoice number: A-1" in text
    assert "Street: Elm" in text


async def _until_late(site: Site, link: FormLink) -> None:
    while not link.request.is_past_deadline(site.service.clock.now()):
        pass
    await site.service.expire(link.request)


def test_an_answer_that_the_store_could_not_take_is_sent_again_with_every_entry(broken: Broken) -> None:
    site = broken.site
    link = site.ask(question(Invoice, initial=INVOICE))
    pairs = sent_pairs(site.client.get(link.form_url).text)
    broken.proxy.fail(matching("PUT", "responses/"), Fault.status(503), times=FOREVER)
    reply = send(site, pairs)
    assert reply.status_code == 503
    broken.proxy.clear()

    again = sent_pairs(reply.text)
    for name in {name for name, _ in pairs if name.startswith("value")}:
        assert [text for each, text in again if each == name] == [text for each, text in pairs if each == name]
    assert send(site, again).status_code == 303
    assert value_of(site, link, Invoice).number == "A-1"


class Access(BaseModel):
    login: Login
    others: list[Login] = []
    key: SecretStr | None = None


SECRET = f"hunter-{uuid.uuid4().hex}"
ACCESS = {
    "login": {"user": "ada", "password": SECRET},
    "others": [{"user": "bob", "password": SECRET + "2"}],
    "key": SECRET,
}


def test_a_secret_is_told_to_nobody_but_the_workflow(store_url: str, tmp_path: Path) -> None:
    with running_site(store_url, tmp_path) as site:
        by_program, by_form, late = (site.ask(question(Access)) for _ in range(3))
        pages = [site.client.get(by_form.form_url).text]
        for value in (
            {**ACCESS, "extra": 1},
            {**ACCESS, "others": [{"password": SECRET[:3]}]},
            {"key": SECRET},
            [SECRET],
        ):
            pages.append(site.send_json(by_program, value).text)
        form = {
            "value.login.user": "ada",
            "value.login.password": SECRET,
            "value.key": SECRET,
            "secret": "value.login.password",
        }
        base = {"request_id": by_form.request.request_id, "token": by_form.token}
        pages.append(site.client.post("/submit", data={**base, **form, "data_type": "x"}).text)
        pages.append(site.client.post("/edit", data={**base, **form, "action": "add:value.others"}).text)
        pages.append(site.client.post("/edit", data={**base, **form, "action": "nothing"}).text)
        assert site.client.post("/submit", data={**base, **form}, follow_redirects=True).status_code == 200
        accepted = site.send_json(by_program, ACCESS)
        assert accepted.status_code == 200
        pages += [accepted.text, site.send_json(by_program, {**ACCESS, "key": None}).text]
        site.answer(late, {**ACCESS, "key": None})
        pages.append(
            site.client.post("/submit", data={"request_id": late.request.request_id, "token": late.token, **form}).text
        )
        for link in (by_program, by_form, late):
            pages.append(site.client.get(link.form_url).text)
            pages.append(site.client.get(f"/status/{link.request.request_id}", params={"token": link.token}).text)
        assert value_of(site, by_program, Access) == Access.model_validate(ACCESS)
        assert value_of(site, by_form, Access).key.get_secret_value() == SECRET
        stored = snapshot(site)
        log = site.log.read_text()
    assert [page for page in pages if SECRET in page] == []
    assert SECRET.encode() not in b"".join(stored.values())
    assert SECRET not in log
    assert "••••••••" in pages[-1] or "\\u2022" in pages[-1]


def test_a_secret_of_a_form_that_the_store_could_not_take_is_asked_for_again(broken: Broken) -> None:
    site = broken.site
    link = site.ask(question(Login))
    fields = dict(sent_pairs(site.client.get(link.form_url).text))
    assert fields["secret"] == "value.password"
    broken.proxy.fail(matching("PUT", "responses/"), Fault.status(503), times=FOREVER)
    reply = site.client.post("/submit", data={**fields, "value.user": "ada", "value.password": SECRET})
    assert reply.status_code == 503
    assert SECRET not in reply.text
    broken.proxy.clear()

    again = dict(sent_pairs(reply.text))
    assert again["value.user"] == "ada"
    assert site.client.post("/submit", data={**again, "value.password": SECRET}).status_code == 303
    assert value_of(site, link, Login).password.get_secret_value() == SECRET


def test_every_shape_is_described_by_its_curl(site: Site) -> None:
    link = site.ask(question(Invoice))

    assert (
        site.send_json(link, json.loads(link.curl.partition("-d '")[2].rpartition("'")[0])["value"]).status_code == 200
    )
    assert parse_qs(urlsplit(link.form_url).query)["token"] == [link.token]
    assert urljoin(site.url, "/submit/json") in link.curl
