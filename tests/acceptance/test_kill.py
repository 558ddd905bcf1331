"""The kill test: SIGKILL before and after each storage call, again and again, until a process gets through.

Holds P1 (a page that said "accepted" stays true, and the workflow gets that answer), P2 (one request, one link, nothing
lost) and P3 (one deadline). Each process that is started again is the next to be killed, at the first place where none
was before; so each call is met in the state in which it is first made, and each kill costs one process.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from flyteplugins.hitl._form_link import FormLink
from flyteplugins.hitl._listing import request_path
from flyteplugins.hitl._records import Request
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._store import Store
from flyteplugins.hitl._successors import successor_of
from flyteplugins.hitl._watch import Watch
from flyteplugins.hitl.errors import RequestClosed
from tests.support.house import run
from tests.support.person import Form, opened
from tests.support.processes import LOOPBACK, free_port
from tests.support.questions import answered, asked, question
from tests.support.scripts import SCRIPTS, Link, RunningScript, running_script

pytestmark = pytest.mark.slow

KILLER = SCRIPTS / "killed_at_storage_calls.py"
KILLED = -9
VALUE = "9007199254740993"

# Some twenty calls, each killed at twice; more means that a chain does not come to an end.
MOST_KILLS = 120


@dataclass
class Person:
    """Opens one form, sends it until a page says that it was accepted, and remembers that."""

    form: Form | None = None
    was_accepted: bool = False
    refusals: list[str] = field(default_factory=list)

    def tries(self, link: Link) -> bool:
        """Opens and sends the form, and tells whether the app lived to show the last page."""
        try:
            self.form = self.form or opened(link)
            page = self.form.send(VALUE)
        except httpx.TransportError:
            return False
        if page.status_code == 200 and "Answer accepted" in page.text:
            self.was_accepted = True
        else:
            self.refusals.append(page.text)
        return True


@dataclass
class Ledger:
    """What is in the store, looked at from outside after each kill.

    Attributes:
        service: Reads the store.
        earlier: A request whose place the one under test takes, if there is one.
        first: The request under test, as it was when it was first seen.
    """

    service: Service
    earlier: Request | None = None
    first: Request | None = None

    def check(self, person: Person) -> None:
        listing = run(self.service.listing())
        requests = [request for request in listing.requests if request != self.earlier]
        assert listing.damaged == ()
        assert len(requests) <= 1, "somebody is asked twice"
        if not requests:
            assert self.first is None, "the request was lost"
            return
        self.first = self.first or requests[0]
        # The deadline and the path of the response are part of it.
        assert requests[0] == self.first
        self._check_earlier()
        response = run(self.service.response(self.first))
        if response is None:
            assert not person.was_accepted, "the page said that the answer was accepted, and it was not"
        else:
            assert (response.status, response.value) == ("completed", int(VALUE))

    def _check_earlier(self) -> None:
        if self.earlier is not None:
            response = run(self.service.response(self.earlier))
            assert response is not None, "two questions are open in one place"
            assert response.status == "replaced"


def environment(store_url: str, account: Path) -> dict[str, str]:
    cloud = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    return cloud | {"FLYTE_HITL_STORE": store_url, "KILLED_AT": str(account)}


def places(account: Path) -> list[str]:
    return account.read_text().splitlines()


def was_killed_around(account: Path, *calls: str) -> bool:
    """Whether a process was killed before and after each of these calls."""
    found = places(account)
    return all(any(place.startswith(f"{when} {call}") for place in found) for call in calls for when in WHEN)


WHEN = ("before", "after")


def link_or_end(script: RunningScript) -> Link | None:
    """The link that the script prints, or `None` where it is killed before."""
    script.until(lambda: script.links or not script.is_running, "link or end", even_ended=True)
    return script.links[0] if script.links else None


def answered_in_the_end(command: list[str], home: Path, variables: Mapping[str, str], ledger: Ledger) -> None:
    """Starts the command until it gets through, while a person tries to answer whatever it asks."""
    person, links = Person(), set[Link]()
    for _ in range(MOST_KILLS):
        with running_script(KILLER, *command, home=home, environment=variables) as script:
            link = link_or_end(script)
            if link is not None:
                links.add(link)
                person.tries(link)
            status = script.ended()
        ledger.check(person)
        if status != KILLED:
            break
    assert status == 0, script.described()
    assert script.lines[-1] == f"answer {VALUE}"
    assert len(links) == 1, "the person was sent more than one link"
    assert person.refusals == []


@pytest.mark.parametrize("kind", ["script", "task"])
def test_a_task_killed_at_each_storage_call_asks_once_and_gets_the_answer(
    kind: str, store_url: str, tmp_path: Path
) -> None:
    account = tmp_path / "killed-at.txt"
    task = [str(SCRIPTS / "restartable.py"), f"hitl-test-{uuid.uuid4().hex[:12]}"]
    command = task if kind == "task" else [str(SCRIPTS / "keyed.py")]
    ledger = Ledger(Service(Store.at(store_url)))
    answered_in_the_end(command, tmp_path / "home", environment(store_url, account), ledger)

    creations = ("checks/probe", "checks/create-only", "keys/", "endpoints/", "requests/", "responses/")
    assert was_killed_around(account, "list requests/", *(f"put {path}" for path in creations)), places(account)


def test_a_task_killed_on_the_way_to_a_changed_question_leaves_one_open(store_url: str, tmp_path: Path) -> None:
    account, service = tmp_path / "killed-at.txt", Service(Store.at(store_url))
    variables, home = environment(store_url, account), tmp_path / "home"
    command = [str(SCRIPTS / "restartable.py"), f"hitl-test-{uuid.uuid4().hex[:12]}"]
    with running_script(Path(command[0]), command[1], home=home, environment=variables) as script:
        old = script.link()
    ledger = Ledger(service, earlier=run(service.request(old.request_id)))

    answered_in_the_end([*command, "other"], home, variables, ledger)

    assert ledger.first is not None
    assert ledger.earlier is not None
    assert run(successor_of(service, ledger.earlier)) == ledger.first.request_id
    looked_up, asked_now = f"get {request_path(ledger.earlier.request_id)}", request_path(ledger.first.request_id)
    replaced = f"put {ledger.earlier.response_path}"
    assert was_killed_around(account, "list requests/", looked_up, replaced, f"put {asked_now}"), places(account)


def test_an_app_killed_at_each_storage_call_takes_an_answer_once(store_url: str, tmp_path: Path) -> None:
    account, port = tmp_path / "killed-at.txt", free_port()
    service = Service(Store.at(store_url))
    request = run(asked(service, question(int)))
    token = run(service.links()).token(request.request_id)
    link = Link(FormLink(request=request, endpoint=f"http://{LOOPBACK}:{port}", token=token).form_url)
    person, ledger = Person(), Ledger(service)
    for _ in range(MOST_KILLS):
        with running_script(
            KILLER,
            *("-m", "flyteplugins.hitl.app", "--port", str(port)),
            home=tmp_path / "home",
            environment=environment(store_url, account),
        ) as app:
            app.until(lambda: link.endpoint in app.output, "address")
            is_through = person.tries(link)
            assert is_through or app.ended() == KILLED, app.described()
        ledger.check(person)
        if is_through:
            break

    assert is_through
    assert person.was_accepted
    assert person.refusals == []
    assert run(Watch(service).outcome(request, 1)).value == int(VALUE)
    with pytest.raises(RequestClosed):
        run(answered(service, request, "1"))
    assert was_killed_around(account, "get requests/", "get responses/", "put responses/")
