"""Every example in a docstring is run as it stands there, and does what is said of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any, Literal

import flyte
import httpx
import matplotlib.figure
import pandas as pd
import pytest
from flyte.io import File

import flyteplugins.hitl as hitl
from flyteplugins.hitl import testing
from flyteplugins.hitl._answers import changes_between
from flyteplugins.hitl._answers._values import InvalidValue, Problems
from flyteplugins.hitl._quoting import shown
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._settings import settings_in_force
from flyteplugins.hitl._store import Store
from flyteplugins.hitl.app._application import create_app
from flyteplugins.hitl.errors import InvalidParameter
from tests.support.documentation import PACKAGE, Block, Examples, Reader, at_home, blocks_of_docstrings
from tests.support.house import run

HITL = "src/flyteplugins/hitl"

EXAMPLES = Examples(blocks_of_docstrings())
TREE_OF_ERRORS = EXAMPLES.take(f"{HITL}/errors.py", "├──")
"""Held by `test_errors.py`."""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with at_home(tmp_path, monkeypatch):
        yield


def ran(block: Block, given: dict[str, Any], **names: Any) -> tuple[Reader, testing.Asked]:
    """Runs a block whose questions are answered."""
    reader = Reader(hitl=hitl, **names)
    with testing.answers(given) as asked:
        reader.run(block)
    return reader, asked


@EXAMPLES.given(f"{HITL}/__init__.py", "hitl.new_event")
def test_the_packages_own(block: Block) -> None:
    reader, asked = ran(block, {"review": True})

    assert reader["approved"] is True
    assert asked["review"].prompt == "Approve?"


@EXAMPLES.given(f"{HITL}/_new_event_call.py", "timeout_seconds=600")
def test_new_event(block: Block, capsys: pytest.CaptureFixture[str]) -> None:
    reader, _ = ran(block, {"budget": 12})

    assert reader["hours"] == 12
    assert capsys.readouterr().out.startswith("http")


@EXAMPLES.given(f"{HITL}/_review_call.py", "hitl.review(")
def test_review(block: Block) -> None:
    reader, _ = ran(block, {"review": ["good", "bad"]}, captions=["A cat", "A dog"], Literal=Literal)

    assert reader["labels"] == ["good", "bad"]


@pytest.mark.parametrize("is_approved", [True, False])
@EXAMPLES.given(f"{HITL}/_shortcuts.py", "hitl.approve(")
def test_approve(block: Block, is_approved: bool) -> None:
    deployed: list[bool] = []
    answer = {"approved": is_approved, "reason": "" if is_approved else "Too early."}
    ran(block, {"approval": answer}, deploy=lambda: deployed.append(True))

    assert bool(deployed) is is_approved


@EXAMPLES.given(f"{HITL}/_shortcuts.py", "hitl.choose(")
def test_choose(block: Block) -> None:
    assert ran(block, {"choice": "dog"})[0]["label"] == "dog"


@dataclass
class Invoice:
    total: float


@EXAMPLES.given(f"{HITL}/_shortcuts.py", "hitl.edit(")
def test_edit(block: Block) -> None:
    assert ran(block, {"edit": {"total": 2.5}}, invoice=Invoice(1.0))[0]["invoice"] == Invoice(2.5)


@EXAMPLES.given(f"{HITL}/_approval.py", "data_type=hitl.Approval")
def test_approval(block: Block, capsys: pytest.CaptureFixture[str]) -> None:
    ran(block, {"ship": {"approved": False, "reason": "Too early."}})

    assert capsys.readouterr().out == "Rejected: Too early.\n"


@EXAMPLES.given(f"{HITL}/_upload_limits.py", "hitl.Upload(")
def test_upload(block: Block) -> None:
    _, asked = ran(
        block, {"scan": testing.in_turn(testing.refused(b"text"), b"%PDF-1.7\n")}, Annotated=Annotated, File=File
    )

    assert asked["scan"].errors


@dataclass(frozen=True)
class Money:
    amount: Decimal


@EXAMPLES.given(f"{HITL}/_own_types.py", "hitl.register(")
def test_register(block: Block) -> None:
    reader, _ = ran(block, {"budget": "12.50"}, Decimal=Decimal, Money=Money)

    assert reader["event"].wait() == Money(Decimal("12.50"))


@dataclass
class Order:
    price: int


@EXAMPLES.given(f"{HITL}/errors.py", "def check(")
def test_invalid(block: Block) -> None:
    reader, _ = ran(block, {}, Order=Order, budget=lambda: 900)
    given = testing.in_turn(testing.refused({"price": 901}), {"price": 900})
    with testing.answers({"order": given}) as asked:
        hitl.new_event("order", data_type=Order, validate=reader["check"]).wait()

    assert [(error.field, error.reason) for error in asked["order"].errors] == [
        ("value.price", "There are 900 euros left.")
    ]


@EXAMPLES.given(f"{HITL}/_configure.py", "hitl.configure(")
def test_configure(block: Block) -> None:
    ran(block, {})

    assert {each.name: each.value for each in settings_in_force() if each.source == "configure"} == {
        "store": "s3://my-bucket/hitl",
        "memory": "1Gi",
        "min_replicas": 1,
    }


@EXAMPLES.given(f"{HITL}/_image.py", "hitl.image()")
def test_image(block: Block) -> None:
    env = ran(block, {}, flyte=flyte)[0]["env"]

    assert env.image.name == hitl.image().name
    assert env.depends_on == [hitl.env]


@EXAMPLES.given(f"{HITL}/show.py", "hitl.show.Figure(")
def test_show(block: Block) -> None:
    figure = matplotlib.figure.Figure()
    figure.subplots().plot([1, 2])
    frame = pd.DataFrame({"epoch": [1, 2]})
    _, asked = ran(block, {"release": True}, figure=figure, frame=frame, old_settings={"a": 1}, new_settings={"a": 2})

    assert asked["release"].prompt == "Is the new curve right?\n\n![the curve](attachment:curve)"
    assert asked["release"].show == ("curve.png", "The rows that changed", "Settings")


@EXAMPLES.given(f"{HITL}/testing.py", "def test_a_good_model")
def test_testing(block: Block) -> None:
    def deploy() -> str:
        event = hitl.new_event("deploy_model", data_type=bool, prompt="It reaches 87%. Deploy it?")
        return "deployed" if event.wait() else "discarded"

    reader = Reader(deploy=deploy)
    reader.run(block)
    reader["test_a_good_model_is_deployed"]()


# What is not public


@EXAMPLES.given(f"{HITL}/_answers/_changes.py", "changes_between(")
def test_changes_between(block: Block) -> None:
    expression, _, said = block.text.partition("#")

    assert eval(expression, {"changes_between": changes_between}) == eval(said)


@EXAMPLES.given(f"{HITL}/_answers/_values.py", "problems.at(")
def test_problems_at(block: Block) -> None:
    with_failure = Block(block.file, block.line, block.language, block.text.replace("...", "raise InvalidValue(item)"))
    reader = Reader(Problems=Problems, InvalidValue=InvalidValue, items=["bad", "worse"])
    with pytest.raises(InvalidValue) as raised:
        reader.run(with_failure)

    assert [(problem.path, problem.reason) for problem in raised.value.problems] == [((0,), "bad"), ((1,), "worse")]


@EXAMPLES.given(f"{HITL}/_quoting.py", "shown(scope)")
def test_shown(block: Block) -> None:
    with pytest.raises(InvalidParameter, match=re.escape("`scope='project'` is not supported.")):
        Reader(InvalidParameter=InvalidParameter, shown=shown, scope="project").run(block)


@EXAMPLES.given(f"{HITL}/app/_application.py", "create_app(")
def test_create_app(block: Block) -> None:
    health: list[int] = []

    async def ask(app: Any) -> int:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app") as client:
            return (await client.get("/health")).status_code

    server = SimpleNamespace(run=lambda app: health.append(run(ask(app))))
    Reader(create_app=create_app, Service=Service, Store=Store, uvicorn=server).run(block)

    assert health == [200]


def test_every_example_is_run() -> None:
    assert not EXAMPLES.untested(), (
        "These blocks are run by no test. Write one into this file that takes the block by "
        "`@EXAMPLES.given(file, text)`, runs it, and holds what the docstring says of it."
    )


def test_no_example_is_a_session_at_a_prompt() -> None:
    """Those would be run by nothing here: an example is a block, as on the pages."""
    assert not [str(module) for module in PACKAGE.rglob("*.py") if ">>> " in module.read_text(encoding="utf-8")]
