"""Objects in the memory of this process, for tests: the same rules as anywhere, and nothing left behind.

What takes a thread and a hop back in a store that may be far away takes none here, so a question costs next to nothing.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import threading
from pathlib import Path

import obstore
from obstore.exceptions import AlreadyExistsError
from obstore.store import MemoryStore

from ._backend import Backend, Mode, ObjectExists


class MemoryBackend(Backend):
    """Objects that are gone with this."""

    def __init__(self) -> None:
        super().__init__(MemoryStore(), url="memory://")
        self._lock = threading.Lock()
        self._folder: Path | None = None

    async def put(self, path: str, content: bytes, mode: Mode, *, is_durable: bool = True) -> None:
        try:
            obstore.put(self.store, path, content, mode=mode)
        except AlreadyExistsError:
            raise ObjectExists(path) from None

    async def get(self, path: str) -> bytes | None:
        try:
            return bytes(obstore.get(self.store, path).bytes())
        except FileNotFoundError:
            return None

    async def exists(self, path: str) -> bool:
        try:
            obstore.head(self.store, path)
        except FileNotFoundError:
            return False
        return True

    def url_of(self, path: str) -> str:
        """Where something is, for others: a file of the same content, because nobody else reads this memory."""
        copy = self._copies() / path.rpartition("/")[2]
        if not copy.exists():
            copy.write_bytes(bytes(obstore.get(self.store, path).bytes()))
        return str(copy)

    def _copies(self) -> Path:
        with self._lock:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="flyteplugins-hitl-"))
                # Not sooner: a test looks at what it got when all is over.
                atexit.register(_remove, str(self._folder), os.getpid())
            return self._folder


def _remove(folder: str, process: int) -> None:
    if os.getpid() == process:  # A fork inherits the handler, but not the folder.
        shutil.rmtree(folder, ignore_errors=True)
