"""Holds what proves a right: the same after a crash, another for another request or store, and never a crash."""

from __future__ import annotations

import re
import string
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flyteplugins.hitl._links import Links
from flyteplugins.hitl.errors import AccessDenied

SECRET = "k" * 43
OTHER_SECRET = "k" * 42 + "l"
LINKS = Links(SECRET)
OTHER_LINKS = Links(OTHER_SECRET)

ID = "abcdefghijklmnopqrstuvwxyz"
TOKEN = LINKS.token(ID)
PATH = LINKS.response_path(ID)


def request_id(identity: bytes) -> str:
    return LINKS.request_id(LINKS.origin_id(b"origin"), identity)


def test_all_is_derived_from_the_key_alone() -> None:
    again = Links(SECRET)

    assert again.origin_id(b"origin") == LINKS.origin_id(b"origin")
    assert again.request_id("origin", b"identity") == LINKS.request_id("origin", b"identity")
    assert again.response_path(ID) == PATH
    assert again.token(ID) == TOKEN
    again.check_token(ID, TOKEN)


def test_links_stay_the_same_from_version_to_version() -> None:
    """If this changes, an upgrade voids every open link and asks everybody again."""
    assert LINKS.origin_id(b"origin") == "v5lu5kxi4w"
    assert LINKS.request_id("", b"identity") == "wucudnovyoakcba4"
    assert LINKS.response_path(ID) == f"responses/{ID}.ar6k4r642v24bxpk7mpf42cehhnclue3.json"
    assert LINKS.token(ID) == "trrJI-yP-NQYGwb1hYvk6px2zIDTMzsMTRHuaQY6t2U"


def test_all_differ_by_key() -> None:
    assert OTHER_LINKS.origin_id(b"origin") != LINKS.origin_id(b"origin")
    assert OTHER_LINKS.request_id("", b"identity") != LINKS.request_id("", b"identity")
    assert OTHER_LINKS.response_path(ID) != PATH
    assert OTHER_LINKS.token(ID) != TOKEN


@given(st.binary(), st.binary())
def test_ids_differ_by_identity(one: bytes, other: bytes) -> None:
    assert (request_id(one) == request_id(other)) is (one == other)


@given(st.binary(), st.binary())
def test_origins_differ(one: bytes, other: bytes) -> None:
    assert (LINKS.origin_id(one) == LINKS.origin_id(other)) is (one == other)


@given(st.binary())
def test_one_purpose_tells_nothing_of_another(identity: bytes) -> None:
    assert LINKS.request_id("", identity)[:10] != LINKS.origin_id(identity)


@given(st.binary())
def test_an_id_is_130_bits_of_plain_letters_and_digits_and_begins_with_its_origin(identity: bytes) -> None:
    assert re.fullmatch(r"[a-z2-7]{26}", request_id(identity))
    assert request_id(identity).startswith(LINKS.origin_id(b"origin"))


@given(st.binary())
def test_a_response_path_ends_with_160_bits_that_the_id_does_not_tell(identity: bytes) -> None:
    name = request_id(identity)
    match = re.fullmatch(rf"responses/{name}\.([a-z2-7]{{32}})\.json", LINKS.response_path(name))

    assert match
    assert match[1] != OTHER_LINKS.response_path(name).split(".")[1]


@given(st.binary())
def test_a_token_opens_its_own_request_and_needs_no_escaping(identity: bytes) -> None:
    name = request_id(identity)
    token = LINKS.token(name)

    LINKS.check_token(name, token)
    assert quote(token, safe="") == token


@pytest.mark.parametrize("token", [None, ""])
def test_a_missing_token_is_denied_and_says_so(token: str | None) -> None:
    with pytest.raises(AccessDenied, match="token is missing"):
        LINKS.check_token(ID, token)


def test_the_token_of_another_request_is_denied() -> None:
    with pytest.raises(AccessDenied, match="does not fit this question"):
        LINKS.check_token(ID, LINKS.token(request_id(b"another")))


def test_the_token_of_another_store_is_denied() -> None:
    with pytest.raises(AccessDenied, match="does not fit this question"):
        LINKS.check_token(ID, OTHER_LINKS.token(ID))


@given(st.text() | st.text(st.characters(categories=["Cs"]), min_size=1) | st.text(string.printable))
def test_any_text_but_the_token_is_denied_and_nothing_else_happens(token: str) -> None:
    with pytest.raises(AccessDenied):
        LINKS.check_token(ID, token)


@given(st.integers(0, len(TOKEN) - 1), st.text(min_size=1, max_size=2))
def test_any_other_text_than_the_token_is_denied(position: int, inserted: str) -> None:
    """There is one spelling of the proof: with anything put into it, it is another text."""
    with pytest.raises(AccessDenied):
        LINKS.check_token(ID, TOKEN[:position] + inserted + TOKEN[position:])


@pytest.mark.parametrize("position", [0, 1, 20, len(TOKEN) - 1])
def test_a_changed_token_is_denied(position: int) -> None:
    for letter in string.ascii_letters + string.digits + "-_":
        changed = TOKEN[:position] + letter + TOKEN[position + 1 :]
        if changed != TOKEN:
            with pytest.raises(AccessDenied):
                LINKS.check_token(ID, changed)


@pytest.mark.parametrize("end", range(len(TOKEN)))
def test_a_part_of_the_token_is_denied(end: int) -> None:
    with pytest.raises(AccessDenied):
        LINKS.check_token(ID, TOKEN[:end])


def test_the_recorded_path_is_taken() -> None:
    LINKS.check_response_path(PATH, PATH)


@given(st.text() | st.text(st.characters(categories=["Cs"])))
def test_any_other_path_is_denied_and_nothing_else_happens(given_path: str) -> None:
    with pytest.raises(AccessDenied, match="`response_path`"):
        LINKS.check_response_path(PATH, given_path)


@pytest.mark.parametrize(
    "given_path",
    [
        "",
        PATH[:-1],
        PATH + "/",
        "/" + PATH,
        "./" + PATH,
        PATH.upper(),
        PATH + "\0",
        " " + PATH,
        f"responses/{ID}.json",
        PATH.replace("/", "\\"),
        OTHER_LINKS.response_path(ID),
        LINKS.response_path(request_id(b"another")),
        "../" + PATH,
        f"s3://bucket/hitl/{PATH}",
        PATH + "\ud800",
    ],
)
def test_a_path_that_is_nearly_right_is_denied(given_path: str) -> None:
    with pytest.raises(AccessDenied, match="Copy it again"):
        LINKS.check_response_path(PATH, given_path)
