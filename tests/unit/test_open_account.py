"""Holds the account behind the index of open requests: what is to be written, and what of it was closed meanwhile."""

from __future__ import annotations

import sys
import threading
import time
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from flyteplugins.hitl._open_account import Account, Chunk
from flyteplugins.hitl._records import Chunk as ItemChunk
from flyteplugins.hitl._records import OpenChunk, Question, Request, Review
from flyteplugins.hitl._store import new_nonce
from tests.support.inboxes import id_of
from tests.support.questions import ORIGIN, question

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)


def request(number: int, *, after: float = 0, content: Question | None = None) -> Request:
    asked = content or question(name=f"event-{number}")
    return Request(
        nonce=new_nonce(),
        request_id=id_of(number),
        origin=ORIGIN,
        question=asked,
        fingerprint=asked.fingerprint(),
        occurrence=1,
        turn=1,
        generation=0,
        created_at=NOW + timedelta(seconds=after),
        deadline=NOW + timedelta(hours=1),
        response_path="responses/secret.json",
    )


def written(account: Account) -> list[Chunk]:
    """Has all that is pending written."""
    chunks = account.new_chunks()
    for chunk in chunks:
        account.added(chunk)
    return chunks


def record(chunk: Chunk) -> OpenChunk:
    return chunk.record(chunk.entries.values())


def test_an_entry_holds_what_a_list_shows_and_no_secret() -> None:
    account = Account()
    account.add(request(1))

    (chunk,) = account.new_chunks()
    (entry,) = record(chunk).entries

    assert entry.model_dump(mode="json") == {
        "request_id": id_of(1),
        "name": "event-1",
        "created_at": "2026-01-02T03:04:05Z",
        "deadline": "2026-01-02T04:04:05Z",
        "origin": {"organization": "o", "project": "p", "domain": "d", "run": "r", "action": "a0"},
        "data_type": "bool",
        "items": None,
    }
    assert b"secret" not in record(chunk).to_bytes()
    assert b"Approve?" not in record(chunk).to_bytes()


def test_of_a_review_it_tells_how_many_items_of_what_there_are() -> None:
    review = Review(
        chunks=(ItemChunk(digest="a", count=3), ItemChunk(digest="b", count=4)), decision_type="Literal['a', 'b']"
    )
    account = Account()
    account.add(request(1, content=question().model_copy(update={"review": review, "data_type": "list"})))

    (entry,) = record(account.new_chunks()[0]).entries

    assert (entry.data_type, entry.items) == ("Literal['a', 'b']", 7)


def test_what_was_asked_together_is_one_chunk() -> None:
    account = Account()
    for number in (2, 1, 3):
        account.add(request(number, after=number))

    (chunk,) = written(account)

    assert [entry.name for entry in record(chunk).entries] == ["event-1", "event-2", "event-3"]
    assert account.is_settled


def test_what_was_found_again_is_in_a_chunk_of_its_own_time() -> None:
    account = Account()
    account.add(request(1, after=-3600))
    account.add(request(2))

    assert [chunk.path.rpartition("-")[0] for chunk in written(account)] == [
        "open/2026-01-02/02/04/05.000",
        "open/2026-01-02/03/04/05.000",
    ]


def test_two_chunks_of_one_beginning_are_two_objects() -> None:
    """A process that comes back may know less than the one before it: it must not write over what that one left."""
    first, again = Account(), Account()
    for account in (first, again):
        account.add(request(1))

    assert written(first)[0].path != written(again)[0].path


def test_a_request_is_taken_once() -> None:
    account = Account()

    assert account.add(request(1))
    assert not account.add(request(1))
    written(account)
    assert not account.add(request(1))

    assert account.new_chunks() == []


def test_one_that_is_closed_before_it_was_written_is_never_written() -> None:
    account = Account()
    account.add(request(1))

    assert not account.remove(id_of(1))

    assert account.new_chunks() == []
    assert account.is_exact


def test_one_that_is_closed_while_it_is_written_is_taken_out() -> None:
    account = Account()
    account.add(request(1))
    account.add(request(2))

    (chunk,) = account.new_chunks()
    account.remove(id_of(1))
    account.added(chunk)

    assert not account.is_settled
    assert {each.path: [entry.name for entry in left] for each, left in account.changes(0).items()} == {
        chunk.path: ["event-2"]
    }


def test_what_could_not_be_written_is_pending_still() -> None:
    account = Account()
    account.add(request(1))

    account.new_chunks()

    assert not account.is_settled
    assert len(account.new_chunks()) == 1


def test_a_chunk_is_written_anew_when_it_lost_more_than_the_share_and_deleted_when_all() -> None:
    account = Account()
    for number in range(8):
        account.add(request(number))
    (chunk,) = written(account)

    sizes = []
    for number in range(8):
        account.remove(id_of(number))
        for changed, left in account.changes(0.25).items():
            sizes.append(len(left))
            account.changed(changed, len(left))

    assert sizes == [5, 3, 2, 1, 0]
    assert chunk.entries == {}


def test_what_is_below_the_share_is_settled_but_not_exact() -> None:
    account = Account()
    for number in range(8):
        account.add(request(number))
    (chunk,) = written(account)
    account.remove(id_of(0))

    assert account.changes(0.25) == {}
    assert account.is_settled
    assert not account.is_exact
    assert list(account.changes(0)) == [chunk]
    assert account.is_exact


def test_a_change_that_could_not_be_written_is_due_still() -> None:
    account = Account()
    account.add(request(1))
    written(account)
    account.remove(id_of(1))

    changes = account.changes(0)
    assert account.is_settled
    account.not_changed(changes)

    assert not account.is_settled
    assert account.changes(0) == changes


def test_a_request_that_nobody_asked_here_is_none_of_its_business() -> None:
    account = Account()

    assert not account.remove(id_of(1))
    assert account.is_exact


class Yielding(dict[str, Any]):
    """Lets other threads go on just where something was taken out and is not yet elsewhere."""

    def pop(self, *arguments: Any) -> Any:
        taken = super().pop(*arguments)
        time.sleep(0)
        return taken


def test_many_threads_leave_it_in_order() -> None:
    account, threads, each = Account(), 8, 200
    account._pending = Yielding()
    together = threading.Barrier(threads + 1)
    is_done = threading.Event()

    def ask_and_close(first: int) -> None:
        together.wait(10)
        for number in range(first, first + each):
            account.add(request(number))
        for number in range(first, first + each - 1):
            account.remove(id_of(number))

    def write() -> None:
        together.wait(10)
        while not is_done.is_set():
            written(account)
            for chunk, left in account.changes(0.25).items():
                account.changed(chunk, len(left))

    workers = [threading.Thread(target=ask_and_close, args=(number * each,)) for number in range(threads)]
    writer = threading.Thread(target=write)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for thread in (*workers, writer):
            thread.start()
        for thread in workers:
            thread.join(60)
    finally:
        is_done.set()
        writer.join(10)
        sys.setswitchinterval(interval)

    written(account)
    left = {entry.request_id for chunk in set(account._chunks.values()) for entry in chunk.entries.values()}
    assert left == {id_of((number + 1) * each - 1) for number in range(threads)}
    assert set(account._chunks) == left


@pytest.mark.parametrize("is_written", [False, True])
def test_an_open_request_costs_a_few_hundred_bytes(is_written: bool) -> None:
    tracemalloc = pytest.importorskip("tracemalloc")
    requests = [request(number) for number in range(2000)]
    account = Account()
    tracemalloc.start()
    try:
        for each in requests:
            account.add(each)
        if is_written:
            written(account)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert held / len(requests) < 500
