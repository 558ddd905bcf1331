"""The kill test of a workflow that checks its answers: SIGKILL around each storage call, and inside the check itself.

Held here, whatever is killed: a page says "accepted" of the very answer that the workflow gets (P1); one request, one
link, each answer kept once, and what was refused comes back with its reason (P2); the deadline waits for an answer that
came before it, and for no other (P3).
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest

from flyteplugins.hitl._log import Log
from flyteplugins.hitl._records import Candidate, RecordT, Request, Response, Verdict
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._store import Store
from tests.support.apps import running_app
from tests.support.house import run
from tests.support.pages import Page
from tests.support.scripts import SCRIPTS, Link, running_script

pytestmark = pytest.mark.slow

KILLER = SCRIPTS / "killed_at_storage_calls.py"
SCRIPT = str(SCRIPTS / "validated.py")
KILLED = -9
REFUSED, TAKEN = "41", "12"
REASON = "There are 40 hours left, and 41 are more."

# Some forty calls, each killed at twice; more means that a chain does not come to an end.
MOST_KILLS = 200

WHEN = ("before", "after")


async def _entries(log: Log[RecordT]) -> Sequence[RecordT]:
    return await log.entries()


@dataclass
class Person:
    """Sends an answer that is refused, then one that is not, and goes by what the page says.

    Attributes:
        link: The form.
        address: The page that the person looks at.
        unsent: A form that was filled, until it is known to have arrived: then it is sent again as it is.
        pages: What the page said, each time that it said something new.
        was_accepted: Whether a page said so.
    """

    link: Link | None = None
    address: str = ""
    unsent: Mapping[str, str] | None = None
    pages: list[str] = field(default_factory=list)
    was_accepted: bool = False

    def opens(self, link: Link) -> None:
        assert self.link in (None, link), "the person was sent more than one link"
        self.link, self.address = link, self.address or link.url

    def looks(self) -> None:
        """Does the next thing that there is to do, if the app is there."""
        try:
            if self.unsent is None:
                self._reads(httpx.get(self.address, timeout=20))
            else:
                self._sends(self.unsent)
        except httpx.TransportError:
            return

    def _reads(self, reply: httpx.Response) -> None:
        page = Page(reply.text)
        assert reply.status_code == 200, page.text
        if not self.pages or self.pages[-1] != page.text:
            self.pages.append(page.text)
        if "Answer accepted" in page.text:
            self.was_accepted = True
            assert TAKEN in page.text
        elif page.action is not None and not page.fields["value"]:
            self.unsent = page.fields | {"value": REFUSED, "comment": "as agreed"}
        elif page.action is not None:
            assert REASON in page.text
            assert (page.fields["value"], page.fields["comment"]) == (REFUSED, "as agreed")
            self.unsent = page.fields | {"value": TAKEN}

    def _sends(self, fields: Mapping[str, str]) -> None:
        assert self.link is not None
        sent = httpx.post(f"{self.link.endpoint}/submit", data=dict(fields), timeout=20)
        assert sent.status_code == 303, sent.text
        self.address, self.unsent = urljoin(str(sent.url), sent.headers["location"]), None


@dataclass
class Ledger:
    """What is in the store, looked at from outside."""

    service: Service
    request: Request | None = None

    def check(self, person: Person) -> None:
        listing = run(self.service.listing())
        assert listing.damaged == ()
        assert len(listing.requests) <= 1, "somebody is asked twice"
        if not listing.requests:
            assert self.request is None, "the request was lost"
            return
        self.request = self.request or listing.requests[0]
        assert listing.requests[0] == self.request
        values = [response and str(response.value) for response in self.candidates()]
        assert values == [REFUSED, TAKEN][: len(values)], "an answer was kept twice, or lost"
        verdicts = [verdict.accepted for verdict in self.verdicts()]
        assert verdicts == [False, True][: len(verdicts)]
        response = run(self.service.response(self.request))
        if response is None:
            assert not person.was_accepted, "the page said that the answer was accepted, and it was not"
        else:
            assert (response.status, str(response.value)) == ("completed", TAKEN)

    def candidates(self) -> Sequence[Response | None]:
        assert self.request is not None
        log = Log(self.service.store, Candidate, f"candidates/{self.request.request_id}")
        return [candidate.response for candidate in run(_entries(log))]

    def verdicts(self) -> Sequence[Verdict]:
        assert self.request is not None
        return run(_entries(Log(self.service.store, Verdict, f"verdicts/{self.request.request_id}")))


@dataclass(frozen=True)
class Killed:
    """The processes that were killed, and where.

    Attributes:
        folder: Where the accounts are.
        store: The store.
        app: The address of an app that lives on; `None` where the script has its own, which dies with it.
    """

    folder: Path
    store: str
    app: str | None = None

    @property
    def environment(self) -> dict[str, str]:
        cloud = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
        served = {} if self.app is None else {"FLYTE_HITL_ENDPOINT": self.app}
        return {
            **cloud,
            **served,
            "FLYTE_HITL_STORE": self.store,
            "KILLED_AT": str(self.folder / "killed-at.txt"),
            "ASKED_LOG": str(self.folder / "asked.txt"),
            "KILLED_IN_CHECK": str(self.folder / "killed-in-check.txt"),
        }

    @property
    def asked(self) -> list[str]:
        """The answers that the check was asked about."""
        return (self.folder / "asked.txt").read_text().split()

    @property
    def in_check(self) -> list[str]:
        return (self.folder / "killed-in-check.txt").read_text().split()

    def around(self, *calls: str) -> bool:
        """Whether a process was killed before and after each of these calls."""
        found = (self.folder / "killed-at.txt").read_text().splitlines()
        return all(any(place.startswith(f"{when} {call}") for place in found) for call in calls for when in WHEN)

    def until_it_gets_through(self, person: Person, ledger: Ledger) -> str:
        """Starts the script until no place is left to be killed at; returns its last words."""
        for _ in range(MOST_KILLS):
            with running_script(KILLER, SCRIPT, home=self.folder / "home", environment=self.environment) as script:
                while script.is_running:
                    if script.links:
                        person.opens(script.links[0])
                        person.looks()
                    time.sleep(0.02)
                status = script.ended()
            ledger.check(person)
            if status != KILLED:
                assert status == 0, script.described()
                return script.lines[-1]
        raise AssertionError("The chain of kills does not come to an end.")


def set_up(store_url: str) -> Service:
    """A store with its key: how that is made is not what is killed here."""
    service = Service(Store.at(store_url))
    run(service.links())
    return service


def assert_all_went_well(killed: Killed, person: Person, ledger: Ledger, last_words: str) -> None:
    assert last_words == f"answer {TAKEN}"
    assert len(ledger.candidates()) == 2
    assert sum(REASON in page for page in person.pages) == 1
    assert set(killed.asked) == {REFUSED, TAKEN}
    # Nothing is checked after the first answer that was accepted, and none before the one that came before it.
    assert killed.asked == sorted(killed.asked, reverse=True)
    assert killed.in_check == [REFUSED, TAKEN]


def test_a_workflow_killed_at_each_storage_call_checks_each_answer_and_gets_the_one_it_accepts(
    store_url: str, tmp_path: Path
) -> None:
    with running_app(store_url, tmp_path) as app:
        killed = Killed(tmp_path, store_url, app.url)
        person, ledger = Person(), Ledger(set_up(store_url))
        last_words = killed.until_it_gets_through(person, ledger)
        person.looks()

    assert person.was_accepted
    assert_all_went_well(killed, person, ledger, last_words)
    reads = ("get candidates/", "get verdicts/", "get responses/")
    writes = ("put requests/", "put checking/", "put verdicts/", "put responses/")
    assert killed.around(*reads, *writes)
    assert any("is kept" in page for page in person.pages)


def test_a_workflow_killed_with_its_app_keeps_each_answer_once(store_url: str, tmp_path: Path) -> None:
    killed = Killed(tmp_path, store_url)
    person, ledger = Person(), Ledger(set_up(store_url))
    last_words = killed.until_it_gets_through(person, ledger)

    assert_all_went_well(killed, person, ledger, last_words)
    assert killed.around("put candidates/", "put verdicts/", "put responses/")


def test_a_workflow_killed_on_the_way_to_its_deadline_first_checks_what_came_before(
    store_url: str, tmp_path: Path
) -> None:
    service = Service(Store.at(store_url))
    with running_app(store_url, tmp_path) as app:
        killed, person = Killed(tmp_path, store_url, app.url), Person()
        first = killed.environment | {"HOLD": "1", "TIMEOUT": "3"}
        with running_script(Path(SCRIPT), home=tmp_path / "home", environment=first) as script:
            person.opens(script.link())
            while person.unsent is None:
                person.looks()
            person.looks()
            script.until(lambda: (tmp_path / "asked.txt").exists(), "check")
        [request] = run(service.listing()).requests
        assert request.deadline is not None
        assert person.link is not None
        time.sleep(max(0.0, request.deadline.timestamp() - time.time()) + 0.01)

        for _ in range(MOST_KILLS):
            with running_script(KILLER, SCRIPT, home=tmp_path / "home", environment=killed.environment) as script:
                status = script.ended()
            late = httpx.get(person.link.url, timeout=20).text
            assert "Answer accepted" not in late
            if status != KILLED:
                break

    assert status == 0, script.described()
    assert script.lines[-1] == "timed out"
    ledger = Ledger(service, request)
    assert [response and str(response.value) for response in ledger.candidates()] == [REFUSED, None]
    assert [verdict.accepted for verdict in ledger.verdicts()] == [False]
    assert set(killed.asked) == {REFUSED}
    assert killed.around("put candidates/", "put verdicts/", "put responses/")
