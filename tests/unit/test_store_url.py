"""Holds what is read from the URL of a store, and what of it is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from flyteplugins.hitl._backend import Backend
from flyteplugins.hitl._store_url import local_folder, without_secrets, wrong_in
from flyteplugins.hitl.errors import InvalidParameter


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("s3://bucket/hitl", "s3://bucket/hitl"),
        ("s3://key:secret@bucket/hitl", "s3://bucket/hitl"),
        ("az://container/hitl?sig=secret", "az://container/hitl"),
        ("abfs://container@account.dfs.core.windows.net/h", "abfs://container@account.dfs.core.windows.net/h"),
        ("abfss://me:secret@account.dfs.core.windows.net/h", "abfss://account.dfs.core.windows.net/h"),
        ("/srv/hitl", "/srv/hitl"),
    ],
)
def test_no_secret_of_a_url_is_shown_and_all_the_rest_is(url: str, shown: str) -> None:
    assert without_secrets(url) == shown


def test_a_file_on_azure_is_found_in_its_container() -> None:
    """The address of an answer that is a file is read by others, with Flyte's own storage."""
    url = "abfs://container@account.dfs.core.windows.net/hitl"

    assert Backend.at(url).url_of("blobs/ab") == f"{url}/blobs/ab"


@pytest.mark.parametrize(
    "url", ["s3:/bucket/hitl", "s3:bucket", "gs:/bucket", "S3:bucket", "file:/srv", "file://srv/hitl"]
)
def test_what_is_nearly_a_url_is_not_taken_for_a_folder(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert wrong_in(url) is not None
    with pytest.raises(InvalidParameter, match="FLYTE_HITL_STORE"):
        Backend.at(url)
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("folder", ["/srv/a:b", "./a:b", "C:\\hitl", "~/hitl", "hitl", "file:///srv/hitl"])
def test_what_is_a_folder_is_one(folder: str) -> None:
    assert wrong_in(folder) is None
    assert local_folder(folder) is not None
