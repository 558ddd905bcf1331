"""The proof of the right to answer: wrong, foreign, cut off or missing, nothing is read, written or told.

Holds P6: what a client sends is compared with the record, and is never a path.
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable

import pytest

from flyteplugins.hitl._form_link import FormLink
from flyteplugins.hitl._links import Links
from flyteplugins.hitl._listing import request_path
from tests.support.app_cases import Broken, snapshot
from tests.support.questions import question
from tests.support.replies import page_of, problem_of
from tests.support.sites import Site

Proof = dict[str, str | None]


def of_token(token: str | None) -> Proof:
    return {"token": token, "response_path": None}


def of_path(path: str) -> Proof:
    return {"token": None, "response_path": path}


WRONG_PROOFS: dict[str, Callable[[FormLink, FormLink], Proof]] = {
    "none": lambda link, other: of_token(None),
    "empty token": lambda link, other: of_token(""),
    "garbage": lambda link, other: of_token("x" * len(link.token)),
    "not ASCII": lambda link, other: of_token("żółć"),
    "cut off": lambda link, other: of_token(link.token[:-1]),
    "token of another request": lambda link, other: of_token(other.token),
    "token of another store": lambda link, other: of_token(Links("x" * 43).token(link.request.request_id)),
    "empty path": lambda link, other: of_path(""),
    "path of another request": lambda link, other: of_path(other.request.response_path),
    "path cut off": lambda link, other: of_path(link.request.response_path[:-6]),
    "path without its capability": lambda link, other: of_path(f"responses/{link.request.request_id}.json"),
    "path of the key": lambda link, other: of_path("keys/signing.json"),
    "path out of the store": lambda link, other: of_path(f"../store/{link.request.response_path}"),
    "path from the root": lambda link, other: of_path("/etc/passwd"),
    "path in another bucket": lambda link, other: of_path(f"s3://other/{link.request.response_path}"),
    "path but for a dot": lambda link, other: of_path(f"./{link.request.response_path}"),
    "right token, foreign path": lambda link, other: {
        "token": link.token,
        "response_path": other.request.response_path,
    },
    "right path, foreign token": lambda link, other: {
        "token": other.token,
        "response_path": link.request.response_path,
    },
}


@pytest.mark.parametrize("proof", WRONG_PROOFS)
def test_without_the_right_to_answer_nothing_is_read_or_written(site: Site, proof: str) -> None:
    link, other = site.ask(), site.ask(question(name="other"))
    fields = WRONG_PROOFS[proof](link, other)
    before = snapshot(site)
    page = site.send_form(link, "true", **fields)
    problem = problem_of(site.send_json(link, "true", **fields), 403)
    assert page.status_code == 403
    assert problem["detail"] in page_of(page).text
    assert page_of(page).action is None
    for secret in (link.request.question.prompt, link.token, link.request.response_path, other.token):
        assert secret not in html.unescape(page.text)
        assert secret not in json.dumps(problem)
    assert snapshot(site) == before


def test_a_foreign_path_is_not_even_looked_at(broken: Broken) -> None:
    link, other = broken.site.ask(), broken.site.ask(question(name="other"))
    broken.site.send_json(other, "maybe")  # The app has read its key by now.
    broken.proxy.forget_requests()
    reply = broken.site.send_json(link, "true", response_path=other.request.response_path)
    assert reply.status_code == 403
    assert {method for method, _ in broken.proxy.requests} == {"GET"}
    assert all(request_path(link.request.request_id) in path for _, path in broken.proxy.requests)


@pytest.mark.parametrize("token", [None, "", "x", "żółć", "x" * 100_0, "\0", "../../keys/signing.json"])
def test_a_form_and_a_status_open_with_the_token_only(site: Site, token: str | None) -> None:
    link = site.ask()
    parameters = {} if token is None else {"token": token}
    page = site.client.get(f"/form/{link.request.request_id}", params=parameters)
    problem = problem_of(site.client.get(f"/status/{link.request.request_id}", params=parameters), 403)
    assert page.status_code == 403
    assert problem["detail"] in page_of(page).text
    assert link.request.question.prompt not in page.text


def test_the_token_of_another_request_opens_neither_form_nor_status(site: Site) -> None:
    link, other = site.ask(), site.ask(question(name="other"))
    for path in ("form", "status"):
        address = f"/{path}/{link.request.request_id}"
        assert site.client.get(address, params={"token": other.token}).status_code == 403
        assert site.client.get(address, params={"token": link.token}).status_code == 200
