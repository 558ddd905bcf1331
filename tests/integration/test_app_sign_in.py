"""Who answers: the person that a trusted header names, once and not empty; never what a client says of itself.

Holds P6: nothing from a client is an identity.
"""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from flyteplugins.hitl._form_link import FormLink
from tests.support.replies import page_of
from tests.support.sites import Site, running_site

IDENTITY_HEADER = "X-Signed-In"


@pytest.fixture(scope="module")
def signed_in_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An app behind a proxy that signs people in."""
    folder = tmp_path_factory.mktemp("signed-in")
    environment = {"FLYTE_HITL_IDENTITY_HEADER": IDENTITY_HEADER}
    with running_site(str(folder / "store"), folder, environment=environment) as running:
        yield running


@pytest.mark.parametrize("path", ["/submit", "/submit/json"])
def test_the_person_named_by_the_trusted_header_is_recorded(signed_in_site: Site, path: str) -> None:
    link = signed_in_site.ask()
    reply = post(signed_in_site, path, link, [(IDENTITY_HEADER.lower(), "ada@example.org")])
    assert reply.status_code in (200, 303)
    outcome = signed_in_site.outcome(link)
    assert outcome is not None
    assert outcome.responder == "ada@example.org"
    assert "ada@example.org" in page_of(signed_in_site.client.get(link.form_url)).text


@pytest.mark.parametrize("path", ["/submit", "/submit/json"])
@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(IDENTITY_HEADER, "")],
        [(IDENTITY_HEADER, "ada"), (IDENTITY_HEADER, "eve")],
        [(IDENTITY_HEADER, "ada"), (IDENTITY_HEADER.upper(), "ada")],
        [("X-Forwarded-User", "eve")],
    ],
    ids=["missing", "empty", "duplicated", "duplicated in another case", "another header"],
)
def test_without_exactly_one_name_in_the_trusted_header_nothing_is_taken(
    signed_in_site: Site, path: str, headers: list[tuple[str, str]]
) -> None:
    link = signed_in_site.ask()
    reply = post(signed_in_site, path, link, headers)
    assert reply.status_code == 403
    assert "signed in" in reply.text
    assert signed_in_site.outcome(link) is None


def post(site: Site, path: str, link: FormLink, headers: list[tuple[str, str]]) -> httpx.Response:
    body = {"request_id": link.request.request_id, "token": link.token, "value": "true"}
    if path.endswith("json"):
        return site.client.post(path, json=body, headers=headers)
    return site.client.post(path, data=body, headers=headers)


@pytest.mark.parametrize("name", ["responder", "user", "identity", IDENTITY_HEADER])
def test_a_client_cannot_say_who_it_is(site: Site, name: str) -> None:
    link = site.ask()
    fields = {name: "the queen"}
    reply = site.client.post(
        "/submit/json",
        json={"request_id": link.request.request_id, "token": link.token, "value": True, **fields},
        headers=fields,
    )
    assert reply.status_code == 200
    outcome = site.outcome(link)
    assert outcome is not None
    assert outcome.responder == "a holder of the link"
