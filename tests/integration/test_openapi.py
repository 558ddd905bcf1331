"""The OpenAPI document tells the truth: schemathesis holds the running app against it, and every reference resolves."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.pages import Page
from tests.support.questions import question
from tests.support.sites import Site, running_site

pytestmark = pytest.mark.slow

SECONDS = 120


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("openapi")
    with running_site(str(folder / "store"), folder) as running:
        yield running


@pytest.fixture
def document(site: Site) -> dict[str, Any]:
    found = site.client.get("/openapi.json").json()
    assert isinstance(found, dict)
    return found


def hold_against(document: dict[str, Any], site: Site, folder: Path, *options: str) -> None:
    """Run schemathesis with a document, and fail with what it found."""
    location = folder / "openapi.json"
    location.write_text(json.dumps(document))
    command = [sys.executable, "-m", "schemathesis.cli", "run", str(location), "--url", site.url, "--no-color"]
    command += ["--max-examples", "50", "--generation-deterministic"]
    command += ["--continue-on-failure", "--max-redirects", "0", *options]
    done = subprocess.run(
        command, cwd=folder, env={**os.environ}, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def test_the_app_does_nothing_that_the_document_does_not_say(
    document: dict[str, Any], site: Site, tmp_path: Path
) -> None:
    hold_against(document, site, tmp_path)


@pytest.mark.parametrize(("data_type", "is_validated"), [(int, False), (str, False), (int, True)])
def test_the_document_holds_for_calls_that_get_through_to_a_question(
    document: dict[str, Any], site: Site, tmp_path: Path, data_type: type[Any], is_validated: bool
) -> None:
    link = site.ask(question(data_type, is_validated=is_validated))
    for name, value in (
        ("request_id", link.request.request_id),
        ("response_path", link.request.response_path),
        ("token", link.token),
    ):
        narrow(document, name, value)
    # Which values fit a question is in its record, not in the document.
    options = ["--exclude-checks", "positive_data_acceptance", "--include-path-regex", "submit|status|form"]
    options += ["--phases", "coverage,fuzzing"]
    hold_against(document, site, tmp_path, *options)
    check = asyncio.run(site.service.latest_check(link.request))
    assert (check if is_validated else site.outcome(link)) is not None, "no call got through to the question"


def narrow(part: Any, name: str, value: str) -> None:
    """Let every field and parameter of a name have this one value, wherever in the document it is."""
    if isinstance(part, list):
        for each in part:
            narrow(each, name, value)
    if not isinstance(part, dict):
        return
    properties = part.get("properties", {})
    if name in properties and "value" in properties:
        properties[name] = {"type": "string", "enum": [value]}
        part["required"] = sorted({*part.get("required", ()), name})
    if part.get("name") == name and "schema" in part:
        part["schema"] = {"type": "string", "enum": [value]}
    for each in part.values():
        narrow(each, name, value)


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        part = list(part.values())
    if isinstance(part, list):
        for each in part:
            yield from references(each)


def test_every_reference_of_the_document_leads_somewhere(document: dict[str, Any]) -> None:
    found = set(references(document))
    assert found
    for reference in found:
        target: Any = document
        for step in reference.removeprefix("#/").split("/"):
            assert step in target, reference
            target = target[step]


def test_every_error_of_the_issue_is_documented(document: dict[str, Any]) -> None:
    for path in ("/submit", "/submit/json"):
        assert {"400", "403", "404", "409", "410", "413", "422", "503"} <= set(
            document["paths"][path]["post"]["responses"]
        )
    for path in ("/form/{request_id}", "/status/{request_id}"):
        assert {"200", "403", "404", "503"} <= set(document["paths"][path]["get"]["responses"])


def test_what_the_form_sends_is_documented(document: dict[str, Any], site: Site) -> None:
    page = Page(site.client.get(site.ask(question(str)).form_url).text)
    body = document["paths"]["/submit"]["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]
    assert set(page.fields) <= set(body["schema"]["properties"])
