"""A question whose answers the script checks itself, that a later process finds again.

Variables: `ASKED_LOG` names a file that gets a line for each call of the check; `KILLED_IN_CHECK` one that keeps
account of the answers during whose check the script killed itself, once for each; `HOLD` has the check go on for ever;
`TIMEOUT` is the time to answer, in seconds.
"""

import os
import signal
import threading
import time
from pathlib import Path

import flyteplugins.hitl as hitl

ASKED_LOG = Path(os.environ["ASKED_LOG"])
KILLED_IN_CHECK = os.environ.get("KILLED_IN_CHECK")


def at_most_forty(hours: int) -> None:
    with ASKED_LOG.open("a") as log:
        log.write(f"{hours}\n")
    if "HOLD" in os.environ:
        threading.Event().wait()
    time.sleep(0.05)
    if KILLED_IN_CHECK is not None:
        die_once(Path(KILLED_IN_CHECK), hours)
    if hours > 40:
        raise hitl.Invalid(f"There are 40 hours left, and {hours} are more.")


def die_once(account: Path, hours: int) -> None:
    if not account.exists() or str(hours) not in account.read_text().split():
        with account.open("a") as killed:
            killed.write(f"{hours}\n")
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    event = hitl.new_event(
        "hours",
        data_type=int,
        prompt="How many hours?",
        timeout_seconds=float(os.environ.get("TIMEOUT", "3600")),
        poll_interval_seconds=0.1,
        idempotency_key="hours-2026",
        validate=at_most_forty,
    )
    try:
        print("answer", event.wait())
    except hitl.errors.EventTimedOut:
        print("timed out")
