"""An event works in a notebook, where the main thread has a loop of its own, by both faces."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

_ASK = """
import flyteplugins.hitl as hitl

event = hitl.new_event("gpu_hours", data_type=int, prompt="How many GPU hours?")
"""

_ANSWER = """
import json, urllib.request

def answer(event, value):
    body = {"request_id": event.request_id, "response_path": event.response_path, "value": value}
    call = urllib.request.Request(event.api_url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    urllib.request.urlopen(call).read()

answer(event, "12")
"""

_WAIT = "print('got', event.wait(), event.response().channel.value)"

_AWAIT = """
event = await hitl.new_event.aio("really", data_type=bool, prompt="Really?")
answer(event, "no")
print("got", await event.wait.aio())
"""


@pytest.mark.slow
def test_an_event_is_asked_and_answered_in_a_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    cells = [nbformat.v4.new_code_cell(code) for code in (_ASK, _ANSWER, _WAIT, _AWAIT)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, timeout=60, kernel_name="python3", resources={"metadata": {"path": tmp_path}}).execute()
    assert "waits for an answer" in _printed(notebook.cells[0])
    assert _printed(notebook.cells[2]) == "got 12 json\n"
    assert _printed(notebook.cells[3]).endswith("got False\n")
    assert len(list((tmp_path / ".flyte" / "hitl" / "responses").iterdir())) == 2


def _printed(cell: nbformat.NotebookNode) -> str:
    return "".join(output.get("text", "") for output in cell.outputs)
