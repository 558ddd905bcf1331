"""A file of a gigabyte is shown by processes that never hold more than a small part of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.scripts import clean_environment

pytestmark = pytest.mark.slow

GIGABYTE = 1024**3
GROWTH = 150 * 1024**2

SCRIPT = """
import asyncio, json, resource, sys
import httpx
from pathlib import Path
import flyteplugins.hitl as hitl
import flyteplugins.hitl.app

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

def downloaded(address, **headers):
    size = 0
    with httpx.stream("GET", address, headers=headers, timeout=100) as reply:
        for chunk in reply.iter_bytes(1 << 20):
            size += len(chunk)
    return reply.status_code, size

small = hitl.new_event("small", data_type=bool, show=b"x", timeout_seconds=600)
downloaded(f"{small.endpoint}/attachment/{small.request_id}/0?{small.form_url.partition('?')[2]}")
before = peak()
large = hitl.new_event("large", data_type=bool, show=[Path(sys.argv[1])], timeout_seconds=600)
stored = peak()
address = f"{large.endpoint}/attachment/{large.request_id}/0?{large.form_url.partition('?')[2]}"
whole = downloaded(address)
part = downloaded(address, Range="bytes=1073741000-")
print(json.dumps({"stored": stored - before, "sent": peak() - before, "whole": whole, "part": part}))
small.cancel(), large.cancel()
"""


def test_a_gigabyte_is_stored_and_sent_in_little_memory(tmp_path: Path) -> None:
    with (tmp_path / "large.bin").open("wb") as file:
        file.write(b"\0\1")
        file.truncate(GIGABYTE)
    home = tmp_path / "home"
    home.mkdir()

    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "large.bin")],
        env=clean_environment(home),
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    measured = json.loads(next(line for line in done.stdout.splitlines() if line.startswith("{")))
    print(measured)
    assert measured["whole"] == [200, GIGABYTE]
    assert measured["part"] == [206, 824]
    assert measured["stored"] < GROWTH
    assert measured["sent"] < GROWTH
