"""The blocks of code in the documentation, taken from the pages themselves so that tests run what a reader copies."""

from __future__ import annotations

import ast
import inspect
import re
import sys
import textwrap
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from flyteplugins.hitl._env import settings_changed
from flyteplugins.hitl._settings import forget_program, settings_in_force
from tests.support.house import run

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "flyteplugins"

INCLUDED = re.compile(r'--8<-- "([^"]+)"')
"""A line that has the generator put a file of `examples/` in its place."""

_MODULE = "copied_from_a_page"
_SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_FENCE = re.compile(r"^( *)(```+|~~~+)([^`\s]*)[^`]*$")


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Attributes:
        file: The file that it stands in, a page or a module, from the root of the repository.
        line: The line of its fence, from 1.
        language: What the fence says that it is, or nothing.
        text: What is between the fences, with no indentation.
    """

    file: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"

    @property
    def is_included(self) -> bool:
        """Whether it is a file of `examples/`; those are run as what they are."""
        return INCLUDED.fullmatch(self.text.strip()) is not None


def pages() -> list[Path]:
    """All pages, those of the repository itself too."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def code_spans() -> list[tuple[str, str]]:
    """All that is code within a line of a page, with the page."""
    return [
        (page.relative_to(ROOT).as_posix(), span)
        for page in pages()
        for span in _SPAN.findall(page.read_text(encoding="utf-8"))
    ]


def blocks_of_pages() -> list[Block]:
    return [block for page in pages() for block in _blocks(page, page.read_text(encoding="utf-8"), 0)]


def blocks_of_docstrings() -> list[Block]:
    return [block for module in sorted(PACKAGE.rglob("*.py")) for block in _docstring_blocks(module)]


class Examples:
    """The blocks of which each is to be taken by a test.

    Args:
        blocks: The blocks.
    """

    def __init__(self, blocks: list[Block]) -> None:
        self.blocks = blocks
        self._taken: set[Block] = set()

    def take(self, file: str, text: str) -> Block:
        """The one block of a file that holds a text; from then on, it counts as tested."""
        found = [block for block in self.blocks if block.file == file and text in block.text]
        if len(found) != 1:
            raise LookupError(
                f"{len(found)} blocks of {file} hold {text!r}, and one should. If the page was changed, change what "
                "the test says of it; if the block is gone, remove its test."
            )
        self._taken.update(found)
        return found[0]

    def take_all(self, file: str) -> list[Block]:
        """All blocks of a file."""
        found = [block for block in self.blocks if block.file == file]
        if not found:
            raise LookupError(f"No block stands in {file} any more. Remove its test.")
        self._taken.update(found)
        return found

    def given(self, file: str, text: str) -> Callable[[Callable[..., None]], Any]:
        """Hands a block to a test as `block`, with its page and line in the test's name."""

        def decorated(test: Callable[..., None]) -> Any:
            try:
                block = self.take(file, text)
            except LookupError as error:
                reason = str(error)
                return lambda: pytest.fail(reason, pytrace=False)
            return pytest.mark.parametrize("block", [block], ids=[str(block)])(test)

        return decorated

    def untested(self) -> list[str]:
        """Where the blocks stand that no test took, with what they begin with."""
        return [f"{block} {block.text.splitlines()[0]!r}" for block in self.blocks if block not in self._taken]


class Reader:
    """Somebody who copies blocks into one module after another, and runs them there.

    Args:
        **names: What the reader has in the module already.
    """

    def __init__(self, **names: Any) -> None:
        self.module = types.ModuleType(_MODULE)
        # Where dataclasses, pydantic and Flyte look for it.
        sys.modules[self.module.__name__] = self.module
        self.module.__dict__.update(names)

    def __getitem__(self, name: str) -> Any:
        """What a block named so."""
        return self.module.__dict__[name]

    def __contains__(self, name: str) -> bool:
        return name in self.module.__dict__

    def run(self, block: Block) -> None:
        """Runs a block as it stands; an error points to the line of the page. It may use `await`."""
        code = compile(
            "\n" * block.line + block.text,
            str(ROOT / block.file),
            "exec",
            flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT,
            dont_inherit=True,
        )
        if code.co_flags & inspect.CO_COROUTINE:
            run(eval(code, self.module.__dict__))
        else:
            exec(code, self.module.__dict__)


@contextmanager
def at_home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A home of the reader's own, and a program that has set nothing before and leaves nothing set."""
    for variable in [each.variable for each in settings_in_force()]:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(folder))
    yield
    forget_program()
    settings_changed()
    sys.modules.pop(_MODULE, None)


def _blocks(file: Path, text: str, lines_before: int) -> Iterator[Block]:
    opened: tuple[str, str] | None = None
    language, begun, held = "", 0, list[str]()
    for number, line in enumerate(text.splitlines(), start=lines_before + 1):
        fence = _FENCE.match(line)
        if opened is None and fence:
            opened, language, begun, held = (fence[1], fence[2]), fence[3], number, []
        elif fence and (fence[1], fence[2]) == opened and not fence[3]:
            where = file.relative_to(ROOT).as_posix()
            yield Block(where, begun, language, textwrap.dedent("\n".join(held)) + "\n")
            opened = None
        else:
            held.append(line)
    assert opened is None, f"{file}:{begun}: this block is never closed."


def _docstring_blocks(module: Path) -> Iterator[Block]:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if not isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        if (docstring := ast.get_docstring(node, clean=False)) is not None:
            yield from _blocks(module, docstring, node.body[0].lineno - 1)
