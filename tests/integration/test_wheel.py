"""Holds what users install: the wheel, built as it is for them."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import PathDistribution
from pathlib import Path
from zipfile import Path as ZipPath
from zipfile import ZipFile

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    built = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert built.returncode == 0, built.stderr
    (wheel,) = folder.glob("*.whl")
    return wheel


def test_all_of_the_source_is_in_the_wheel_and_nothing_else(wheel: Path) -> None:
    source = ROOT / "src"
    expected = {
        file.relative_to(source).as_posix()
        for file in source.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }

    held = {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}

    assert held == expected
    assert {"flyteplugins/hitl/py.typed", "flyteplugins/hitl/app/templates/form.html"} <= held
    # Other packages of Flyte install below the same name.
    assert "flyteplugins/__init__.py" not in held


def test_flyte_and_pytest_find_what_the_wheel_declares(wheel: Path) -> None:
    (information,) = (each for each in ZipPath(wheel).iterdir() if each.name.endswith(".dist-info"))

    declared = PathDistribution(information).entry_points

    assert {(each.group, each.name): each.value for each in declared} == {
        ("flyte.plugins.cli.commands", "hitl"): "flyteplugins.hitl.cli:hitl",
        ("pytest11", "hitl"): "flyteplugins._hitl_pytest",
    }
    for each in declared:
        each.load()
