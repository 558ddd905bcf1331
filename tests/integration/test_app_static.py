"""Style sheets and scripts: of the type that a browser wants, kept for long, and all of one version."""

from __future__ import annotations

import re

import pytest

from flyteplugins.hitl.app._static import STATIC_VERSION
from tests.support.sites import Site


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("app.css", "text/css"),
        ("table.js", "text/javascript"),
        ("app.js", "text/javascript"),
        ("icon.svg", "image/svg"),
    ],
)
@pytest.mark.parametrize("address", ["static/{version}/{name}", "static/{name}?v={version}"])
def test_a_file_is_kept_for_a_year_under_its_version(site: Site, address: str, name: str, media_type: str) -> None:
    reply = site.client.get("/" + address.format(version=STATIC_VERSION, name=name))

    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith(media_type)
    assert reply.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("address", ["static/0123456789ab/table.js", "static/table.js", "static/table.js?v=old"])
def test_a_file_of_another_version_is_not_kept(site: Site, address: str) -> None:
    reply = site.client.get(f"/{address}")

    assert reply.status_code == 200
    assert reply.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "address", ["static/a/b/table.js", "static/", f"static/{STATIC_VERSION}/", "static/_static.py"]
)
def test_nothing_else_is_there(site: Site, address: str) -> None:
    assert site.client.get(f"/{address}").status_code == 404


def test_scripts_import_what_is_beside_them_and_so_of_their_own_version(site: Site) -> None:
    script = site.client.get(f"/static/{STATIC_VERSION}/table.js").text

    imported = re.findall(r'from "([^"]+)"', script)
    assert imported
    for address in imported:
        assert re.fullmatch(r"\./table-[a-z]+\.js", address)
        assert site.client.get(f"/static/{STATIC_VERSION}/{address[2:]}").status_code == 200
