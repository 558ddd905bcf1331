"""Holds the settings: every variable works as documented, and one that cannot be used is named."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

import flyteplugins.hitl as hitl
from flyteplugins.hitl._settings import (
    PREFIX,
    ServingSettings,
    Settings,
    default_local_store,
    forget_program,
    settings_in_force,
    variable_of,
)
from flyteplugins.hitl.errors import InvalidParameter

ROOT = Path(__file__).parent.parent.parent
NAMES = [each.name for kind in (Settings, ServingSettings) for each in fields(kind) if each.name != "sources"]


def read(**variables: str) -> Settings:
    return Settings.from_environment({PREFIX + name: value for name, value in variables.items()})


def read_serving(**variables: str) -> ServingSettings:
    return ServingSettings.from_environment({PREFIX + name: value for name, value in variables.items()})


@pytest.fixture
def program() -> Iterator[None]:
    """What a test sets is taken back."""
    yield
    forget_program()


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
        PUSH="true",
    )

    assert settings == Settings(
        store="s3://bucket/hitl",
        endpoint="https://hitl.example.org",
        identity_header="X-Forwarded-User",
        max_characters=10,
        max_body_bytes=2000,
        push=True,
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
    ("text", "store"),
    [
        ("s3://bucket/hitl/", "s3://bucket/hitl"),
        ("gs://bucket/a/b//", "gs://bucket/a/b"),
        ("abfs://container@account.dfs.core.windows.net/", "abfs://container@account.dfs.core.windows.net"),
        ("file:///", "file:///"),
        ("/", "/"),
        ("~/hitl/", "~/hitl/"),
    ],
)
def test_a_store_has_one_spelling_whether_or_not_a_slash_ends_it(text: str, store: str) -> None:
    """The app of a store is found by its URL."""
    assert read(STORE=text).store == store


@pytest.mark.parametrize("text", ["https://me:the-secret@h", "https://me@h/x", "me:the-secret@h", "http://a@b?c=@"])
@pytest.mark.parametrize("name", ["ENDPOINT", "PUBLIC_ADDRESS"])
def test_an_address_that_names_somebody_is_refused_and_not_shown(name: str, text: str) -> None:
    reading = read if name == "ENDPOINT" else read_serving
    with pytest.raises(InvalidParameter, match=f"^{PREFIX}{name} holds a name or a password") as caught:
        reading(**{name: text})

    assert "the-secret" not in str(caught.value)


def test_an_at_sign_below_an_address_names_nobody() -> None:
    assert read(ENDPOINT="https://h/@team").endpoint == "https://h/@team"


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


@pytest.mark.parametrize(("text", "is_on"), [("", True), ("1", True), ("true", True), ("0", False), ("False", False)])
def test_progress_is_switched_on_and_off(text: str, is_on: bool) -> None:
    assert read(PROGRESS=text).progress is is_on


def test_every_variable_of_serving_is_read() -> None:
    assert read_serving(
        PUBLIC_ADDRESS="https://hitl.example.org/",
        CHECK_ENDPOINT="false",
        IMAGE="example.org/hitl:1",
        CPU="500m",
        MEMORY="1Gi",
        MIN_REPLICAS="1",
        MAX_REPLICAS="3",
        SERVE_TIMEOUT_SECONDS="12.5",
    ) == ServingSettings(
        public_address="https://hitl.example.org",
        check_endpoint=False,
        image="example.org/hitl:1",
        cpu="500m",
        memory="1Gi",
        min_replicas=1,
        max_replicas=3,
        serve_timeout_seconds=12.5,
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PUBLIC_ADDRESS", "example.org"),
        ("CHECK_ENDPOINT", "maybe"),
        ("IMAGE", "two words"),
        ("CPU", "0"),
        ("CPU", "-1"),
        ("CPU", "many"),
        ("CPU", "1e3"),
        ("MEMORY", "512 Mi"),
        ("MEMORY", "512MB"),
        ("MEMORY", "0Mi"),
        ("MIN_REPLICAS", "-1"),
        ("MIN_REPLICAS", "1001"),
        ("MAX_REPLICAS", "0"),
        ("SERVE_TIMEOUT_SECONDS", "0"),
        ("SERVE_TIMEOUT_SECONDS", "nan"),
        ("SERVE_TIMEOUT_SECONDS", "inf"),
        ("SERVE_TIMEOUT_SECONDS", "3601"),
        ("SERVE_TIMEOUT_SECONDS", "1_0"),
    ],
)
def test_a_variable_of_serving_that_cannot_be_used_is_refused_by_its_name(name: str, text: str) -> None:
    with pytest.raises(InvalidParameter, match=f"^{PREFIX}{name}=.*Set one"):
        read_serving(**{name: text})


def test_more_replicas_at_least_than_at_most_are_refused_by_both_names() -> None:
    with pytest.raises(InvalidParameter, match=r"FLYTE_HITL_MIN_REPLICAS is 2 and FLYTE_HITL_MAX_REPLICAS is 1"):
        read_serving(MIN_REPLICAS="2")


class TestConfigure:
    """What a program sets."""

    def test_it_takes_every_setting_by_name(self) -> None:
        parameters = inspect.signature(hitl.configure).parameters

        assert list(parameters) == NAMES
        assert {each.kind for each in parameters.values()} == {inspect.Parameter.KEYWORD_ONLY}

    @pytest.mark.usefixtures("program")
    def test_it_holds_where_no_variable_is_set(self) -> None:
        hitl.configure(store="s3://program/hitl", max_characters=7, cpu=0.5, check_endpoint=False)

        assert (read().store, read().max_characters) == ("s3://program/hitl", 7)
        assert (read_serving().cpu, read_serving().check_endpoint) == ("0.5", False)

    @pytest.mark.usefixtures("program")
    def test_a_variable_wins_over_it(self) -> None:
        hitl.configure(store="s3://program/hitl", max_characters=7)

        assert read(STORE="s3://operator/hitl") == Settings(store="s3://operator/hitl", max_characters=7)

    @pytest.mark.usefixtures("program")
    def test_what_is_left_out_stays_as_it_was_set_before(self) -> None:
        hitl.configure(store="s3://program/hitl", memory="1Gi")
        hitl.configure(memory="2Gi")

        assert (read().store, read_serving().memory) == ("s3://program/hitl", "2Gi")

    @pytest.mark.usefixtures("program")
    def test_a_value_that_cannot_be_used_is_refused_at_once_by_its_name_and_nothing_of_the_call_is_taken(self) -> None:
        with pytest.raises(InvalidParameter, match=r"^hitl\.configure: max_characters='0' is not a whole number"):
            hitl.configure(store="s3://program/hitl", max_characters=0)

        assert read() == Settings()

    @pytest.mark.usefixtures("program")
    def test_a_switch_is_no_number(self) -> None:
        with pytest.raises(InvalidParameter, match="max_characters"):
            hitl.configure(max_characters=True)


class TestInForce:
    """Where each value came from."""

    def test_with_nothing_set_all_are_defaults(self) -> None:
        assert {each.source for each in settings_in_force({})} == {"default"}
        assert [each.name for each in settings_in_force({})] == NAMES

    @pytest.mark.usefixtures("program")
    def test_each_tells_who_set_it(self) -> None:
        hitl.configure(store="s3://program/hitl", memory="1Gi", max_characters=7)

        told = settings_in_force({"FLYTE_HITL_MAX_CHARACTERS": "5"}, {"store": "s3://found", "endpoint": "http://h"})

        by_name = {each.name: (each.value, each.source) for each in told}
        assert by_name["store"] == ("s3://program/hitl", "configure")
        assert by_name["memory"] == ("1Gi", "configure")
        assert by_name["max_characters"] == (5, "environment")
        assert by_name["endpoint"] == ("http://h", "task")
        assert by_name["cpu"] == ("1", "default")


def test_the_documented_table_has_every_setting_and_no_other() -> None:
    page = (ROOT / "docs" / "reference" / "settings.md").read_text()

    assert re.findall(r"^\| `(FLYTE_HITL_\w+)`", page, re.MULTILINE) == [variable_of(name) for name in NAMES]
