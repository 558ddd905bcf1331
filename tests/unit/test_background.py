"""Holds the loop beside the workflow: one thread, begun when it is needed, that harms neither a fork nor the end."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextvars import ContextVar

import pytest

from flyteplugins.hitl._background import BackgroundLoop

SECONDS = 10

SCRIPT = """
import asyncio, atexit, os, sys, threading
from flyteplugins.hitl._background import background

async def where():
    await asyncio.sleep(0)
    return os.getpid(), threading.current_thread().name

def look():
    process, thread = background.submit(where).result(10)
    assert process == os.getpid()
    return thread
"""

NEVER_ENDING = """
async def for_ever():
    began.set()
    try:
        await asyncio.sleep(3600)
    finally:
        await asyncio.sleep(0)
        print("cancelled", flush=True)

began = threading.Event()
background.submit(for_ever)
began.wait(10)
"""

FORKED = """
look()
# Another thread holds the lock when the process forks, and lets go of it in the parent only.
held, release = threading.Event(), threading.Event()
def hold():
    with background._lock:
        held.set()
        release.wait(10)
threading.Thread(target=hold).start()
held.wait(10)
child = os.fork()
if child == 0:
    import gc
    gc.collect()
    os._exit(0 if look() == "flyteplugins-hitl-background" else 3)
_, status = os.waitpid(child, 0)
release.set()
print("child", status)
print("parent", look())
"""

AT_EXIT = """
async def late():
    await asyncio.sleep(0.01)
    print("done at exit", flush=True)

atexit.register(lambda: background.submit(late).result(10))
"""

REFUSED = """
def submit():
    try:
        background.submit(where).result(10)
        print("done")
    except RuntimeError:
        print("refused")

atexit.register(submit)
"""


def output_of(code: str) -> list[str]:
    """What a process says that runs this after `SCRIPT`, and ends in order and in time."""
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", SCRIPT + code]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout.splitlines()


@pytest.fixture
def background() -> Iterator[BackgroundLoop]:
    """A loop of the test's own."""
    loop = BackgroundLoop()
    yield loop
    loop.stop()


async def thread_here() -> threading.Thread:
    await asyncio.sleep(0)
    return threading.current_thread()


def test_work_is_done_on_one_daemon_thread_beside_the_caller(background: BackgroundLoop) -> None:
    threads = {background.submit(thread_here).result(SECONDS) for _ in range(3)}

    (thread,) = threads
    assert thread is not threading.current_thread()
    assert thread.daemon


def test_there_is_no_thread_before_there_is_work() -> None:
    before = threading.active_count()

    BackgroundLoop().stop()

    assert threading.active_count() == before


def test_many_threads_share_one_loop(background: BackgroundLoop) -> None:
    together = threading.Barrier(8)
    found = []

    def submit() -> None:
        together.wait(SECONDS)
        found.append(background.submit(thread_here).result(SECONDS))

    submitters = [threading.Thread(target=submit) for _ in range(8)]
    for submitter in submitters:
        submitter.start()
    for submitter in submitters:
        submitter.join(SECONDS)

    assert len(found) == 8
    assert len(set(found)) == 1


def test_what_the_work_raises_is_raised_by_its_outcome(background: BackgroundLoop) -> None:
    async def fail() -> None:
        raise KeyError("broken")

    with pytest.raises(KeyError, match="broken"):
        background.submit(fail).result(SECONDS)


def test_the_work_sees_nothing_of_the_context_that_it_may_outlive(background: BackgroundLoop) -> None:
    variable = ContextVar("variable", default="nothing")

    async def seen() -> str:
        return variable.get()

    variable.set("a task of Flyte's")

    assert background.submit(seen).result(SECONDS) == "nothing"


def test_a_cancelled_outcome_cancels_the_work(background: BackgroundLoop) -> None:
    began, ended = threading.Event(), threading.Event()

    async def work() -> None:
        began.set()
        try:
            await asyncio.sleep(3600)
        finally:
            ended.set()

    outcome = background.submit(work)
    assert began.wait(SECONDS)
    outcome.cancel()

    assert ended.wait(SECONDS)


def test_to_stop_cancels_the_work_and_waits_for_its_end(background: BackgroundLoop) -> None:
    steps = []

    async def work() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            await asyncio.sleep(0.05)
            steps.append("ended")

    outcome = background.submit(work)
    thread = background.submit(thread_here).result(SECONDS)
    background.stop(SECONDS)

    assert outcome.cancelled()
    assert steps == ["ended"]
    assert not thread.is_alive()


def test_to_stop_settles_also_what_was_submitted_just_now(background: BackgroundLoop) -> None:
    outcomes = [background.submit(lambda: asyncio.sleep(3600)) for _ in range(50)]

    background.stop(SECONDS)

    assert all(outcome.cancelled() for outcome in outcomes)


def test_to_stop_waits_no_longer_than_told_for_what_does_not_end(background: BackgroundLoop) -> None:
    thread = background.submit(thread_here).result(SECONDS)
    began, release = threading.Event(), threading.Event()

    async def blocked() -> None:
        began.set()
        release.wait(SECONDS)

    background.submit(blocked)
    assert began.wait(SECONDS)
    background.stop(0.05)

    assert thread.is_alive()
    release.set()
    thread.join(SECONDS)
    assert not thread.is_alive()


def test_stopped_it_begins_anew(background: BackgroundLoop) -> None:
    first = background.submit(thread_here).result(SECONDS)
    background.stop(SECONDS)

    assert background.submit(thread_here).result(SECONDS) is not first


@pytest.mark.slow
def test_it_keeps_no_process_alive_and_what_runs_is_cancelled_in_order() -> None:
    assert output_of(NEVER_ENDING) == ["cancelled"]


@pytest.mark.slow
def test_a_fork_has_a_thread_of_its_own_and_the_parent_keeps_the_first() -> None:
    assert output_of(FORKED) == ["child 0", "parent flyteplugins-hitl-background"]


@pytest.mark.slow
def test_whoever_imported_it_first_finds_it_alive_when_the_process_ends() -> None:
    assert output_of("look()" + AT_EXIT) == ["done at exit"]


@pytest.mark.slow
def test_a_process_that_is_closing_starts_no_thread_and_says_so() -> None:
    """Python 3.12 starts none; earlier ones do."""
    assert output_of(REFUSED) == ["refused" if sys.version_info >= (3, 12) else "done"]


AT_THE_END = """
import asyncio, threading
from types import SimpleNamespace

from flyteplugins.hitl import _event_loops
from flyteplugins.hitl._background import background

background.submit(lambda: asyncio.sleep(60))
runs = lambda: any(thread.name == "flyteplugins-hitl-background" for thread in threading.enumerate())
_event_loops.time = SimpleNamespace(sleep=lambda seconds: print("rests", seconds > 0, "runs", runs()))
print("runs", runs())
"""


def test_a_process_rests_when_all_else_has_ended_for_native_threads_to_leave() -> None:
    """Without it, about one in forty that ended right after a call to the store was aborted, on a busy machine."""
    done = subprocess.run([sys.executable, "-c", AT_THE_END], check=True, capture_output=True, text=True, timeout=60)

    assert done.stdout.splitlines() == ["runs True", "rests True runs False"]
