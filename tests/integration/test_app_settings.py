"""Settings that the app cannot use: its process names the variable and ends, and never serves with a guess."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def test_an_app_that_cannot_use_its_settings_says_so_and_ends(tmp_path: Path) -> None:
    environment = {**os.environ, "FLYTE_HITL_MAX_BODY_BYTES": "lots"}
    command = [sys.executable, "-m", "flyteplugins.hitl.app", "--store", str(tmp_path / "store"), "--port", "0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, env=environment, check=False)
    assert done.returncode == 1
    assert "FLYTE_HITL_MAX_BODY_BYTES" in done.stderr
    assert "Traceback" not in done.stderr
