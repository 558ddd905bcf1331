"""What an app keeps at hand: fewer calls to the store, and nothing that anybody could see the difference of.

Holds what P1, P6 and P7 ask of it: an outcome is always read, every right is proved each time, and no key of a form
comes twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from flyteplugins.hitl._blobs import Blobs
from flyteplugins.hitl._proof import Proof
from flyteplugins.hitl._records import Attachment, Request, StoredFile
from flyteplugins.hitl._request_cache import LIFE_SECONDS
from flyteplugins.hitl._settings import Settings
from flyteplugins.hitl._store import Store
from flyteplugins.hitl.app import create_app
from tests.support.counted import CountedBackend, CountedService
from tests.support.house import House, open_house, run
from tests.support.pages import Page
from tests.support.questions import asked, question

pytestmark = pytest.mark.slow

PROMPT = "May the **launch** go on?"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(str(tmp_path), CountedService) as opened:
        yield opened


@pytest.fixture
def client(house: House) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=house.endpoint, timeout=30) as opened:
        yield opened


def counted(house: House) -> CountedBackend:
    assert isinstance(house.service, CountedService)
    return house.service.counted


def address(house: House, request: Request) -> str:
    return str(house.link(request).url)


def opened(client: httpx.Client, house: House, request: Request) -> Page:
    """The form, as it is opened for the first time."""
    reply = client.get(address(house, request))
    assert reply.status_code == 200
    return Page(reply.text)


def test_the_second_look_at_a_form_reads_the_outcome_and_no_more(house: House, client: httpx.Client) -> None:
    request = house.ask(prompt=PROMPT)
    opened(client, house, request)
    counted(house).start_again()
    opened(client, house, request)
    assert counted(house).reads == ["responses"]
    # That it is looked at may be said once, after the page is sent.
    assert set(counted(house).writes) <= {"marks"}


def test_each_look_gives_the_same_page_with_a_key_of_its_own(house: House, client: httpx.Client) -> None:
    request = house.ask(prompt=PROMPT)
    texts = [client.get(address(house, request)).text for _ in range(4)]
    keys = [Page(text).fields["idempotency_key"] for text in texts]
    assert len(set(keys)) == 4
    assert all(len(key) >= 20 for key in keys)
    pages = {text.replace(key, "KEY") for text, key in zip(texts, keys, strict=True)}
    assert len(pages) == 1
    assert "<strong>launch</strong>" in pages.pop()


def test_a_page_is_made_once_for_all_who_open_it(tmp_path: Path) -> None:
    service = CountedService(Store.at(str(tmp_path)))
    app = create_app(service, settings=Settings())

    async def look() -> None:
        request = await asked(service)
        link = {"token": (await service.links()).token(request.request_id)}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app") as caller:
            reply = await caller.get(f"/form/{request.request_id}", params=link)
        at_hand = await service.request(request.request_id)
        key = Page(reply.text).fields["idempotency_key"]
        assert app.state.hitl.pages.get(at_hand, "../", key) == reply.content

    run(look())


def test_a_page_at_hand_is_for_its_own_question(house: House, client: httpx.Client) -> None:
    first, second = house.ask(name="a", prompt="The first?"), house.ask(name="b", prompt="The second?")
    for _ in range(2):
        for request, words, others in ((first, "The first?", "The second?"), (second, "The second?", "The first?")):
            text = client.get(address(house, request)).text
            assert words in text
            assert others not in text
            assert Page(text).fields["request_id"] == request.request_id


def test_nothing_at_hand_is_given_to_whoever_proves_no_right(house: House, client: httpx.Client) -> None:
    request, other = house.ask(prompt=PROMPT), house.ask(name="other", prompt="Another")
    opened(client, house, request)
    opened(client, house, request)
    id_, others_token = request.request_id, run(house.service.links()).token(other.request_id)
    replies = [
        client.get(f"/form/{id_}", params=query)
        for query in ({}, {"token": ""}, {"token": "x"}, {"token": others_token})
    ]
    replies += [client.get(f"/status/{id_}", params=query) for query in ({}, {"response_path": other.response_path})]
    body = {"request_id": id_, "value": True}
    replies += [client.post("/submit/json", json=body | proof) for proof in ({}, {"token": others_token})]
    replies.append(client.post("/submit", data={"request_id": id_, "value": "true", "token": others_token}))
    for reply in replies:
        assert reply.status_code == 403, reply.request.url
        assert "launch" not in reply.text
        assert request.response_path not in reply.text
    assert house.is_open(request)


def test_a_form_at_hand_is_not_shown_once_there_is_an_outcome(house: House, client: httpx.Client) -> None:
    request = house.ask(prompt=PROMPT)
    opened(client, house, request)
    house.answer(request, "true")
    text = client.get(address(house, request)).text
    assert "idempotency_key" not in text
    assert "Ada" in text


def test_a_form_at_hand_is_not_shown_after_its_deadline(house: House, client: httpx.Client) -> None:
    request = house.ask(prompt=PROMPT, timeout_seconds=30)
    opened(client, house, request)
    house.clock.move(31)
    assert "idempotency_key" not in client.get(address(house, request)).text


def test_a_question_that_is_removed_by_hand_is_gone_for_everybody_within_a_minute(
    house: House, client: httpx.Client, tmp_path: Path
) -> None:
    request = house.ask(prompt=PROMPT, timeout_seconds=None)
    opened(client, house, request)
    for record in (tmp_path / "requests").rglob("*.json"):
        record.unlink()
    assert opened(client, house, request).fields["request_id"] == request.request_id
    house.clock.move(LIFE_SECONDS)
    assert client.get(address(house, request)).status_code == 404


def test_what_could_not_be_read_for_a_page_is_there_the_next_time(
    house: House, client: httpx.Client, tmp_path: Path
) -> None:
    digest, size = run(Blobs(Store.at(str(tmp_path))).keep(b"the text that is shown"))
    file = StoredFile(digest=digest, size=size, media_type="text/plain", file_name="notes.txt")
    attachment = Attachment(kind="text", title="Notes", files=(file,), preview=digest, details={"is_cut": False})
    content = question(prompt=PROMPT).model_copy(update={"show": (attachment,)})
    request = run(asked(house.service, content))
    blob = tmp_path / "attachments" / digest
    blob.rename(tmp_path / "away")
    assert "the text that is shown" not in client.get(address(house, request)).text
    (tmp_path / "away").rename(blob)
    assert "the text that is shown" in client.get(address(house, request)).text


def test_an_answer_costs_its_mark_and_one_write_and_looks_for_no_outcome_before(
    house: House, client: httpx.Client
) -> None:
    request = house.ask(prompt=PROMPT)
    run(house.service.request(request.request_id))
    counted(house).start_again()
    body = {"request_id": request.request_id, "response_path": request.response_path, "value": "true"}
    assert client.post("/submit/json", json=body).status_code == 200
    assert (counted(house).reads, counted(house).writes) == ([], ["marks", "responses"])
    assert house.value(request) is True


@pytest.mark.parametrize("value", ["true", "false", "maybe"], ids=["another", "the same", "one that does not fit"])
def test_whoever_comes_too_late_is_told_who_won_whatever_was_sent(
    house: House, client: httpx.Client, value: str
) -> None:
    request = house.ask(prompt=PROMPT)
    house.answer(request, "false", comment="not today")
    body = {"request_id": request.request_id, "response_path": request.response_path, "value": value}
    reply = client.post("/submit/json", json=body)
    assert reply.status_code == 409
    assert reply.json()["outcome"]["responder"] == "Ada"
    assert reply.json()["outcome"]["comment"] == "not today"
    assert house.value(request) is False


def test_an_answer_after_the_deadline_writes_nothing_but_that_time_ran_out(house: House, client: httpx.Client) -> None:
    request = house.ask(prompt=PROMPT, timeout_seconds=30)
    opened(client, house, request)
    house.clock.move(30)
    proof = Proof(response_path=request.response_path)
    body = {"request_id": request.request_id, "response_path": proof.response_path, "value": "true"}
    assert client.post("/submit/json", json=body).status_code == 410
    response = house.response(request)
    assert response is not None
    assert response.status == "timed_out"


def test_the_same_submission_sent_again_is_accepted_again(house: House, client: httpx.Client) -> None:
    request = house.ask(prompt=PROMPT)
    body = {"request_id": request.request_id, "response_path": request.response_path, "value": "true"}
    first, again, other = (
        client.post("/submit/json", json=body | {"idempotency_key": "k", "value": value})
        for value in ("true", "true", "false")
    )
    assert (first.status_code, again.status_code, other.status_code) == (200, 200, 409)
    assert first.json() == again.json()
