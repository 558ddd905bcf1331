"""What is shown, on real stores: kept once under its hash, whole or not at all, and read in parts.

Holds P2 for what is shown: a task that is killed while it keeps things keeps the same things again.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from pathlib import Path

import pytest

from flyteplugins.hitl import _blobs
from flyteplugins.hitl._blobs import Blobs, ChangedWhileRead
from flyteplugins.hitl._store import Store
from flyteplugins.hitl.errors import DamagedRecord
from tests.support.raw_objects import contents, raw_objects
from tests.support.stores import DurableStore, applied

pytestmark = [pytest.mark.slow, pytest.mark.asyncio]


def pattern(size: int) -> bytes:
    """Bytes of which no two parts are alike."""
    return b"".join(hashlib.sha256(str(number).encode()).digest() for number in range(size // 32 + 1))[:size]


async def read(blobs: Blobs, digest: str, start: int, end: int) -> bytes:
    return b"".join([part async for part in blobs.parts(digest, start, end)])


@pytest.mark.parametrize("size", [0, 1, 1024 * 1024, 5 * 1024 * 1024, 5 * 1024 * 1024 + 1, 12_345_678])
async def test_bytes_of_any_size_are_kept_under_their_hash_and_read_again(
    size: int, store_url: str, tmp_path: Path
) -> None:
    content = pattern(size)
    (tmp_path / "file").write_bytes(content)
    blobs = Blobs(Store.at(store_url))

    assert await blobs.keep(tmp_path / "file") == (hashlib.sha256(content).hexdigest(), size)
    assert contents(store_url) == {f"attachments/{hashlib.sha256(content).hexdigest()}": content}
    assert await read(blobs, hashlib.sha256(content).hexdigest(), 0, size) == content


@pytest.mark.parametrize(("start", "end"), [(0, 1), (5, 5), (1_048_575, 1_048_577), (2_999_999, 3_000_000)])
async def test_a_part_is_read_alone(start: int, end: int, store_url: str) -> None:
    content = pattern(3_000_000)
    blobs = Blobs(Store.at(store_url))
    digest, _ = await blobs.keep(content)

    assert await read(blobs, digest, start, end) == content[start:end]


async def test_the_same_bytes_are_sent_once(store_url: str) -> None:
    digest, size = await Blobs(Store.at(store_url)).keep(pattern(1000))
    raw_objects(store_url).put(f"attachments/{digest}", b"x" * size)

    await Blobs(Store.at(store_url)).keep(pattern(1000))

    # Still what was put there: had it been sent again, it would be the pattern.
    assert contents(store_url)[f"attachments/{digest}"] == b"x" * size


async def test_what_has_another_size_is_sent_again(store_url: str) -> None:
    digest, _ = await Blobs(Store.at(store_url)).keep(pattern(1000))
    raw_objects(store_url).put(f"attachments/{digest}", b"half")

    await Blobs(Store.at(store_url)).keep(pattern(1000))

    assert contents(store_url)[f"attachments/{digest}"] == pattern(1000)


async def test_many_may_keep_the_same_at_once(store_url: str) -> None:
    content = pattern(6_000_000)
    blobs = Blobs(Store.at(store_url))

    await asyncio.gather(*(blobs.keep(content) for _ in range(4)))

    assert list(contents(store_url).values()) == [content]


@pytest.mark.parametrize("size", [1000, 12_000_000])
async def test_a_file_that_changes_meanwhile_is_kept_under_no_name(
    size: int, store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "log"
    file.write_bytes(pattern(size))
    measured = _blobs._measured

    def measured_then_changed(content: Path | bytes) -> tuple[str, int]:
        found = measured(content)
        with file.open("r+b") as target:
            target.write(b"!")
        return found

    monkeypatch.setattr(_blobs, "_measured", measured_then_changed)

    with pytest.raises(ChangedWhileRead):
        await Blobs(Store.at(store_url)).keep(file)

    assert contents(store_url) == {}


async def test_what_is_gone_is_said_to_be(store_url: str) -> None:
    blobs = Blobs(Store.at(store_url))

    with pytest.raises(DamagedRecord, match=r"attachments/a+ is gone"):
        await read(blobs, "a" * 64, 0, 10)
    with pytest.raises(DamagedRecord, match=r"attachments/a+ is gone"):
        await blobs.whole("a" * 64, 10)


async def test_what_should_be_small_and_is_not_is_not_read(store_url: str) -> None:
    blobs = Blobs(Store.at(store_url))
    digest, _ = await blobs.keep(pattern(1000))

    assert await blobs.whole(digest, 1000) == pattern(1000)
    with pytest.raises(DamagedRecord, match="has 1,000 bytes, where at most 999 should be"):
        await blobs.whole(digest, 999)


async def test_what_something_else_wrote_is_not_taken_for_what_was_kept(store_url: str) -> None:
    blobs = Blobs(Store.at(store_url))
    digest, _ = await blobs.keep(pattern(1000))
    raw_objects(store_url).put(f"attachments/{digest}", b"x" * 1000)

    with pytest.raises(DamagedRecord, match="is not what was kept there"):
        await blobs.whole(digest, 1000)


async def test_on_a_disk_nobody_else_can_read_it_and_no_half_of_it_is_listed(local_store: str) -> None:
    await Blobs(Store.at(local_store)).keep(pattern(1000))

    assert os.stat(local_store).st_mode & 0o077 == 0
    assert len(os.listdir(f"{local_store}/attachments")) == 1


async def test_a_store_that_checks_signatures_takes_large_things_in_parts(
    seaweedfs_server: DurableStore, tmp_path: Path
) -> None:
    content = pattern(17_000_000)
    (tmp_path / "file").write_bytes(content)
    with applied(seaweedfs_server.environment):
        blobs = Blobs(Store.at(seaweedfs_server.fresh()))

    digest, size = await blobs.keep(tmp_path / "file")

    assert await read(blobs, digest, 0, size) == content
