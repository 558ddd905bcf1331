"""Holds what is read from Flyte: who asks, which attempt this is, and where the store of a cluster lies."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import flyte
import pytest
from flyte.models import ActionID, RawDataPath

from flyteplugins.hitl import _flyte
from flyteplugins.hitl._flyte import Attempt
from flyteplugins.hitl._records import Origin
from flyteplugins.hitl.errors import InvalidParameter
from tests.unit.task_contexts import ACTION, entered, task_context


class TestOrigin:
    """Who asks."""

    def test_in_a_task_it_is_the_action_of_the_run(self, tmp_path: Path) -> None:
        with entered(task_context(tmp_path)):
            origin = _flyte.current_origin(None)

        assert origin == Origin(organization="acme", project="proj", domain="dev", run="run1", action="a7")

    def test_a_key_does_not_change_who_asks_in_a_task(self, tmp_path: Path) -> None:
        with entered(task_context(tmp_path)):
            assert _flyte.current_origin("key") == _flyte.current_origin(None)

    def test_it_is_the_same_in_every_attempt(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Raw data, outputs and the number of the attempt change; they are no part of it."""
        origins = []
        for attempt in ("0", "1"):
            monkeypatch.setenv("FLYTE_ATTEMPT_NUMBER", attempt)
            with entered(task_context(tmp_path / attempt)):
                origins.append(_flyte.current_origin(None))

        assert origins[0] == origins[1]

    def test_another_action_is_another_origin(self, tmp_path: Path) -> None:
        with entered(task_context(tmp_path, action=ActionID(name="a8", run_name="run1"))):
            origin = _flyte.current_origin(None)

        assert origin == Origin(run="run1", action="a8")

    def test_an_action_that_names_no_run_is_its_own(self, tmp_path: Path) -> None:
        with entered(task_context(tmp_path, action=ActionID(name="alone"))):
            assert _flyte.current_origin(None) == Origin(run="alone", action="alone")

    def test_outside_of_a_task_each_process_is_one_of_its_own(self, monkeypatch: pytest.MonkeyPatch) -> None:
        here = _flyte.current_origin(None)

        assert here == _flyte.current_origin(None)
        assert here.run.startswith("script-")
        assert len(here.run) > len("script-")
        assert (here.action, here.project, here.domain, here.organization) == ("script", "", "", "")

    def test_outside_of_a_task_a_key_makes_all_processes_one(self) -> None:
        assert _flyte.current_origin("order-17") == Origin(run="script", action="order-17")


class TestWhere:
    """In a task or not, on a cluster or not."""

    def test_outside_of_a_task(self) -> None:
        assert not _flyte.is_in_task()
        assert not _flyte.is_remote()

    @pytest.mark.parametrize(("mode", "is_remote"), [("local", False), ("remote", True), ("hybrid", False)])
    def test_inside_of_a_task(self, tmp_path: Path, mode: str, is_remote: bool) -> None:
        with entered(task_context(tmp_path, mode=mode)):
            assert _flyte.is_in_task()
            assert _flyte.is_remote() is is_remote

    def test_after_the_task_it_is_outside_again(self, tmp_path: Path) -> None:
        with entered(task_context(tmp_path)):
            pass

        assert not _flyte.is_in_task()


class TestAttempt:
    """What tells requests apart that look alike."""

    def test_it_counts_each_thing_by_itself_from_one(self) -> None:
        attempt = Attempt()

        counts = [attempt.count(*what) for what in (["a", "x"], ["a", "x"], ["b", "x"], ["a", "y"], ["a", "x"])]

        assert counts == [1, 2, 1, 1, 3]

    def test_things_are_not_told_apart_by_how_they_are_joined(self) -> None:
        attempt = Attempt()

        assert attempt.count("a", "bc") == 1
        assert attempt.count("ab", "c") == 1
        assert attempt.count("abc") == 1

    def test_it_counts_right_from_many_threads(self) -> None:
        attempt = Attempt()
        counts: list[int] = []
        threads = [
            threading.Thread(target=lambda: counts.extend(attempt.count("a") for _ in range(200))) for _ in range(8)
        ]

        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(counts) == list(range(1, 1601))

    def test_in_a_task_it_is_one_for_the_whole_attempt(self, tmp_path: Path) -> None:
        context = task_context(tmp_path)

        with entered(context):
            first = _flyte.current_attempt()
            assert _flyte.current_attempt() is first
        with entered(context):
            assert _flyte.current_attempt() is first

    def test_the_next_attempt_starts_anew(self, tmp_path: Path) -> None:
        """That is what makes a retry find its requests: it counts them again from one."""
        with entered(task_context(tmp_path)):
            _flyte.current_attempt().count("a7", "review")
            before = _flyte.current_attempt().earlier

        with entered(task_context(tmp_path)):
            assert _flyte.current_attempt().count("a7", "review") == 1
            assert _flyte.current_attempt().earlier is not before

    def test_a_trace_counts_in_the_attempt_of_its_task(self, tmp_path: Path) -> None:
        context = task_context(tmp_path)
        with entered(context):
            attempt = _flyte.current_attempt()

        with entered(context.replace(action=ACTION.new_sub_action("trace1"))):
            assert _flyte.current_attempt() is attempt
            assert _flyte.current_origin(None).action == "trace1"

    def test_outside_of_a_task_the_process_is_one_attempt(self, tmp_path: Path) -> None:
        outside = _flyte.current_attempt()

        assert _flyte.current_attempt() is outside
        with entered(task_context(tmp_path)):
            assert _flyte.current_attempt() is not outside

    @pytest.mark.asyncio
    async def test_tasks_at_once_do_not_share_their_attempts(self, tmp_path: Path) -> None:
        async def count(name: str) -> int:
            with entered(task_context(tmp_path, action=ActionID(name=name, run_name="run1"))):
                await asyncio.sleep(0)
                return _flyte.current_attempt().count("review")

        counts = await asyncio.gather(count("a1"), count("a2"))

        assert list(counts) == [1, 1]


class TestRemoteStore:
    """On a cluster: `hitl/` in the bucket of the raw data."""

    @pytest.mark.parametrize(
        ("path", "store"),
        [
            ("s3://bucket/x7/proj/dev/run1/a7/1", "s3://bucket/hitl"),
            ("s3://bucket/x8/proj/dev/run1/a7/2", "s3://bucket/hitl"),
            ("gs://bucket", "gs://bucket/hitl"),
            ("abfs://container@account.dfs.core.windows.net/a/b", "abfs://container@account.dfs.core.windows.net/hitl"),
        ],
    )
    def test_it_is_the_same_for_every_attempt(self, tmp_path: Path, path: str, store: str) -> None:
        with entered(task_context(tmp_path, raw_data_path=RawDataPath(path=path))):
            assert _flyte.remote_store() == store

    @pytest.mark.parametrize("path", ["/folder/raw", "relative", "file:///folder/raw", ""])
    def test_raw_data_in_no_bucket_is_an_error_that_names_the_setting(self, tmp_path: Path, path: str) -> None:
        context = task_context(tmp_path, raw_data_path=RawDataPath(path=path))
        with entered(context), pytest.raises(InvalidParameter, match="FLYTE_HITL_STORE"):
            _flyte.remote_store()


@pytest.mark.parametrize("url", ["/a/folder", "file:///a/folder", "relative", "az://container/hitl", "memory://"])
def test_a_store_that_flyte_knows_nothing_of_has_no_options(url: str) -> None:
    assert _flyte.storage_options(url) == {}


def test_the_options_of_a_bucket_are_all_that_flyte_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"config": {"endpoint": "http://h"}, "client_options": {"timeout": "99s"}}
    monkeypatch.setattr(flyte.storage, "get_configured_fsspec_kwargs", {"s3": known}.get)

    assert _flyte.storage_options("s3://bucket/hitl") == known
