"""Holds the documented face of the package: which names it shows, and what `new_event` takes."""

from __future__ import annotations

import ast
import inspect
import json
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import Any

import flyte
import pytest

import flyteplugins.hitl as hitl
import flyteplugins.hitl.app
from flyteplugins.hitl import errors, show, testing
from flyteplugins.hitl._new_event_call import NewEvent
from flyteplugins.hitl._unset import UNSET

DOCUMENTED_PARAMETERS = {
    "name": inspect.Parameter.empty,
    "data_type": inspect.Parameter.empty,
    "scope": "run",
    "prompt": "Please provide a value",
    "timeout_seconds": 3600,
    "poll_interval_seconds": 5,
}
ADDED_PARAMETERS = {
    "initial": UNSET,
    "labels": None,
    "show": None,
    "validate": None,
    "on_timeout": UNSET,
    "idempotency_key": None,
}

PUBLIC_MODULES: tuple[ModuleType, ...] = (hitl, errors, show, testing, flyteplugins.hitl.app)
ROOT = Path(hitl.__file__).parent

SHOWN = """
import json, flyteplugins.hitl as hitl, types
names = {name for name in vars(hitl) if not name.startswith("_")}
modules = {name for name in names if isinstance(getattr(hitl, name), types.ModuleType)}
print(json.dumps([sorted(names - modules), sorted(modules), sorted(hitl.__all__)]))
"""


def shown_names() -> list[list[str]]:
    """What a fresh process sees; in this one, other tests have imported more."""
    done = subprocess.run([sys.executable, "-c", SHOWN], check=True, capture_output=True, text=True, timeout=60)
    names: list[list[str]] = json.loads(done.stdout)
    return names


def test_all_is_exactly_what_shows() -> None:
    names, modules, listed = shown_names()

    assert sorted([*names, "__version__", "show", "testing"]) == listed
    assert modules == ["errors", "show", "testing"]


def test_these_are_the_public_names() -> None:
    assert sorted(hitl.__all__) == [
        "Approval",
        "Change",
        "Channel",
        "Event",
        "FrameChange",
        "Invalid",
        "Outcome",
        "ReasonRequired",
        "Status",
        "Upload",
        "__version__",
        "approve",
        "choose",
        "choose_several",
        "configure",
        "edit",
        "env",
        "image",
        "new_event",
        "new_review",
        "register",
        "review",
        "show",
        "testing",
    ]


def test_every_listed_name_is_there() -> None:
    for name in hitl.__all__:
        assert hasattr(hitl, name)


def test_py_typed_ships() -> None:
    assert (files("flyteplugins.hitl") / "py.typed").is_file()


def test_the_namespace_package_has_no_init_that_would_hide_other_plugins() -> None:
    assert not (ROOT.parent / "__init__.py").exists()


@pytest.mark.parametrize("function", [hitl.new_event, NewEvent.__call__, NewEvent.aio])
def test_new_event_takes_the_documented_parameters_in_their_order(function: Any) -> None:
    parameters = {
        name: parameter for name, parameter in inspect.signature(function).parameters.items() if name != "self"
    }
    defaults = {name: parameter.default for name, parameter in parameters.items()}

    assert list(defaults.items()) == [*DOCUMENTED_PARAMETERS.items(), *ADDED_PARAMETERS.items()]
    for name in DOCUMENTED_PARAMETERS:
        assert parameters[name].kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
    for name in ADDED_PARAMETERS:
        assert parameters[name].kind is inspect.Parameter.KEYWORD_ONLY


def test_the_types_of_the_parameters_say_the_same_in_all_three_signatures() -> None:
    wrapped = inspect.signature(hitl.new_event)
    typed = inspect.signature(NewEvent.__call__)

    assert [str(parameter) for parameter in typed.parameters.values()][1:] == list(
        map(str, wrapped.parameters.values())
    )
    assert list(typed.parameters.values()) == list(inspect.signature(NewEvent.aio).parameters.values())


def test_new_event_and_the_waits_have_both_faces() -> None:
    for function in (hitl.new_event, hitl.Event.wait, hitl.Event.response, hitl.Event.cancel, hitl.Event.status):
        assert callable(function)
        assert callable(function.aio)


def test_a_task_environment_can_depend_on_env() -> None:
    environment = flyte.TaskEnvironment(name="uses-hitl", depends_on=[hitl.env])

    assert environment.depends_on == [hitl.env]


def test_the_image_of_the_app_installs_this_very_version() -> None:
    assert f"flyteplugins-hitl=={hitl.__version__}" in repr(hitl.env.image)


def public_classes_and_functions() -> Iterator[tuple[str, Any]]:
    for module in PUBLIC_MODULES:
        for name, value in vars(module).items():
            is_ours = getattr(value, "__module__", "").startswith("flyteplugins.hitl")
            if not name.startswith("_") and is_ours and (inspect.isclass(value) or callable(value)):
                yield f"{module.__name__}.{name}", value


def public_methods() -> Iterator[tuple[str, Any]]:
    for path, value in public_classes_and_functions():
        if inspect.isclass(value):
            for name, method in vars(value).items():
                if not name.startswith("_") and (callable(method) or isinstance(method, property)):
                    yield f"{path}.{name}", method


def own_doc(value: Any) -> str:
    """The docstring that was written for this object, not one that it inherits."""
    return (vars(value).get("__doc__") if inspect.isclass(value) else getattr(value, "__doc__", None)) or ""


@pytest.mark.parametrize(
    ("path", "value"), [pytest.param(path, value, id=path) for path, value in public_classes_and_functions()]
)
def test_every_public_class_and_function_has_a_docstring(path: str, value: Any) -> None:
    assert len(own_doc(value).split()) > 3
    # A dataclass without a docstring is given its signature as one.
    assert not own_doc(value).startswith(f"{path.rpartition('.')[2]}(")


@pytest.mark.parametrize(("path", "method"), [pytest.param(path, method, id=path) for path, method in public_methods()])
def test_every_public_method_has_a_docstring(path: str, method: Any) -> None:
    # One that overrides another says with that one what it does.
    assert len((inspect.getdoc(method) or "").split()) > 3


def test_the_names_that_these_tests_walk_through_are_not_none() -> None:
    paths = {path for path, _ in [*public_classes_and_functions(), *public_methods()]}

    assert {
        "flyteplugins.hitl.new_event",
        "flyteplugins.hitl.Event",
        "flyteplugins.hitl.Event.wait",
        "flyteplugins.hitl.errors.HitlError",
        "flyteplugins.hitl.app.create_app",
    } <= paths


@pytest.mark.parametrize("file", sorted(ROOT.rglob("*.py")), ids=lambda file: str(file.relative_to(ROOT)))
def test_every_module_says_what_it_is_for(file: Path) -> None:
    assert ast.get_docstring(ast.parse(file.read_text()))


LEFT_FOR_LATER = """
import sys, types, flyteplugins.hitl
print(type(sys.modules["pandas"]) is types.ModuleType)
"""


def test_what_flyte_leaves_for_later_is_left_for_later() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LEFT_FOR_LATER], check=True, capture_output=True, text=True, timeout=60
    )

    assert done.stdout == "False\n"
