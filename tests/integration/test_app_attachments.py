"""What is shown with a question, over HTTP: whole, in parts, once only for whom it is, and as nothing that could run.

Holds P6 and P8 for attachments: the record says which file it is, and what a browser may take it for.
"""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from flyteplugins.hitl import show
from flyteplugins.hitl._form_link import FormLink
from flyteplugins.hitl.app._attachments import SHOWN_TYPES
from tests.support.questions import question
from tests.support.raw_objects import raw_objects
from tests.support.shown import GIF, HTML, MP4, PDF, SVG, kept, png, showing, wav
from tests.support.sites import Site

pytestmark = pytest.mark.slow

CONTENT = bytes(range(256)) * 10_000


def asked(site: Site, *things: Any) -> FormLink:
    """The link to a question with which things are shown."""
    return site.ask(showing(question(), asyncio.run(kept(site.service, *things))))


def get(
    site: Site, link: FormLink, number: object = 0, *, token: str | None = None, file: object = None, **headers: str
) -> httpx.Response:
    parameters = {"token": link.token if token is None else token, **({} if file is None else {"file": str(file)})}
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return site.client.get(f"/attachment/{link.request.request_id}/{number}", params=parameters, headers=sent)


def digest_of(link: FormLink, number: int = 0) -> str:
    return link.request.question.show[number].files[0].digest


def test_a_file_is_sent_whole(site: Site) -> None:
    reply = get(site, asked(site, CONTENT))

    assert reply.status_code == 200
    assert reply.content == CONTENT
    assert reply.headers["content-length"] == str(len(CONTENT))
    assert reply.headers["accept-ranges"] == "bytes"
    assert "content-range" not in reply.headers


@pytest.mark.parametrize(
    ("wanted", "start", "end"),
    [
        ("bytes=0-", 0, 2_560_000),
        ("bytes=0-0", 0, 1),
        ("bytes=1000-1999999", 1000, 2_000_000),
        ("bytes=-7", 2_559_993, 2_560_000),
        ("bytes=2559999-9999999", 2_559_999, 2_560_000),
    ],
)
def test_a_part_of_a_file_is_sent(wanted: str, start: int, end: int, site: Site) -> None:
    reply = get(site, asked(site, CONTENT), range=wanted)

    assert reply.status_code == 206
    assert reply.content == CONTENT[start:end]
    assert reply.headers["content-range"] == f"bytes {start}-{end - 1}/2560000"
    assert reply.headers["content-length"] == str(end - start)


@pytest.mark.parametrize("wanted", ["bytes=2560000-", "bytes=-0"])
def test_a_part_past_the_end_is_refused_with_the_size(wanted: str, site: Site) -> None:
    reply = get(site, asked(site, CONTENT), range=wanted, accept="application/json")

    assert reply.status_code == 416
    assert reply.headers["content-range"] == "bytes */2560000"
    assert reply.headers["cache-control"] == "no-store"
    assert reply.json()["status"] == 416


@pytest.mark.parametrize("wanted", ["bytes=0-1,3-4", "bytes=3-1", "items=0-1"])
def test_what_asks_for_no_one_part_gets_all(wanted: str, site: Site) -> None:
    reply = get(site, asked(site, b"\0" * 10), range=wanted)

    assert (reply.status_code, reply.content) == (200, b"\0" * 10)


def test_a_download_goes_on_only_with_the_same_content(site: Site) -> None:
    link = asked(site, CONTENT)
    tag = get(site, link).headers["etag"]

    assert tag == f'"{digest_of(link)}"'
    assert get(site, link, range="bytes=5-6", if_range=tag).status_code == 206
    assert get(site, link, range="bytes=5-6", if_range='"other"').status_code == 200
    assert get(site, link, range="bytes=5-6", if_range="Fri, 02 Jan 2026 00:00:00 GMT").content == CONTENT


def test_what_a_browser_has_is_not_sent_again(site: Site) -> None:
    link = asked(site, CONTENT)
    reply = get(site, link, if_none_match=f'"{digest_of(link)}"')

    assert (reply.status_code, reply.content) == (304, b"")
    assert get(site, link, if_none_match='"other"').status_code == 200
    assert get(site, link).headers["cache-control"] == "private, max-age=31536000, immutable"


@pytest.mark.parametrize(("headers", "status", "size"), [({}, 200, "2560000"), ({"range": "bytes=0-9"}, 206, "10")])
def test_head_tells_the_same_and_sends_nothing(headers: dict[str, str], status: int, size: str, site: Site) -> None:
    link = asked(site, CONTENT)
    address = f"/attachment/{link.request.request_id}/0"
    reply = site.client.head(address, params={"token": link.token}, headers=headers)

    assert (reply.status_code, reply.headers["content-length"], reply.content) == (status, size, b"")


def test_head_reads_nothing_of_the_content(site: Site) -> None:
    link = asked(site, CONTENT + b"of its own")
    raw_objects(site.store).delete(f"attachments/{digest_of(link)}")
    reply = site.client.head(f"/attachment/{link.request.request_id}/0", params={"token": link.token})

    assert reply.status_code == 200


def test_an_empty_file_is_sent(site: Site) -> None:
    link = asked(site, show.File(b""))

    assert (get(site, link).status_code, get(site, link).content) == (200, b"")
    assert get(site, link, range="bytes=0-").status_code == 416


@pytest.mark.parametrize(
    ("thing", "media_type"),
    [
        (png(), "image/png"),
        (GIF, "image/gif"),
        (SVG, "image/svg+xml"),
        (PDF, "application/pdf"),
        (wav(), "audio/wav"),
        (MP4, "video/mp4"),
    ],
)
def test_what_a_browser_may_open_is_sent_as_what_it_is(thing: bytes, media_type: str, site: Site) -> None:
    reply = get(site, asked(site, thing))

    assert reply.headers["content-type"] == media_type
    assert reply.headers["content-disposition"].startswith("inline; ")


@pytest.mark.parametrize(
    "thing",
    [HTML, show.Text(HTML.decode(), name="page.html"), show.File(SVG, name="a.svg"), {"a": 1}, "text", b"\0"],
    ids=["bytes", "html", "svg", "json", "markdown", "binary"],
)
def test_everything_else_is_only_downloaded(thing: Any, site: Site) -> None:
    reply = get(site, asked(site, thing))

    assert reply.headers["content-type"] == "application/octet-stream"
    assert reply.headers["content-disposition"].startswith("attachment; ")


@pytest.mark.parametrize("claimed", ["text/html", "image/svg+xml; charset=utf-8", "application/xhtml+xml", "TEXT/HTML"])
def test_a_record_that_claims_what_could_run_is_not_believed(claimed: str, site: Site) -> None:
    (attachment,) = asyncio.run(kept(site.service, HTML))
    file = attachment.files[0].model_copy(update={"media_type": claimed})
    link = site.ask(showing(question(), (attachment.model_copy(update={"files": (file,)}),)))

    assert get(site, link).headers["content-type"] == "application/octet-stream"


def test_no_type_that_is_opened_can_run_script_but_svg() -> None:
    """Which runs none in the sandbox that every reply sets up: see the tests in a browser."""
    assert {kind for kind in SHOWN_TYPES if not kind.startswith(("image/", "audio/", "video/"))} == {"application/pdf"}
    assert [kind for kind in SHOWN_TYPES if "xml" in kind or "html" in kind] == ["image/svg+xml"]


@pytest.mark.parametrize("thing", [png(), SVG, HTML, PDF])
def test_every_file_comes_in_a_sandbox(thing: bytes, site: Site) -> None:
    headers = get(site, asked(site, thing)).headers

    assert "sandbox" in headers["content-security-policy"].split("; ")
    assert headers["content-security-policy"].startswith("default-src 'none'; ")
    assert "script" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("name", "plain", "encoded"),
    [
        ("report.pdf", "report.pdf", "report.pdf"),
        ("Größe, 50% 漢字.pdf", "Gr__e, 50_ __.pdf", "Gr%C3%B6%C3%9Fe%2C%2050%25%20%E6%BC%A2%E5%AD%97.pdf"),
        ('a"; filename="b.html', "a_; filename=_b.html", "a%22%3B%20filename%3D%22b.html"),
        ("a\r\nSet-Cookie: x=1", "a__Set-Cookie: x=1", "a%0D%0ASet-Cookie%3A%20x%3D1"),
    ],
)
def test_a_file_is_called_what_the_record_says_and_no_more(name: str, plain: str, encoded: str, site: Site) -> None:
    (attachment,) = asyncio.run(kept(site.service, PDF))
    file = attachment.files[0].model_copy(update={"file_name": name})
    link = site.ask(showing(question(), (attachment.model_copy(update={"files": (file,)}),)))
    reply = get(site, link)

    assert reply.headers["content-disposition"] == f"inline; filename=\"{plain}\"; filename*=UTF-8''{encoded}"
    assert "set-cookie" not in reply.headers


def test_each_file_of_a_thing_has_an_address_of_its_own(site: Site) -> None:
    link = asked(site, show.Diff("what was", "what is to be"))

    assert get(site, link).content == b"what was"
    assert get(site, link, file=1).content == b"what is to be"


@pytest.mark.parametrize("token", ["", "x", "wrong" * 20])
def test_nothing_is_sent_without_the_links_token(token: str, site: Site) -> None:
    reply = get(site, asked(site, CONTENT), token=token, accept="application/json")

    assert reply.status_code == 403
    assert reply.json()["type"].endswith(":AccessDenied")


def test_the_token_of_one_question_opens_nothing_of_another(site: Site) -> None:
    assert get(site, asked(site, CONTENT), token=asked(site, "other").token).status_code == 403


@pytest.mark.parametrize(
    ("number", "file"),
    [
        ("1", 0),
        ("0", 1),
        ("-1", 0),
        ("00000", 0),
        ("x", 0),
        ("0x0", 0),
        ("٠", 0),
        ("0", "-1"),
        ("0", ""),
        ("9" * 30, 0),
    ],
)
def test_what_is_not_shown_is_not_found(number: str, file: object, site: Site) -> None:
    reply = get(site, asked(site, CONTENT), number, file=file, accept="application/json")

    assert reply.status_code == 404
    assert reply.json()["type"].endswith(":AttachmentNotFound")


def test_a_question_that_shows_nothing_has_no_attachment(site: Site) -> None:
    assert get(site, site.ask()).status_code == 404


@pytest.mark.parametrize("path", ["a" * 26 + "/0", "../keys/signing.json/0", "%2e%2e%2fkeys/0", "x/..%2f..%2fkeys"])
def test_no_path_of_a_client_leads_into_the_store(path: str, site: Site) -> None:
    reply = site.client.get(f"/attachment/{path}?token=x")

    assert reply.status_code == 404
    assert "secret" not in reply.text


def test_what_was_shown_can_still_be_seen_once_the_question_is_closed(site: Site) -> None:
    link = asked(site, CONTENT, {"the key": "the value"})
    site.answer(link, "true")

    assert get(site, link).content == CONTENT
    assert "the value" in site.client.get(link.form_url).text


def test_no_address_of_a_file_takes_a_post(site: Site) -> None:
    link = asked(site, CONTENT)
    reply = site.client.post(f"/attachment/{link.request.request_id}/0", params={"token": link.token})

    assert reply.status_code == 405


def test_a_file_that_is_gone_is_an_error_and_the_form_still_takes_an_answer(site: Site) -> None:
    link = asked(site, CONTENT, {"the key": "the value"})
    objects = raw_objects(site.store)
    objects.delete(f"attachments/{digest_of(link)}")
    preview = link.request.question.show[1].preview
    objects.delete(f"attachments/{preview}")

    reply = get(site, link, accept="application/json")
    page = site.client.get(link.form_url)

    assert reply.status_code == 500
    assert "is gone" in reply.json()["detail"]
    assert page.status_code == 200
    assert "It cannot be read for now" in page.text
    assert site.send_form(link, "true").status_code == 303


@pytest.mark.parametrize("content", [b"{", b"\xff", b'{"rows": 1}'], ids=["half", "no text", "other"])
def test_a_preview_that_something_else_wrote_does_not_hide_the_question(content: bytes, site: Site) -> None:
    link = asked(site, {"some": ["thing", content.hex()]})
    raw_objects(site.store).put(f"attachments/{link.request.question.show[0].preview}", content)

    page = site.client.get(link.form_url)

    assert page.status_code == 200
    assert "It cannot be read for now" in page.text


def test_of_more_than_a_page_can_hold_the_rest_is_offered_as_files(site: Site) -> None:
    link = asked(site, *(show.Text(f"{number} " + "word " * 19_990) for number in range(30)))

    page = site.client.get(link.form_url)

    assert page.text.count('<pre class="shown-text"') == 20
    assert page.text.count("There is much on this page already.") == 10
    assert page.text.count(" download=") == 30


def test_a_kind_of_a_later_version_is_offered_as_a_file(site: Site) -> None:
    (attachment,) = asyncio.run(kept(site.service, PDF))
    link = site.ask(showing(question(), (attachment.model_copy(update={"kind": "../../form"}),)))

    page = site.client.get(link.form_url)

    assert page.status_code == 200
    assert "This version of the app cannot show it." in page.text


def test_a_form_that_is_refused_comes_back_with_what_is_shown(site: Site) -> None:
    (attachment,) = asyncio.run(kept(site.service, show.Image(png(), name="plot")))
    content = question(int, prompt="![the plot](attachment:plot)")
    link = site.ask(showing(content, (attachment,)))

    page = site.send_form(link, "many")

    assert page.status_code == 422
    assert f'src="./attachment/{link.request.request_id}/0?token={link.token}"' in page.text
    closed = site.client.get(f"/attachment/{link.request.request_id}/0?token={link.token}")
    assert closed.status_code == 200


def test_a_picture_in_the_prompt_is_not_shown_once_more(site: Site) -> None:
    (attachment,) = asyncio.run(kept(site.service, show.Image(png(), name="plot")))

    def pictures(prompt: str) -> int:
        return site.client.get(site.ask(showing(question(prompt=prompt), (attachment,))).form_url).text.count(
            '<img src="../attachment'
        )

    assert pictures("![the plot](attachment:plot)") == 1
    assert pictures("See the plot below.") == 1
    assert pictures("![a](attachment:plot) ![b](attachment:plot)") == 2
