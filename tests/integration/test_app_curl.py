"""The `curl` command that is documented, and the one that the report shows: run in a shell, they answer the question.

Holds P1 for both: what they are told was accepted is what the workflow gets.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.questions import question
from tests.support.sites import Site

DOCUMENTED_CALL = """
curl -X POST https://<hitl-app-endpoint>/submit/json \\
  -H "Content-Type: application/json" \\
  -d '{
    "request_id": "<request_id>",
    "response_path": "<response_path>",
    "value": "true",
    "data_type": "bool"
  }'
"""


def run_in_shell(command: str, folder: Path) -> str:
    assert shutil.which("curl"), "curl is not installed"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=30, cwd=folder, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_documented_call_works_word_for_word(site: Site, tmp_path: Path) -> None:
    link = site.ask()
    command = (
        DOCUMENTED_CALL.replace("https://<hitl-app-endpoint>", site.url)
        .replace("<request_id>", link.request.request_id)
        .replace("<response_path>", link.request.response_path)
    )
    assert json.loads(run_in_shell(command, tmp_path))["status"] == "completed"
    outcome = site.outcome(link)
    assert outcome is not None
    assert outcome.value is True


@pytest.mark.parametrize("data_type", [int, float, str, bool])
def test_the_call_that_the_report_shows_works_as_it_is(site: Site, data_type: type[Any], tmp_path: Path) -> None:
    link = site.ask(question(data_type, prompt='What\'s "it" $(touch here) `touch here`?'))
    assert json.loads(run_in_shell(link.curl, tmp_path))["status"] == "completed"
    assert list(tmp_path.iterdir()) == []
    assert site.outcome(link) is not None
