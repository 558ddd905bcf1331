"""Makes what is written to a local folder survive a loss of power: obstore does not call fsync."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path

_UNFINISHED = "#"
"""Names that end with this and a number are the object store's own for what is not whole; its listings hide them."""


class Disk:
    """The folder of a store on a local disk.

    Args:
        root: The folder; made by `make_root` if it is not there.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._known_by = root.parent
        self._durable_folders: set[Path] = set()

    def make_root(self) -> None:
        """Makes the folder, readable by nobody else: it holds the key that signs the links."""
        # The last folder that was there before: it is the one to hold the name of the first that is new.
        self._known_by = next(parent for parent in self.root.parents if parent.exists())
        self.root.parent.mkdir(parents=True, exist_ok=True)
        self.root.mkdir(mode=0o700, exist_ok=True)

    def is_folder(self, path: str) -> bool:
        return (self.root / path).is_dir()

    def make_durable(self, path: str) -> None:
        """Returns once the file at a path, and its name, are on the disk.

        Raises:
            OSError: The disk could not do it.
        """
        self.make_file_durable(path)
        self.make_name_durable(path)

    def make_file_durable(self, path: str) -> None:
        """Returns once the file at a path is on the disk, though perhaps not yet under its name.

        Raises:
            OSError: The disk could not do it.
        """
        _fsync(self.root / path)

    def make_name_durable(self, path: str) -> None:
        """Returns once the names in the folder of a path are on the disk.

        Raises:
            OSError: The disk could not do it.
        """
        folder = (self.root / path).parent
        _fsync(folder)
        if folder not in self._durable_folders:
            for parent in folder.parents:
                if parent.is_relative_to(self._known_by):
                    _fsync(parent)
            self._durable_folders.add(folder)

    def write_whole(self, path: str, chunks: Iterable[bytes]) -> None:
        """Writes a file of any size that is durable before anybody can see it, and seen only when it is whole.

        Raises:
            OSError: The disk could not do it.
        """
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_name(f"{file.name}{_UNFINISHED}{secrets.randbits(63)}")
        try:
            with unfinished.open("xb") as target:
                for chunk in chunks:
                    target.write(chunk)
                target.flush()
                os.fsync(target.fileno())
            unfinished.replace(file)
        finally:
            unfinished.unlink(missing_ok=True)
        self.make_durable(path)

    def files_after(self, folder: str, after: str) -> Iterator[str]:
        """The paths of the files below a folder in order, without those up to `after`.

        A folder is looked into when it is its turn, and not before.

        Raises:
            OSError: A folder cannot be read.
        """
        try:
            with os.scandir(self.root / folder) as scanned:
                # With the slash, as an object store sorts them.
                names = sorted(f"{entry.name}/" if entry.is_dir() else entry.name for entry in scanned)
        except FileNotFoundError:
            return
        for name in names:
            path = f"{folder}/{name}"
            if name.endswith("/") and (path > after or after.startswith(path)):
                yield from self.files_after(path.rstrip("/"), after)
            elif path > after and _UNFINISHED not in name:
                yield path

    def remove_empty(self, folder: str) -> None:
        """Removes a folder with nothing in it, and then those above it, below the root.

        Whoever writes there at this moment makes them anew. For folders whose files need not be durable: that a folder
        is on the disk is found out once.
        """
        with contextlib.suppress(OSError):
            for each in (self.root / folder, *(self.root / folder).parents):
                if each == self.root:
                    return
                each.rmdir()


def _fsync(path: Path) -> None:
    if os.name == "nt" and path.is_dir():
        return  # Windows cannot open a folder; NTFS journals its entries.
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
