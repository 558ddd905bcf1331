"""Holds the layers of the design: a module imports only what lies below it.

Whoever adds a module has to place it in the table here, and so has to say what it may rest on.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import flyteplugins.hitl

PACKAGE = "flyteplugins.hitl"
ROOT = Path(flyteplugins.hitl.__file__).parent


@dataclass(frozen=True)
class Layer:
    """Modules on one height.

    Attributes:
        modules: The modules. Where they are `in_order`, each may import those named before it; else none of the others.
        in_order: Whether the order of the modules is an order of imports.
    """

    modules: tuple[str, ...]
    in_order: bool = False


LAYERS = (
    Layer(("errors", "_quoting", "_keywords")),
    Layer(("_approval", "_upload_limits", "_changes", "_own_types", "_outcome", "_unset", "_faces")),
    Layer(
        (
            "_answers._values",
            "_answers._entries",
            "_answers._node",
            "_answers._text_rules",
            "_answers._json_schema",
            "_answers._answer_type",
            "_answers._scalars",
            "_answers._bounds",
            "_answers._formats",
            "_answers._moments",
            "_answers._choices",
            "_answers._objects",
            "_answers._approval",
            "_answers._lists",
            "_answers._files",
            "_answers._reviews",
            "_answers._unions",
            "_answers._json",
            "_answers._changes",
            "_answers._form",
            "_answers._core_schemas",
            "_answers._answer_schema",
            "_answers._python_types",
            "_answers._defaults",
            "_answers._answer",
            "_answers",
        ),
        in_order=True,
    ),
    Layer(
        (
            "_records._record",
            "_records._question",
            "_records._request",
            "_records._open",
            "_records._response",
            "_records._checks",
            "_records._uploads",
            "_records._reviews",
            "_records._upkeep",
            "_records",
        ),
        in_order=True,
    ),
    Layer(
        (
            "_clock",
            "_settings",
            "_setting_names",
            "_markdown",
            "_version",
            "_disk",
            "_event_loops",
            "_background",
            "_store_url",
            "_machine",
        ),
        in_order=True,
    ),
    Layer(
        (
            "_frames._moments",
            "_frames._columns",
            "_frames._table",
            "_frames._changes",
            "_frames._library",
            "_frames._pandas",
            "_frames._polars",
            "_frames._frames",
            "_frames._frame_type",
            "_frames._frame_answer",
            "_frames",
        ),
        in_order=True,
    ),
    Layer(
        (
            "_disk_writes",
            "_store_problems",
            "_backend",
            "_memory_backend",
            "_store",
            "_large_objects",
            "_links",
            "_signing_key",
            "_proof",
            "_blobs",
        ),
        in_order=True,
    ),
    # The submission makes nonces as the store does, so it stands above it.
    Layer(
        (
            "_submission",
            "_validation",
            "_refusals",
            "_log",
            "_candidates",
            "_tables",
            "_uploads",
            "_kept_values",
            "_listing",
            "_earlier",
            "_questions",
            "_recent",
            "_request_cache",
            "_items",
            "_progress",
            "_open_chunks",
            "_open_account",
            "_open_index",
            "_open_reader",
            "_open_mender",
            "_marks",
            "_push_targets",
            "_listeners",
            "_service",
            "_successors",
            "_inbox",
            "_reviews",
            "_checking",
            "_outage",
            "_attention",
            "_waits",
            "_watcher",
            "_watch",
        ),
        in_order=True,
    ),
    Layer(
        (
            "app._headers",
            "app._bodies",
            "app._direct_routes",
            "app._responders",
            "app._static",
            "app._kept_pages",
            "app._state",
            "app._storeless",
            "app._shown",
            "app._contexts",
            "app._views",
            "app._question_pages",
            "app._review_views",
            "app._problems",
            "app._check_pages",
            "app._api",
            "app._ranges",
            "app._attachments",
            "app._file_forms",
            "app._review_api",
            "app._review_pages",
            "app._pages",
            "app._uploads",
            "app._application",
            "app",
            "app._server",
        ),
        in_order=True,
    ),
    Layer(
        (
            "_flyte",
            "_flyte_conditions",
            "_push_sender",
            "app.__main__",
            "_image",
            "_env",
            "_configure",
            "_flyte_apps",
            "_app_probe",
            "_serving",
            "_form_link",
            "_report",
            "_open_requests",
            "_wait_sources",
            "_waiting",
            "_typed_answers",
            "_live_line",
            "_keyboard",
            "_terminal_prompt",
            "_prompter",
            "_push_receiver",
            "_runtime",
        ),
        in_order=True,
    ),
    Layer(
        (
            "cli._exits",
            "cli._plain",
            "cli._terminal",
            "cli._command",
            "cli._requests",
            "cli._session",
            "cli._described",
            "cli._listing",
            "cli._showing",
            "cli._asker",
            "cli._files",
            "cli._answering",
            "cli._linking",
            "cli._cancelling",
            "cli._watching",
            "cli._serving",
            "cli._health",
            "cli._doctor",
            "cli._completion",
            "cli._commands",
            "cli",
            "cli.__main__",
        ),
        in_order=True,
    ),
    Layer(
        (
            "show",
            "_showing._drafts",
            "_showing._kinds",
            "_showing._sniffing",
            "_showing._sources",
            "_showing._texts",
            "_showing._trees",
            "_showing._diffs",
            "_showing._frames",
            "_showing._pictures",
            "_showing._figures",
            "_showing._files",
            "_showing._converters",
            "_showing",
        ),
        in_order=True,
    ),
    Layer(
        (
            "_event",
            "_new_event_call",
            "_review_call",
            "_parameters",
            "_asked",
            "_asking",
            "_event_question",
            "_review_question",
            "_new_event",
            "_review_event",
            "_shortcuts",
        ),
        in_order=True,
    ),
    # What tests of workflows use: the same parts, put together another way.
    Layer(
        (
            "_testing",
            "_testing._failures",
            "_testing._clock",
            "_testing._given",
            "_testing._asked",
            "_testing._watch",
            "_testing._frame_edits",
            "_testing._sent",
            "_testing._people",
            "_testing._runtime",
            "_testing._block",
            "_testing._guard",
            "testing",
        ),
        in_order=True,
    ),
    Layer(("__init__",)),
)

WEB_FRAMEWORK = {"fastapi", "starlette", "uvicorn"}
# Libraries that only some users have, each behind one module that is imported for whoever brings its frames.
BROUGHT_BY_USERS = {"pandas": "_frames._pandas", "numpy": "_frames._pandas", "polars": "_frames._polars"}
HEAVY = WEB_FRAMEWORK | {"jinja2", "jsonschema", "markdown_it", "nh3", "imagesize", "polars", "PIL", "cryptography"}
FLYTE_IMPORTS = {
    "_flyte": {"flyte", "flyte.models", "flyte.report", "flyte.storage", "flyte.syncify"},
    "_env": {"flyte", "flyte.app"},
    "_faces": {"flyte.syncify"},
    "_image": {"flyte"},
    "_flyte_conditions": {
        *("flyte", "flyte._initialize", "flyte._internal.controllers", "flyte.errors", "flyte.remote"),
    },
    "_flyte_apps": {"flyte.app", "flyte.app._runtime", "flyte.models", "flyte.remote"},
}


def module_name(file: Path) -> str:
    """The name of a module below the package: `app/_api.py` is `app._api`, `app/__init__.py` is `app`."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    if parts[-1] == "__init__" and len(parts) > 1:
        parts = parts[:-1]
    return ".".join(parts)


FILES = {module_name(file): file for file in ROOT.rglob("*.py")}
PLACED = [module for layer in LAYERS for module in layer.modules]


@dataclass(frozen=True)
class Import:
    """One imported name, absolute: `from ..errors import HitlError` is `flyteplugins.hitl.errors.HitlError`.

    Attributes:
        origin: The module that is named in the statement.
        name: What is taken from it, or `None`.
    """

    origin: str
    name: str | None = None


def is_for_types_only(node: ast.If) -> bool:
    return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def statements(node: ast.AST, *, with_types: bool) -> Iterator[ast.Import | ast.ImportFrom]:
    """Every import statement, also those in functions.

    An import under `if TYPE_CHECKING:` never runs: it names a type for an annotation, which builds on nothing and can
    make no circle. So it counts only `with_types`.
    """
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        yield node
    skipped = node.body if isinstance(node, ast.If) and is_for_types_only(node) and not with_types else []
    for child in ast.iter_child_nodes(node):
        if child not in skipped:
            yield from statements(child, with_types=with_types)


def imports(source: str, module: str, *, with_types: bool = False) -> set[Import]:
    """What a module imports, with relative imports resolved."""
    found: set[Import] = set()
    for statement in statements(ast.parse(source), with_types=with_types):
        if isinstance(statement, ast.Import):
            found.update(Import(alias.name) for alias in statement.names)
        else:
            origin = absolute_origin(statement, module)
            found.update(Import(origin, alias.name) for alias in statement.names)
    return found


def absolute_origin(statement: ast.ImportFrom, module: str) -> str:
    if statement.level == 0:
        return statement.module or ""
    own_path = [*PACKAGE.split("."), *(part for part in module.split(".") if part != "__init__")]
    is_package = module == "__init__" or FILES.get(module, Path()).name == "__init__.py"
    package = own_path if is_package else own_path[:-1]
    base = package[: len(package) - statement.level + 1]
    return ".".join([*base, *(statement.module or "").split(".")]).rstrip(".")


def own_modules(found: set[Import]) -> set[str]:
    """Which modules of this package are imported."""
    modules = set()
    for imported in found:
        if imported.origin != PACKAGE and not imported.origin.startswith(PACKAGE + "."):
            continue
        below = imported.origin.removeprefix(PACKAGE).removeprefix(".")
        submodule = ".".join(part for part in (below, imported.name) if part)
        modules.add(submodule if submodule in FILES else below or "__init__")
    return modules


def other_packages(found: set[Import]) -> set[str]:
    return {imported.origin.partition(".")[0] for imported in found}


def allowed_below(module: str) -> set[str]:
    """What a module may import of this package."""
    allowed: set[str] = set()
    for layer in LAYERS:
        if module not in layer.modules:
            allowed.update(layer.modules)
            continue
        if layer.in_order:
            allowed.update(layer.modules[: layer.modules.index(module)])
        return allowed
    raise AssertionError(f"{module} is in no layer")


def imports_of(module: str, *, with_types: bool = False) -> set[Import]:
    return imports(FILES[module].read_text(), module, with_types=with_types)


def users_of(package: str) -> set[str]:
    """The modules that import a package, be it only for a type."""
    return {module for module in FILES if package in other_packages(imports_of(module, with_types=True))}


def test_every_module_is_placed_once() -> None:
    assert sorted(PLACED) == sorted(FILES)


@pytest.mark.parametrize("module", sorted(FILES))
def test_a_module_imports_only_what_lies_below_it(module: str) -> None:
    assert own_modules(imports_of(module)) <= allowed_below(module)


def test_no_module_hides_an_import_from_these_tests() -> None:
    for module, file in FILES.items():
        names = {node.id for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Name)}
        assert not names & {"__import__", "importlib", "import_module"}, module


def test_only_the_store_uses_obstore() -> None:
    assert users_of("obstore") == {"_backend", "_memory_backend", "_large_objects"}


@pytest.mark.parametrize(("package", "module"), sorted(BROUGHT_BY_USERS.items()))
def test_a_library_that_users_bring_has_one_module(package: str, module: str) -> None:
    assert users_of(package) == {module}


@pytest.mark.parametrize("package", sorted(WEB_FRAMEWORK))
def test_only_the_app_uses_the_web_framework(package: str) -> None:
    users = users_of(package)

    assert users
    assert all(user.partition(".")[0] == "app" for user in users)


def test_exactly_these_modules_use_flyte() -> None:
    uses = {
        module: {imported.origin for imported in imports_of(module, with_types=True) if is_of_flyte(imported)}
        for module in FILES
    }

    assert {module: origins for module, origins in uses.items() if origins} == FLYTE_IMPORTS


def is_of_flyte(imported: Import) -> bool:
    return imported.origin.partition(".")[0] == "flyte"


def test_the_import_of_the_package_loads_nothing_heavy() -> None:
    script = f"import sys, {PACKAGE}; print(*sorted({HEAVY!r} & set(sys.modules)))"

    loaded = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, timeout=60)

    assert loaded.stdout.split() == []


def test_no_library_that_users_bring_is_asked_for_before_there_is_a_frame() -> None:
    # Flyte itself loads some of them where they are installed, so our own modules are looked at.
    own = {f"{PACKAGE}.{module}" for module in BROUGHT_BY_USERS.values()}
    script = f"import sys, {PACKAGE}.app, {PACKAGE}._frames; print(*sorted({own!r} & set(sys.modules)))"

    loaded = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, timeout=60)

    assert loaded.stdout.split() == []


def test_the_import_of_the_app_loads_the_web_framework() -> None:
    """Shows that the test above would see it."""
    script = f"import sys, {PACKAGE}.app; print(*sorted({HEAVY!r} & set(sys.modules)))"

    loaded = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, timeout=60)

    assert {"fastapi", "starlette", "jinja2"} <= set(loaded.stdout.split())


@pytest.mark.parametrize(
    ("module", "source", "expected"),
    [
        ("_links", "from .errors import AccessDenied", {"errors"}),
        ("_report", "from . import _flyte", {"_flyte"}),
        ("_runtime", "def f():\n    from .app._server import EmbeddedApp", {"app._server"}),
        (
            "_runtime",
            "class C:\n  def f(self):\n    try:\n      from ._store import Store\n    finally: ...",
            {"_store"},
        ),
        ("_runtime", "async def f():\n    import flyteplugins.hitl._store", {"_store"}),
        ("_links", "from flyteplugins.hitl import _store, new_event", {"_store", "__init__"}),
        ("_links", "import flyteplugins.hitl", {"__init__"}),
        ("app._api", "from .._records import Channel\nfrom ._bodies import AnswerBody", {"_records", "app._bodies"}),
        ("app._api", "from . import _pages, create_app", {"app._pages", "app"}),
        ("app", "from ._application import create_app", {"app._application"}),
        ("__init__", "from ._env import env", {"_env"}),
        ("errors", "if TYPE_CHECKING:\n    from ._records import Response", set()),
        ("errors", "if TYPE_CHECKING:\n    pass\nelse:\n    from ._records import Response", {"_records"}),
        ("errors", "import json, obstore", set()),
    ],
)
def test_the_reader_of_imports_sees_them_all(module: str, source: str, expected: set[str]) -> None:
    assert own_modules(imports(source, module)) == expected


def test_the_reader_of_imports_sees_those_for_types_when_asked() -> None:
    source = "if TYPE_CHECKING:\n    from obstore.store import ObjectStore"

    assert other_packages(imports(source, "_backend", with_types=True)) == {"obstore"}


@pytest.mark.parametrize(
    ("module", "above"),
    [
        ("errors", "_records"),
        ("_answers", "_records"),
        ("_store", "_links"),
        ("_submission", "_service"),
        ("_watch", "app"),
        ("app._bodies", "app._views"),
        ("_flyte", "_runtime"),
        ("_event", "_new_event"),
        ("_shortcuts", "__init__"),
    ],
)
def test_the_table_forbids_what_lies_above_or_beside(module: str, above: str) -> None:
    assert above not in allowed_below(module)
    assert module not in allowed_below(module)
