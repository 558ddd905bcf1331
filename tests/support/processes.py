"""Start and stop real server processes for the tests.

A test that meets a real server finds what a double would hide, but only if the server is up when the test begins and
gone when it ends. Both are settled here: a start waits on a probe and shows the log when it fails, and a stop takes the
whole process group.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

LOOPBACK = "127.0.0.1"

# Below the ephemeral ranges of Linux (32768 up) and macOS (49152 up): a port that a stopped server will want again
# cannot meanwhile become the near end of somebody's outgoing connection.
_PORTS = range(20_000, 32_000)

_PR_SET_PDEATHSIG = 1
_POLL_SECONDS = 0.05


def free_port() -> int:
    """Return a loopback TCP port that nothing listens on now."""
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """Return `count` different loopback TCP ports that nothing listens on now."""
    with contextlib.ExitStack() as held:
        return [_hold_port(held) for _ in range(count)]


def _hold_port(held: contextlib.ExitStack) -> int:
    for port in random.sample(_PORTS, 200):
        probe = held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
        with contextlib.suppress(OSError):
            probe.bind((LOOPBACK, port))
            return port
    raise RuntimeError("No free loopback port was found in 200 tries; look for servers left running.")


def accepts_connections(port: int) -> bool:
    """Say whether something listens on the loopback `port`: the simplest probe."""
    with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1.0):
        return True
    return False


class ServerProcess:
    """One server process in a session of its own, which can be started, killed and started again.

    On Linux the server also dies with the *thread* that started it (that is how the kernel counts parents), so start
    servers from the main thread: then none outlives a killed test run.

    Args:
        command: The program and its arguments.
        log: The file that takes standard output and error, appended to by each start.
        environment: The whole environment of the server; `None` hands on the present one.
        folder: The working folder; `None` keeps the present one.
        grace: Seconds between SIGTERM and SIGKILL in `stop`; 0 sends SIGKILL at once.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        grace: float = 5.0,
    ) -> None:
        self._command = list(command)
        self._log = log
        self._environment = None if environment is None else dict(environment)
        self._folder = folder
        self._grace = grace
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id, which is also the process group's; `None` when not started."""
        return None if self._process is None else self._process.pid

    @property
    def running(self) -> bool:
        """Whether the server has been started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def start(self, ready: Callable[[], bool], *, limit: float = 30.0) -> None:
        """Start the server and wait until `ready` returns true.

        Args:
            ready: The probe. False and any `Exception` both mean "not yet".
            limit: Seconds to wait.

        Raises:
            RuntimeError: The server is running already, or ended before it was ready.
            TimeoutError: It was not ready in time; it has been stopped.
        """
        if self.running:
            raise RuntimeError(f"{self._command[0]} is running already; stop it first.")
        self._spawn()
        try:
            self._wait(ready, limit)
        except BaseException:
            self.stop()
            raise

    def _spawn(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*_dying_with_us(), *self._command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment,
                cwd=self._folder,
                start_new_session=True,
            )

    def _wait(self, ready: Callable[[], bool], limit: float) -> None:
        deadline = time.monotonic() + limit
        reason: Exception | None = None
        while time.monotonic() < deadline:
            if not self.running:
                raise RuntimeError(self._failure("ended before it was ready")) from reason
            try:
                if ready():
                    return
            except Exception as error:
                reason = error
            time.sleep(_POLL_SECONDS)
        raise TimeoutError(self._failure(f"was not ready after {limit:g} s")) from reason

    def _failure(self, what: str) -> str:
        return f"{self._command[0]} {what}. The end of its log:\n{self.log_tail()}"

    def log_tail(self, lines: int = 40) -> str:
        """Return the last lines of the server's output."""
        if not self._log.exists():
            return "(no log)"
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-lines:]) or "(the log is empty)"

    def stop(self) -> None:
        """End the server and all that it started: SIGTERM, then SIGKILL after the grace. Safe to repeat."""
        if self._grace > 0 and self.running:
            self._signal(signal.SIGTERM)
            self._await_end(self._grace)
        self.kill()

    def kill(self) -> None:
        """End the whole process group with SIGKILL, as a crash would. Safe to repeat."""
        if self._process is None:
            return
        # Sent even when the server itself has ended: its children may still hold the group.
        self._signal(signal.SIGKILL)
        self._process.wait()
        self._process = None

    def _signal(self, number: signal.Signals) -> None:
        # macOS answers with a permission error for a group of which only zombies are left.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if self._process is not None:
                os.killpg(self._process.pid, number)

    def _await_end(self, seconds: float) -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            if self._process is not None:
                self._process.wait(seconds)


@contextlib.contextmanager
def server_process(
    command: Sequence[str],
    *,
    ready: Callable[[], bool],
    log: Path,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    limit: float = 30.0,
    grace: float = 5.0,
) -> Iterator[ServerProcess]:
    """Run one server while the block lasts. The arguments are those of `ServerProcess` and its `start`."""
    process = ServerProcess(command, log=log, environment=environment, folder=folder, grace=grace)
    try:
        process.start(ready, limit=limit)
        yield process
    finally:
        process.stop()


def _dying_with_us() -> list[str]:
    """Return the start of a command that asks the kernel for SIGKILL when this process ends, then becomes the rest."""
    if sys.platform != "linux":
        return []
    return [sys.executable, "-I", "-S", "-c", _BECOME, str(os.getpid())]


# A program of its own and not a `preexec_fn`, which may deadlock (and from Python 3.12 warns) where threads run.
# The parent may die before the request is made, hence the look at who it is.
_BECOME = f"""
import ctypes, os, sys
ctypes.CDLL(None).prctl({_PR_SET_PDEATHSIG}, {int(signal.SIGKILL)})
if os.getppid() == int(sys.argv[1]):
    os.execvp(sys.argv[2], sys.argv[2:])
"""
