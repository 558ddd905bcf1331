"""The two that are compared, and how their processes are started: each with a Python environment of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".cache"

EARLIER_PYTHON = Path(os.environ.get("HITL_BENCH_EARLIER_PYTHON", CACHE / "earlier" / "bin" / "python"))


@dataclass(frozen=True, kw_only=True)
class Side:
    """A plugin under measurement.

    Attributes:
        name: `this` or `earlier`.
        python: The Python that has it installed.
        source: Where its code is, if not installed.
    """

    name: str
    python: Path
    source: Path | None = None

    def environment(self, home: Path, more: Mapping[str, str]) -> dict[str, str]:
        """The whole environment of a process: nothing of the developer's own settings gets into it.

        Args:
            home: Its home folder.
            more: What else it is told.
        """
        paths = [ROOT, *([self.source] if self.source else [])]
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(home),
            "TMPDIR": str(home),
            "PYTHONPATH": os.pathsep.join(str(path) for path in paths),
            **more,
        }

    def program(self, name: str, *arguments: str) -> list[str]:
        """The command that runs one of `benchmarks.programs`."""
        return [str(self.python), "-m", f"benchmarks.programs.{name}", *arguments]

    def app(self, port: int) -> Sequence[str]:
        """The command that runs the app as a process of its own."""
        if self is EARLIER:
            return self.program("earlier", str(port))
        return [str(self.python), "-m", "flyteplugins.hitl.app", "--port", str(port)]


THIS = Side(name="this", python=Path(sys.executable), source=ROOT / "src")
EARLIER = Side(name="earlier", python=EARLIER_PYTHON)
SIDES = (THIS, EARLIER)
