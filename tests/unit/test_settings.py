"""Holds the settings: every variable works as documented, and one that cannot be used is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from flyteplugins.hitl._settings import PREFIX, Settings, default_local_store
from flyteplugins.hitl.errors import InvalidParameter


def read(**variables: str) -> Settings:
    return Settings.from_environment({PREFIX + name: value for name, value in variables.items()})


def test_with_nothing_set_the_defaults_hold() -> None:
    settings = read()

    assert settings == Settings()
    assert (settings.store, settings.endpoint, settings.identity_header) == (None, None, None)
    assert settings.max_characters == 100_000
    assert settings.max_body_bytes == 4 * 1024 * 1024


def test_every_variable_is_read() -> None:
    settings = read(
        STORE="s3://bucket/hitl",
        ENDPOINT="https://hitl.example.org",
        IDENTITY_HEADER="X-Forwarded-User",
        MAX_CHARACTERS="10",
        MAX_BODY_BYTES="2000",
    )

    assert settings == Settings(
        store="s3://bucket/hitl",
        endpoint="https://hitl.example.org",
        identity_header="X-Forwarded-User",
        max_characters=10,
        max_body_bytes=2000,
    )


@pytest.mark.parametrize("name", ["STORE", "ENDPOINT", "IDENTITY_HEADER", "MAX_CHARACTERS", "MAX_BODY_BYTES"])
def test_an_empty_variable_is_one_that_is_not_set(name: str) -> None:
    assert read(**{name: ""}) == Settings()


def test_variables_without_the_prefix_are_not_ours() -> None:
    assert Settings.from_environment({"STORE": "s3://other", "HITL_STORE": "s3://other"}) == Settings()


def test_by_default_the_environment_of_the_process_is_read_as_it_is_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLYTE_HITL_STORE", "/some/folder")

    assert Settings.from_environment().store == "/some/folder"


@pytest.mark.parametrize("name", ["MAX_CHARACTERS", "MAX_BODY_BYTES"])
@pytest.mark.parametrize(
    "text", ["0", "-1", "+5", "1.5", "1e3", "1_000", "1,000", "ten", "5 5", "٣", "²", "00", "0x10", "9" * 5000]
)
def test_a_limit_that_is_no_whole_number_is_refused_by_the_name_of_its_variable(name: str, text: str) -> None:
    with pytest.raises(InvalidParameter, match=f"^{PREFIX}{name}="):
        read(**{name: text})


def test_white_space_around_a_setting_is_no_part_of_it() -> None:
    """Such as the line break at the end of a mounted secret."""
    assert read(STORE=" s3://bucket/hitl\n", IDENTITY_HEADER=" X-User ", MAX_CHARACTERS=" 5\n") == Settings(
        store="s3://bucket/hitl", identity_header="X-User", max_characters=5
    )


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("https://hitl.example.org/", "https://hitl.example.org"),
        ("https://example.org/below/here//", "https://example.org/below/here"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("HTTPS://example.org", "HTTPS://example.org"),
    ],
)
def test_an_endpoint_is_the_address_of_an_app_without_the_last_slash(text: str, endpoint: str) -> None:
    assert read(ENDPOINT=text).endpoint == endpoint


@pytest.mark.parametrize(
    "text",
    [
        "example.org",
        "localhost:8080",
        "ftp://example.org",
        "javascript:alert(1)",
        "file:///etc",
        "http://",
        "http:///path",
        "https://example.org?x=1",
        "https://example.org/#there",
        "/path",
    ],
)
def test_an_endpoint_that_is_no_address_is_refused_by_the_name_of_its_variable(text: str) -> None:
    with pytest.raises(InvalidParameter, match=f"^{PREFIX}ENDPOINT=.*Set one such as"):
        read(ENDPOINT=text)


@pytest.mark.parametrize(
    "text",
    [
        "http://[",
        "http://[::1",
        "http://:80",
        "http://exam ple.org",
        "http://h:99999",
        "http://h:x",
        "https://h/?",
        "https://h/#",
    ],
)
def test_an_endpoint_that_would_make_broken_links_is_refused(text: str) -> None:
    with pytest.raises(InvalidParameter, match=f"^{PREFIX}ENDPOINT="):
        read(ENDPOINT=text)


@pytest.mark.parametrize("text", [" https://example.org", "https://example.org \n", "\thttps://example.org/"])
def test_white_space_around_an_endpoint_never_gets_into_a_link(text: str) -> None:
    assert read(ENDPOINT=text).endpoint == "https://example.org"


def test_on_a_laptop_the_store_is_in_the_home_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))

    assert default_local_store() == str(tmp_path / ".flyte" / "hitl")


@pytest.mark.parametrize(("text", "is_on"), [("", True), ("1", True), ("on", True), ("0", False), ("False", False)])
def test_progress_is_switched_on_and_off(text: str, is_on: bool) -> None:
    assert read(PROGRESS=text).progress is is_on


def test_a_switch_is_on_or_off() -> None:
    with pytest.raises(InvalidParameter, match="FLYTE_HITL_PROGRESS='maybe' is neither on nor off"):
        read(PROGRESS="maybe")
