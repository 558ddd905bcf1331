"""The inbox of processes that end, in order and otherwise: what they asked and nobody answered is in it, once (P2)."""

from __future__ import annotations

import signal
import uuid
from pathlib import Path

import pytest

from flyteplugins.hitl._inbox import Inbox
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._store import Store
from tests.support.house import run
from tests.support.inboxes import chunks, mended, pages, soon
from tests.support.person import answer
from tests.support.scripts import REPOSITORY, SCRIPTS, running_script

pytestmark = pytest.mark.slow

RESTARTABLE = SCRIPTS / "restartable.py"


def store_of(home: Path) -> Store:
    return Store.at(str(home / ".flyte" / "hitl"))


def listed(store: Store) -> list[str]:
    """The ids of all that the inbox shows."""

    async def read() -> list[str]:
        inbox = Inbox(Service(store))
        shown = [each.request_id for page in await pages(inbox) for each in page.entries]
        await mended(inbox)
        return shown

    return run(read())


def test_what_a_killed_script_asked_is_listed_and_once_when_it_is_back(tmp_path: Path) -> None:
    name, store = f"hitl-test-{uuid.uuid4().hex[:12]}", store_of(tmp_path)
    with running_script(RESTARTABLE, name, home=tmp_path) as script:
        link = script.link()
        soon(lambda: listed(store) == [link.request_id])
        script.kill()
    assert listed(store) == [link.request_id]

    with running_script(RESTARTABLE, name, home=tmp_path) as script:
        assert script.link().request_id == link.request_id
        soon(lambda: len(run(chunks(store))) == 2)
        for count in (1, 1):
            assert listed(store) == [link.request_id]
            assert len(run(chunks(store))) == count
        answer(script.link(), "7")
        assert listed(store) == []
        script.succeeded()

    assert run(chunks(store)) == {}


def test_a_script_that_is_interrupted_leaves_nothing_in_the_list(tmp_path: Path) -> None:
    store = store_of(tmp_path)
    with running_script(RESTARTABLE, f"hitl-test-{uuid.uuid4().hex[:12]}", home=tmp_path) as script:
        link = script.link()
        soon(lambda: run(chunks(store)))
        assert listed(store) == [link.request_id]
        script.send(signal.SIGINT)
        script.ended()

    assert run(chunks(store)) == {}
    assert not (tmp_path / ".flyte" / "hitl" / "open").exists()


def test_what_was_asked_just_before_the_end_is_listed(tmp_path: Path) -> None:
    environment = {"FLYTE_HITL_STORE": str(tmp_path / "store"), "PYTHONPATH": f"{REPOSITORY}:{REPOSITORY / 'src'}"}
    with running_script(SCRIPTS / "asks_and_ends.py", home=tmp_path, environment=environment) as script:
        script.succeeded()

    assert len(listed(Store.at(str(tmp_path / "store")))) == 3
