"""Holds what works on any loop: at the end of a process, for several loops at once, and not too often."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from flyteplugins.hitl._event_loops import Once, Paced, in_thread, run_and_leave, run_to_end, set_within

AT_EXIT = """
import asyncio, atexit
from flyteplugins.hitl._event_loops import run_to_end

async def work():
    await asyncio.sleep(0)
    print("done")

atexit.register(lambda: run_to_end(work()))
"""


def test_it_returns_what_the_coroutine_returns() -> None:
    async def work() -> int:
        await asyncio.sleep(0)
        return 5

    assert run_to_end(work()) == 5


def test_the_loop_is_closed_even_after_an_error() -> None:
    loops: list[asyncio.AbstractEventLoop] = []

    async def fail() -> None:
        loops.append(asyncio.get_running_loop())
        raise KeyError("broken")

    with pytest.raises(KeyError):
        run_to_end(fail())

    assert loops[0].is_closed()


def test_it_runs_while_the_interpreter_closes() -> None:
    done = subprocess.run([sys.executable, "-c", AT_EXIT], check=True, capture_output=True, text=True, timeout=60)

    assert done.stdout == "done\n"
    assert done.stderr == ""


async def _in_a_thread_and_back() -> tuple[int, bool]:
    return await in_thread(lambda number: (number, threading.current_thread() is threading.main_thread()), 5)


def test_a_loop_that_is_left_is_closed_by_nobody_once_it_is_garbage() -> None:
    """Its sockets may be closed by then, and a command would print an error after its own."""

    async def fail() -> None:
        raise LookupError(asyncio.get_running_loop())

    with pytest.raises(LookupError) as raised:
        run_and_leave(fail())
    loop = raised.value.args[0]
    loop.__del__()

    assert not loop.is_closed()
    loop.close()


@pytest.mark.asyncio
async def test_an_event_is_waited_for_up_to_a_time() -> None:
    event = asyncio.Event()
    assert not await set_within(event, 0.01)
    asyncio.get_running_loop().call_later(0.01, event.set)
    assert await set_within(event, 60)


@pytest.mark.asyncio
@pytest.mark.parametrize("turns", range(4))
async def test_a_cancel_at_the_moment_of_the_event_is_not_lost(turns: int) -> None:
    event = asyncio.Event()

    async def work() -> None:
        await set_within(event, 60)
        await asyncio.sleep(60)

    task = asyncio.create_task(work())
    await asyncio.sleep(0.01)
    event.set()
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait((task,), timeout=5)
    assert task.cancelled()


def test_work_is_done_in_another_thread() -> None:
    assert asyncio.run(_in_a_thread_and_back()) == (5, False)


def test_with_no_thread_to_be_had_work_is_done_in_this_one() -> None:
    async def closing() -> tuple[int, bool]:
        asyncio.get_running_loop().set_default_executor(ended)
        return await _in_a_thread_and_back()

    ended = ThreadPoolExecutor(1)
    ended.shutdown()

    assert asyncio.run(closing()) == (5, True)


def test_an_error_of_the_work_is_raised_and_the_work_is_done_once() -> None:
    calls = []

    def fail() -> None:
        calls.append(1)
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        asyncio.run(in_thread(fail))
    assert calls == [1]


class TestOnce:
    """One finds it out, all get it."""

    @pytest.mark.asyncio
    async def test_what_was_found_is_not_looked_for_again(self) -> None:
        once, calls = Once[int](), list[int]()

        async def find() -> int:
            calls.append(1)
            return len(calls)

        assert [await once.get(find) for _ in range(3)] == [1, 1, 1]

    @pytest.mark.asyncio
    async def test_a_failure_is_told_to_all_who_waited_and_the_next_tries_again(self) -> None:
        once = Once[int]()

        async def fail() -> int:
            await asyncio.sleep(0)
            raise KeyError("broken")

        async def find() -> int:
            return 5

        outcomes = await asyncio.gather(*(once.get(fail) for _ in range(3)), return_exceptions=True)

        assert [type(outcome) for outcome in outcomes] == [KeyError] * 3
        assert await once.get(find) == 5

    @pytest.mark.asyncio
    async def test_when_the_first_is_cancelled_another_finds_it(self) -> None:
        once, calls = Once[int](), list[int]()

        async def find() -> int:
            calls.append(1)
            await asyncio.sleep(0.02)
            return 5

        first, second = (asyncio.create_task(once.get(find)) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()

        assert await second == 5
        assert first.cancelled()
        assert len(calls) == 2

    @pytest.mark.asyncio
    async def test_one_who_waits_can_be_cancelled_alone(self) -> None:
        once = Once[int]()

        async def find() -> int:
            await asyncio.sleep(0.02)
            return 5

        first, second, third = (asyncio.create_task(once.get(find)) for _ in range(3))
        await asyncio.sleep(0)
        second.cancel()

        assert [await first, await third] == [5, 5]

    def test_other_loops_wait_for_the_one_that_finds(self) -> None:
        once, calls = Once[int](), list[int]()

        async def find() -> int:
            calls.append(1)
            await asyncio.sleep(0.05)
            return 5

        with ThreadPoolExecutor(4) as threads:
            found = list(threads.map(lambda _: asyncio.run(once.get(find)), range(4)))

        assert found == [5] * 4
        assert len(calls) == 1


class Work:
    """Paced work that takes a while, and notes what it met."""

    def __init__(self) -> None:
        self.changes = 0
        self.met: list[int] = []
        self._was_done = asyncio.Event()

    async def __call__(self) -> None:
        self.met.append(self.changes)
        await asyncio.sleep(0.001)
        self._was_done.set()

    async def has_met(self, changes: int) -> None:
        """Returns once it has met so many changes."""
        while not self.met or self.met[-1] < changes:
            self._was_done.clear()
            await asyncio.wait_for(self._was_done.wait(), 10)


class TestPaced:
    """At once where nothing was done just now, else once for all that came meanwhile."""

    @pytest.mark.asyncio
    async def test_the_first_change_has_the_work_done_before_it_returns(self) -> None:
        work = Work()

        await Paced().do(work)

        assert work.met == [0]

    @pytest.mark.asyncio
    async def test_many_changes_in_a_row_are_done_with_few_times_and_none_is_left_out(self) -> None:
        paced, work = Paced(), Work()

        for _ in range(300):
            work.changes += 1
            await paced.do(work)
        await work.has_met(300)

        assert len(work.met) < 30

    @pytest.mark.asyncio
    async def test_a_change_that_comes_while_the_work_is_done_is_met_by_another(self) -> None:
        paced, work = Paced(), Work()

        first = asyncio.create_task(paced.do(work))
        await asyncio.sleep(0)
        work.changes += 1
        await paced.do(work)
        await first
        await work.has_met(1)

        assert work.met == [0, 1]

    @pytest.mark.asyncio
    async def test_after_a_failure_it_goes_on(self) -> None:
        paced, work = Paced(), Work()

        async def fail() -> None:
            raise KeyError("broken")

        with pytest.raises(KeyError):
            await paced.do(fail)
        work.changes += 1
        await paced.do(work)
        await work.has_met(1)

    def test_a_loop_that_ended_before_its_turn_holds_up_no_other(self) -> None:
        paced = Paced()

        async def twice() -> None:
            await paced.do(Work())
            # Put off, and the loop is closed before it is done.
            await paced.do(Work())

        async def once_more() -> None:
            work = Work()
            await paced.do(work)
            await work.has_met(0)

        asyncio.run(twice())
        asyncio.run(once_more())
