"""Holds the loop for the end of a process: it runs one coroutine to its end and leaves nothing behind."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from flyteplugins.hitl._event_loops import in_thread, run_to_end

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
