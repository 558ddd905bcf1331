"""Holds what `import flyteplugins.hitl` loads: every task that names it pays for that, whether it asks or not.

What is counted here are modules and models, not milliseconds: those differ with the machine, these do not.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import flyteplugins.hitl as hitl

FLYTE = "import flyte, flyte.app"
PACKAGE = "flyteplugins.hitl"
ASKING = f"import {PACKAGE}._event_question, {PACKAGE}._review_question"

FACES = {
    # What is named in a workflow, and the errors that it catches.
    "errors",
    "show",
    "_approval",
    "_changes",
    "_outcome",
    "_own_types",
    "_upload_limits",
    # How a person is asked: signatures, and how to get at the answer.
    "_event",
    "_faces",
    "_new_event",
    "_new_event_call",
    "_review_call",
    "_review_event",
    "_shortcuts",
    # What a program sets.
    "_configure",
    "_settings",
    # The environment of the app, whose image holds the version.
    "_env",
    "_image",
    "_version",
    # What tests name, and what they look at.
    "testing",
    "_testing",
    "_testing._asked",
    "_testing._clock",
    "_testing._failures",
    "_testing._given",
    # Small things that the above are made with.
    "_keywords",
    "_quoting",
    "_unset",
}
"""The modules of ours that may be loaded; none of them knows the store, the records or a form."""

OTHERS = {
    "flyteplugins": "the namespace",
    "flyte.git": "making an image: Flyte looks for its configuration",
}
"""The modules of others that may be loaded beside those that Flyte has loaded, with all below them, and why."""

LOADED = """
import sys
{before}
loaded = set(sys.modules)
{statement}
import json
print(json.dumps(sorted(set(sys.modules) - loaded)))
"""

MODELS = """
{statement}
from pydantic import BaseModel

def below(model):
    return {{model}}.union(*map(below, model.__subclasses__()))

import json
ours = [model for model in below(BaseModel) if model.__module__.startswith("flyteplugins.hitl")]
print(json.dumps({{f"{{model.__module__}}.{{model.__name__}}": model.__pydantic_complete__ for model in ours}}))
"""

ASKED = """
import json, sys
import flyteplugins.hitl as hitl
hitl.new_event("ready", data_type=bool)
hitl.new_review(["a", "b"])
print(json.dumps("flyteplugins.hitl._records" in sys.modules))
"""


def told(script: str, **environment: str) -> Any:
    """What a fresh interpreter prints last, as JSON."""
    done = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **environment},
    )
    return json.loads(done.stdout.splitlines()[-1])


def loaded_by(statement: str) -> tuple[set[str], set[str]]:
    """What a statement loads beyond Flyte: modules of ours, by their name in the package, and modules of others."""
    loaded: list[str] = told(LOADED.format(before=FLYTE, statement=statement))
    ours = {name.removeprefix(f"{PACKAGE}.") for name in loaded if name.startswith(f"{PACKAGE}.")}
    return ours, {name for name in loaded if name != PACKAGE and not name.startswith(f"{PACKAGE}.")}


def is_explained(module: str) -> bool:
    return any(module == name or (name != "flyteplugins" and module.startswith(f"{name}.")) for name in OTHERS)


def models_after(statement: str) -> dict[str, bool]:
    """Our models that there are after a statement, and whether each of them is built."""
    models: dict[str, bool] = told(MODELS.format(statement=statement))
    return models


def test_only_the_faces_of_the_package_are_loaded() -> None:
    ours, _ = loaded_by(f"import {PACKAGE}")

    assert ours == FACES


def test_nothing_of_others_is_loaded_that_flyte_does_not_load_itself() -> None:
    _, others = loaded_by(f"import {PACKAGE}")

    assert [module for module in sorted(others) if not is_explained(module)] == []


def test_the_import_of_what_asks_loads_more() -> None:
    """Shows that the tests above would see it."""
    ours, others = loaded_by(ASKING)

    assert {"_records", "_answers", "_service", "_store", "_runtime"} <= ours
    assert "itsdangerous" in others
    assert not is_explained("itsdangerous")


def test_no_model_is_made() -> None:
    assert models_after(f"import {PACKAGE}") == {}


def test_every_model_is_built_before_anybody_can_ask() -> None:
    """Built by whoever validates first, a model could be half made while another thread uses it."""
    models = models_after(ASKING)

    assert f"{PACKAGE}._records._request.Request" in models
    assert all(models.values())


def test_the_first_question_loads_what_it_takes(tmp_path: Path) -> None:
    no_app = {"FLYTE_HITL_ENDPOINT": "http://127.0.0.1:9", "FLYTE_HITL_CHECK_ENDPOINT": "false"}
    assert told(ASKED, FLYTE_HITL_STORE=str(tmp_path), **no_app)


@pytest.mark.parametrize("name", hitl.__all__)
def test_a_public_name_is_there_from_the_beginning(name: str) -> None:
    assert name in vars(hitl)


def test_no_name_is_made_when_it_is_looked_up() -> None:
    assert "__getattr__" not in vars(hitl)
