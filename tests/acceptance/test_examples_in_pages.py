"""Every block of Python in a page is run as it stands there, and does what the page says of it.

A block that is a file of `examples/` is run by `test_docs.py`. Each of the others is taken from its page by a test of
this file.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

import flyte
import pytest
from flyte.io import File
from pydantic import BaseModel

import flyteplugins.hitl as hitl
from flyteplugins.hitl import testing
from flyteplugins.hitl._settings import Settings, settings_in_force
from tests.support.documentation import PACKAGE, ROOT, Block, Examples, Reader, at_home, blocks_of_pages
from tests.support.scripts import clean_environment

PDF = b"%PDF-1.7\n"
SECONDS = 90

EXAMPLES = Examples(
    [block for block in blocks_of_pages() if block.language in ("python", "html") and not block.is_included]
)
TEMPLATE = EXAMPLES.take("CONTRIBUTING.md", "fields/_parts.html")
TESTS_OF_WORKFLOWS = EXAMPLES.take_all("docs/how-to/test-your-workflow.md")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with at_home(tmp_path, monkeypatch):
        yield


def values_in_force() -> dict[str, object]:
    return {each.name: each.value for each in settings_in_force() if each.source != "default"}


def run_python(*arguments: str, folder: Path, stdin: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs Python as on a machine where nothing is set up, until it ends well."""
    done = subprocess.run(
        [sys.executable, *arguments],
        input=stdin,
        env=clean_environment(folder) | variables,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def run_script(text: str, folder: Path, *, stdin: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs a script, from a file as Flyte wants it."""
    script = folder / "script.py"
    script.write_text(text, encoding="utf-8")
    return run_python(str(script), folder=folder, stdin=stdin, **variables)


@EXAMPLES.given("README.md", "async def train()")
def test_the_readmes_example_is_the_one_that_is_run(block: Block) -> None:
    assert (ROOT / "examples" / "approval.py").read_text(encoding="utf-8").endswith(block.text)


@dataclass
class Paid:
    customer: str
    total: float


@EXAMPLES.given("README.md", "hitl.choose(")
def test_the_readmes_short_ways(block: Block) -> None:
    reader = Reader(hitl=hitl, Literal=Literal, invoice=Paid("Ada", 1.0), captions=["A cat", "A dog"])
    given = {
        "choice": "dog",
        "edit": {"customer": "Ada", "total": 2.5},
        "approval": {"approved": False, "reason": "Not ours."},
        "review": ["good", "bad"],
    }
    with testing.answers(given) as asked:
        reader.run(block)

    assert reader["label"] == "dog"
    assert reader["invoice"] == Paid("Ada", 2.5)
    assert not reader["approval"]
    assert reader["labels"] == ["good", "bad"]
    assert asked["edit"].initial == Paid("Ada", 1.0)


@EXAMPLES.given("README.md", "hitl.testing.answers(")
def test_the_readmes_test_passes_for_the_readmes_example(block: Block) -> None:
    reader = Reader()
    reader.run(EXAMPLES.take("README.md", "async def train()"))
    flyte.init()
    reader.run(block)

    assert reader["asked"].names == ["deploy_model"]


@EXAMPLES.given("docs/cluster.md", "flyte.init_from_config()")
def test_the_script_for_a_cluster_asks_and_names_the_app_to_be_served(block: Block) -> None:
    reader = Reader()
    reader.run(block)
    flyte.init()
    with testing.answers({"deploy": True}):
        assert flyte.run(reader["main"]).outputs()[0] is True

    assert reader["env"].depends_on == [hitl.env]
    assert reader["env"].image.name == hitl.image().name


@EXAMPLES.given("docs/cluster.md", "identity_header=")
def test_the_sign_in_is_set_where_the_tasks_run(block: Block) -> None:
    Reader(hitl=hitl).run(block)

    assert values_in_force() == {
        "identity_header": "X-Auth-Request-Email",
        "public_address": "https://hitl.example.org",
    }


@EXAMPLES.given("docs/how-to/be-woken-by-flyte.md", "push=True")
def test_a_push_is_set_where_the_tasks_run_and_handed_to_the_app(block: Block) -> None:
    Reader(hitl=hitl).run(block)

    assert values_in_force() == {"push": True}
    assert hitl.env.env_vars is not None
    assert hitl.env.env_vars["FLYTE_HITL_PUSH"] == "True"


@EXAMPLES.given("docs/reference/settings.md", "hitl.configure(")
def test_a_program_sets_what_an_operator_can(block: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    Reader(hitl=hitl).run(block)

    assert values_in_force() == {"store": "s3://my-bucket/hitl", "memory": "1Gi", "min_replicas": 1}
    monkeypatch.setenv("FLYTE_HITL_MEMORY", "2Gi")
    assert values_in_force()["memory"] == "2Gi"


@EXAMPLES.given("docs/reference/api.md", "import flyteplugins.hitl as hitl")
def test_the_package_is_imported_by_its_name(block: Block) -> None:
    reader = Reader()
    reader.run(block)

    assert reader["hitl"] is hitl


@EXAMPLES.given("docs/how-to/ask-for-a-file.md", "Scan = ")
def test_a_scan_is_a_picture_or_a_pdf(block: Block) -> None:
    reader = Reader(Annotated=Annotated, File=File, hitl=hitl)
    reader.run(block)
    with testing.answers({"scan": testing.in_turn(testing.refused(b"only text"), PDF)}) as asked:
        hitl.new_event("scan", data_type=reader["Scan"]).wait()

    assert "PDF" in asked["scan"].errors[0].reason


@EXAMPLES.given("docs/how-to/ask-for-a-file.md", "class Claim")
def test_a_claim_has_files_among_other_fields(block: Block) -> None:
    reader = Reader(Annotated=Annotated, File=File, hitl=hitl, dataclass=dataclass)
    reader.run(block)
    claim = {"title": "Window", "scan": PDF, "photos": [b"one", b"two"]}
    with testing.answers({"claim": testing.in_turn(testing.refused({**claim, "scan": b"GIF89a"}), claim)}):
        got = hitl.new_event("claim", data_type=reader["Claim"]).wait()

    assert got.title == "Window"
    assert isinstance(got.scan, File)
    assert len(got.photos) == 2
    assert got.notes is None


@EXAMPLES.given("docs/how-to/ask-for-any-shape.md", "class Card(BaseModel)")
def test_one_of_several_models_is_told_by_its_kind(block: Block) -> None:
    from pydantic import Field

    reader = Reader(Annotated=Annotated, BaseModel=BaseModel, Field=Field, Literal=Literal, hitl=hitl)
    with testing.answers({"payment": {"kind": "transfer", "iban": "DE02"}}):
        reader.run(block)
        payment = reader["event"].wait()

    assert payment == reader["Transfer"](iban="DE02")


@dataclass(frozen=True)
class Money:
    amount: Decimal


@EXAMPLES.given("docs/how-to/ask-for-any-shape.md", "hitl.register(")
def test_a_type_of_ones_own_is_asked_for_as_what_it_is_shown(block: Block) -> None:
    reader = Reader(hitl=hitl, Decimal=Decimal, Money=Money)
    with testing.answers({"budget": "12.50"}):
        reader.run(block)
        assert reader["event"].wait() == Money(Decimal("12.50"))

    with testing.answers({"budgets": ["1", "2.5"]}):
        budgets = hitl.new_event("budgets", data_type=list[Money]).wait()
    assert budgets == [Money(Decimal(1)), Money(Decimal("2.5"))]


@EXAMPLES.given("docs/how-to/check-answers.md", "validate = ")
def test_both_conditions_refuse_what_is_over_the_limit(block: Block) -> None:
    bare, kind = block.text.splitlines()
    for line, reason in ((bare, "The workflow's check refuses this answer."), (kind, "At most 40 hours.")):
        reader = Reader()
        reader.run(Block(block.file, block.line, block.language, line))
        with testing.answers({"hours": testing.in_turn(testing.refused(41), 40)}) as asked:
            assert hitl.new_event("hours", data_type=int, validate=reader["validate"]).wait() == 40
        assert [error.reason for error in asked["hours"].errors] == [reason]


@EXAMPLES.given("docs/how-to/run-the-app-elsewhere.md", "env_vars=")
def test_the_variables_of_the_task_are_settings_in_force(block: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader(flyte=flyte)
    reader.run(block)
    for name, value in reader["env"].env_vars.items():
        monkeypatch.setenv(name, value)

    assert Settings.from_environment().endpoint == "https://hitl.example.org"
    assert values_in_force() == {"endpoint": "https://hitl.example.org", "store": "s3://my-bucket/hitl"}


@EXAMPLES.given("docs/how-to/short-ways.md", "data_type = ")
def test_a_rejection_needs_its_reason_as_a_type_too(block: Block) -> None:
    reader = Reader(hitl=hitl, Annotated=Annotated)
    reader.run(block)
    given = testing.in_turn(testing.refused({"approved": False}), {"approved": False, "reason": "Too early."})
    with testing.answers({"ship": given}):
        assert hitl.new_event("ship", data_type=reader["data_type"]).wait().reason == "Too early."


@EXAMPLES.given("docs/how-to/short-ways.md", "outcome.changes")
def test_what_was_corrected_is_told(block: Block, capsys: pytest.CaptureFixture[str]) -> None:
    reader = Reader(hitl=hitl, Invoice=Paid, invoice=Paid("Ada", 1.0))
    with testing.answers({"invoice": {"customer": "Ada", "total": 2.5}}):
        reader.run(block)

    assert capsys.readouterr().out.splitlines() == ["total 1.0 -> 2.5"]


ASKS_FOR_AN_ADDRESS = """
import ipaddress
import httpx
import flyteplugins.hitl as hitl

event = hitl.new_event("machine", data_type=ipaddress.IPv4Address)
print(httpx.get(event.form_url).text)
url = httpx.URL(event.form_url)
for value in ("192.0.2", " 192.0.2.7 "):
    body = {"request_id": event.request_id, "token": url.params["token"], "value": value}
    print(httpx.post(url.copy_with(path="/submit", query=None), data=body, follow_redirects=True).text)
print(repr(event.wait()))
"""


@EXAMPLES.given("CONTRIBUTING.md", "class Ipv4Type(FormatType)")
@pytest.mark.slow
def test_an_answer_type_takes_one_class_and_one_template(block: Block, tmp_path: Path) -> None:
    copied = shutil.copytree(PACKAGE, tmp_path / "src" / "flyteplugins") / "hitl"
    with (copied / "_answers" / "_formats.py").open("a", encoding="utf-8") as formats:
        formats.write(f"\n\n{block.text}")
    registered = copied / "_answers" / "__init__.py"
    text = registered.read_text(encoding="utf-8").replace("import DecimalType,", "import DecimalType, Ipv4Type,")
    registered.write_text(text.replace("    StrType(),\n", "    Ipv4Type(),\n    StrType(),\n"), encoding="utf-8")
    (copied / "app" / "templates" / "fields" / "ipv4.html").write_text(TEMPLATE.text, encoding="utf-8")

    done = run_script(ASKS_FOR_AN_ADDRESS, tmp_path, PYTHONPATH=str(tmp_path / "src"))

    assert 'placeholder="192.0.2.1"' in done.stdout
    assert "“192.0.2” is not an address. Write one such as 192.0.2.1." in done.stdout
    assert done.stdout.endswith("IPv4Address('192.0.2.7')\n")


@EXAMPLES.given("docs/moving-from-conditions.md", "flyte.new_condition")
@pytest.mark.slow
def test_the_condition_of_which_an_event_is_made_runs(block: Block, tmp_path: Path) -> None:
    started = f"{block.text}\n\nflyte.init()\nprint(flyte.run(main).outputs())\n"

    done = run_script(started, tmp_path, stdin="y\n")

    assert "shipped" in done.stdout


@pytest.mark.slow
def test_the_tests_on_the_page_about_tests_pass(tmp_path: Path) -> None:
    blocks = TESTS_OF_WORKFLOWS
    file = tmp_path / "test_page.py"
    file.write_text("\n\n".join(block.text for block in blocks), encoding="utf-8")
    count = sum(block.text.count("def test_") for block in blocks)
    plugin = ["-p", "no:hitl", "-p", "flyteplugins._hitl_pytest"]
    done = run_python("-m", "pytest", "-q", "-p", "no:cacheprovider", *plugin, str(file), folder=tmp_path)

    assert count > 0
    assert re.search(rf"^{count} passed", done.stdout, re.MULTILINE)


def test_every_block_of_python_is_run() -> None:
    assert not EXAMPLES.untested(), (
        "These blocks are run by no test. Best put each into a file of `examples/`, and include that by `--8<--`. A "
        "short one stays, with a test of this file that takes it by `@EXAMPLES.given(page, text)` and holds what the "
        "page says of it."
    )
