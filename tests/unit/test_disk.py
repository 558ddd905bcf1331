"""Holds that what is written to a local folder is on the disk, names included, before anybody is told so."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flyteplugins.hitl import _disk
from flyteplugins.hitl._disk import Disk


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """What was brought to the disk, in order; it still is."""
    paths: list[Path] = []
    sync = _disk._fsync

    def noted(path: Path) -> None:
        sync(path)
        paths.append(path)

    monkeypatch.setattr(_disk, "_fsync", noted)
    return paths


def written(disk: Disk, path: str) -> Path:
    file = disk.root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("content")
    return file


def test_the_file_comes_first_and_then_every_folder_that_may_be_new(tmp_path: Path, synced: list[Path]) -> None:
    disk = Disk(tmp_path / "new" / "newer" / "root")
    disk.make_root()
    file = written(disk, "requests/abc.json")

    disk.make_durable("requests/abc.json")

    assert synced[0] == file
    assert synced[1] == file.parent
    assert set(synced[2:]) == {disk.root, tmp_path / "new" / "newer", tmp_path / "new", tmp_path}


def test_a_later_file_in_the_same_folder_costs_two_syncs(tmp_path: Path, synced: list[Path]) -> None:
    disk = Disk(tmp_path / "root")
    disk.make_root()
    written(disk, "requests/abc.json")
    disk.make_durable("requests/abc.json")
    synced.clear()

    file = written(disk, "requests/abd.json")
    disk.make_durable("requests/abd.json")

    assert synced == [file, file.parent]


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    disk = Disk(tmp_path / "root")
    disk.make_root()

    with pytest.raises(OSError, match=r"abc\.json"):
        disk.make_durable("requests/abc.json")


def test_nobody_else_can_read_the_root(tmp_path: Path) -> None:
    disk = Disk(tmp_path / "new" / "root")

    disk.make_root()

    assert disk.root.stat().st_mode & 0o077 == 0


def test_a_root_that_is_there_is_taken_as_it_is(tmp_path: Path) -> None:
    written(Disk(tmp_path), "requests/abc.json")

    Disk(tmp_path).make_root()

    assert (tmp_path / "requests" / "abc.json").read_text() == "content"


def test_a_folder_is_told_from_a_file(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    written(disk, "requests/abc.json")

    assert disk.is_folder("requests")
    assert not disk.is_folder("requests/abc.json")
    assert not disk.is_folder("responses")


def test_a_large_file_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = Disk(tmp_path / "root")
    disk.make_root()
    seen: list[list[str]] = []
    fsync = os.fsync

    def noted(descriptor: int) -> None:
        fsync(descriptor)
        seen.append(sorted(file.name.partition("#")[0] + "#" * ("#" in file.name) for file in folder.iterdir()))

    folder = disk.root / "attachments"
    monkeypatch.setattr(os, "fsync", noted)

    disk.write_whole("attachments/abc", iter([b"con", b"tent"]))

    assert seen[0] == ["abc#"]
    assert all(names == ["abc"] for names in seen[1:])
    assert len(seen) > 2
    assert (folder / "abc").read_bytes() == b"content"


def test_a_large_file_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    disk = Disk(tmp_path)

    def breaking() -> Iterator[bytes]:
        yield b"con"
        raise OSError("the source is gone")

    with pytest.raises(OSError, match="the source is gone"):
        disk.write_whole("attachments/abc", breaking())

    assert list((tmp_path / "attachments").iterdir()) == []


def test_files_are_walked_in_the_order_of_their_paths(tmp_path: Path) -> None:
    disk = Disk(tmp_path / "root")
    paths = ["open/a.json", "open/a/1.json", "open/a/2.json", "open/b/c/3.json", "open/b/c/4.json", "open/d.json"]
    for path in (*paths, "other/0.json", "open/a/5.json#7"):
        written(disk, path)
    (disk.root / "open" / "empty").mkdir()

    for number, after in enumerate(["", *paths]):
        assert list(disk.files_after("open", after)) == paths[number:]
    assert list(disk.files_after("open", "open/b")) == paths[3:]
    assert list(disk.files_after("open", "open/b/c/3")) == paths[3:]
    assert list(disk.files_after("nowhere", "")) == []


def test_a_walk_looks_into_no_folder_before_its_turn(tmp_path: Path) -> None:
    disk = Disk(tmp_path / "root")
    written(disk, "open/a/1.json")
    written(disk, "open/b/2.json")

    walk = disk.files_after("open", "")
    assert next(walk) == "open/a/1.json"
    written(disk, "open/b/1.json")

    assert list(walk) == ["open/b/1.json", "open/b/2.json"]


def test_a_walk_from_a_path_on_looks_into_no_folder_before_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = Disk(tmp_path / "root")
    for path in ("open/a/1.json", "open/b/c/2.json", "open/b/d/3.json", "open/e/4.json"):
        written(disk, path)
    looked_into: list[str] = []
    scandir = os.scandir

    def noted(folder: Path) -> Any:
        looked_into.append(str(folder.relative_to(disk.root)))
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", noted)

    assert list(disk.files_after("open", "open/b/d/3")) == ["open/b/d/3.json", "open/e/4.json"]
    assert looked_into == ["open", "open/b", "open/b/d", "open/e"]


def test_empty_folders_are_removed_up_to_the_root_and_others_stay(tmp_path: Path) -> None:
    disk = Disk(tmp_path / "root")
    kept = written(disk, "open/a/1.json")
    (disk.root / "open" / "b" / "c").mkdir(parents=True)

    disk.remove_empty("open/b/c")
    disk.remove_empty("open/a")
    assert [path.name for path in (disk.root / "open").iterdir()] == ["a"]

    kept.unlink()
    disk.remove_empty("open/a")
    assert list(disk.root.iterdir()) == []
    disk.remove_empty("open/a")
