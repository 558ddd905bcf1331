"""Files in a real browser: chosen, dropped, pasted, with their progress; taken back, refused, sent without script."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from flyte.io import File
from playwright.sync_api import Browser, Page, expect
from pydantic import BaseModel, Field

from flyteplugins.hitl import Upload
from flyteplugins.hitl._records import Request
from tests.support.browser import Watched, accessibility_faults, hold, overflows, until_held, watched_page
from tests.support.house import House, run
from tests.support.reader import accepted, send, show
from tests.support.uploads import PDF, PNG, pattern

pytestmark = pytest.mark.slow

UPLOADS = "**/upload/*"


@dataclass
class Claim:
    title: str
    scan: Annotated[File, Upload(max_bytes=100_000, media_types=("image/*", "application/pdf"))]
    photos: Annotated[list[File], Upload(media_types=("image/*",))]


class Scan(BaseModel):
    kind: Literal["page"] = "page"
    scan: File


class Fork(BaseModel):
    kind: Literal["fork"] = "fork"
    left: Parts
    right: Parts


Parts = Annotated[Scan | Fork, Field(discriminator="kind")]


@pytest.fixture
def files(tmp_path: Path) -> Callable[..., Path]:
    """Puts a file on the disk from which the browser takes it."""

    def put(name: str, content: bytes) -> Path:
        path = tmp_path / "chosen" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        return path

    return put


def value_of(house: House, request: Request) -> Any:
    """The answer as the workflow gets it, before it is made into Flyte's file."""
    response = house.response(request)
    assert response is not None
    return run(house.service.value(request, response))


def choose(page: Page, name: str, *paths: Path) -> None:
    page.locator(f"[id='{name}']").set_input_files(list(paths))


def rows(page: Page, name: str) -> Any:
    return page.locator(f"[data-upload='{name}'] .upload")


def ready(page: Page, name: str) -> Any:
    """The rows of files that are there."""
    return page.locator(f"[data-upload='{name}'] .upload:has(input[type=hidden])")


def test_files_are_chosen_and_reach_the_workflow(house: House, page: Page, files: Callable[..., Path]) -> None:
    request = house.ask(Claim)
    show(house, page, request)
    page.get_by_label("Title").fill("t")
    choose(page, "value.scan", files("scan 年.pdf", PDF + pattern(50_000)))
    choose(page, "value.photos", files("one.png", PNG + b"1"), files("two.png", PNG + b"2"))
    expect(ready(page, "value.scan")).to_contain_text("scan 年.pdf")
    expect(ready(page, "value.photos")).to_have_count(2)
    send(page)

    expect(accepted(page)).to_be_visible()
    expect(page.get_by_role("link", name="Download scan 年.pdf")).to_be_visible()
    value = value_of(house, request)
    assert Path(value["scan"]["path"]).read_bytes() == PDF + pattern(50_000)
    assert sorted(each["name"] for each in value["photos"]) == ["one.png", "two.png"]
    with page.expect_download() as download:
        page.get_by_role("link", name="Download scan 年.pdf").click()
    assert download.value.path().read_bytes() == PDF + pattern(50_000)


def test_progress_is_shown_and_an_upload_can_be_cancelled(house: House, page: Page, files: Callable[..., Path]) -> None:
    request = house.ask(list[File])
    show(house, page, request)
    held = hold(page, UPLOADS)
    choose(page, "value", files("slow.bin", pattern(2_000_000)), files("kept.txt", b"kept"))
    until_held(page, held, 2)
    expect(page.get_by_role("progressbar", name="Uploading slow.bin")).to_be_visible()
    page.get_by_role("button", name="Cancel slow.bin").click()
    expect(rows(page, "value")).to_have_count(1)
    for route in held:
        if "kept.txt" in route.request.url:
            route.continue_()
    expect(ready(page, "value")).to_have_count(1)
    send(page)

    expect(accepted(page)).to_be_visible()
    assert [each["name"] for each in value_of(house, request)] == ["kept.txt"]


def test_progress_is_announced_when_it_ends(house: House, page: Page, files: Callable[..., Path]) -> None:
    show(house, page, house.ask(File))
    choose(page, "value", files("scan.pdf", PDF))
    expect(page.locator("[data-upload-status]")).to_have_text("scan.pdf was uploaded.")
    assert page.locator("[data-upload-status]").get_attribute("role") == "status"


def test_an_answer_is_not_sent_while_a_file_is_on_its_way(house: House, page: Page, files: Callable[..., Path]) -> None:
    request = house.ask(list[File])
    show(house, page, request)
    held = hold(page, UPLOADS)
    choose(page, "value", files("slow.bin", b"slow"))
    until_held(page, held, 1)
    send(page)
    expect(page.locator("#live")).to_contain_text("still on its way")
    held[0].continue_()
    expect(ready(page, "value")).to_have_count(1)
    assert house.is_open(request)
    send(page)
    expect(accepted(page)).to_be_visible()


def test_a_file_is_taken_back_and_another_chosen(house: House, page: Page, files: Callable[..., Path]) -> None:
    request = house.ask(File)
    show(house, page, request)
    choose(page, "value", files("wrong.pdf", PDF))
    expect(ready(page, "value")).to_have_count(1)
    page.get_by_role("button", name="Remove wrong.pdf").click()
    expect(rows(page, "value")).to_have_count(0)
    expect(page.locator("#value")).to_be_focused()
    choose(page, "value", files("middle.pdf", PDF))
    expect(ready(page, "value")).to_contain_text("middle.pdf")
    choose(page, "value", files("right.pdf", PDF))
    expect(ready(page, "value")).to_contain_text("right.pdf")
    expect(rows(page, "value")).to_have_count(1)
    send(page)

    expect(accepted(page)).to_be_visible()
    assert value_of(house, request)["name"] == "right.pdf"


def transfer(page: Page, name: str, media_type: str, content: bytes) -> Any:
    """What a browser hands on when a file is dropped or pasted."""
    return page.evaluate_handle(
        """([name, type, content]) => {
            const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
            const transfer = new DataTransfer();
            transfer.items.add(new File([bytes], name, { type }));
            return transfer;
        }""",
        [name, media_type, base64.b64encode(content).decode()],
    )


def test_a_file_is_dropped_into_its_field(house: House, page: Page) -> None:
    request = house.ask(Claim)
    show(house, page, request)
    page.get_by_label("Title").fill("t")
    page.dispatch_event(
        "[data-upload='value.scan'] .file-drop",
        "drop",
        {"dataTransfer": transfer(page, "a.pdf", "application/pdf", PDF)},
    )
    expect(ready(page, "value.scan")).to_contain_text("a.pdf")
    send(page)
    expect(accepted(page)).to_be_visible()
    assert Path(value_of(house, request)["scan"]["path"]).read_bytes() == PDF


def test_a_file_that_lands_beside_the_field_leaves_the_page_alone(house: House, page: Page) -> None:
    show(house, page, house.ask(Claim))
    page.get_by_label("Title").fill("still here")
    page.dispatch_event("h1", "drop", {"dataTransfer": transfer(page, "a.pdf", "application/pdf", PDF)})
    expect(page.get_by_label("Title")).to_have_value("still here")
    expect(page.locator(".upload")).to_have_count(0)


def test_an_image_is_pasted(house: House, page: Page) -> None:
    request = house.ask(File)
    show(house, page, request)
    page.evaluate(
        "(data) => document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }))",
        transfer(page, "image.png", "image/png", PNG),
    )
    expect(ready(page, "value")).to_contain_text("image.png")
    send(page)
    expect(accepted(page)).to_be_visible()
    assert value_of(house, request)["name"] == "image.png"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("large.pdf", PDF + pattern(100_000), "It is too large: at most 100 kB are taken."),
        ("text.txt", b"text", "Files of this type are not taken."),
    ],
)
def test_what_will_not_be_taken_is_told_before_it_is_sent(
    name: str, content: bytes, reason: str, house: House, watched: Watched, files: Callable[..., Path]
) -> None:
    page, request = watched.page, house.ask(Claim)
    show(house, page, request)
    page.get_by_label("Title").fill("t")
    choose(page, "value.scan", files(name, content))
    expect(rows(page, "value.scan")).to_contain_text(reason)
    assert watched.sent("POST", f"/upload/{request.request_id}") == 0
    choose(page, "value.scan", files("right.pdf", PDF))
    expect(ready(page, "value.scan")).to_contain_text("right.pdf")
    expect(rows(page, "value.scan")).to_have_count(1)
    send(page)
    expect(accepted(page)).to_be_visible()


def test_what_the_app_refuses_is_told_in_its_words_and_not_sent_along(
    house: House, watched: Watched, files: Callable[..., Path]
) -> None:
    page = watched.page
    show(house, page, house.ask(Claim))
    page.get_by_label("Title").fill("t")
    choose(page, "value.scan", files("scan.pdf", PDF))
    choose(page, "value.photos", files("lie.png", b"no image"))
    expect(rows(page, "value.photos")).to_contain_text("is not taken")
    expect(ready(page, "value.scan")).to_contain_text("scan.pdf")
    send(page)
    expect(page.locator("#live")).to_contain_text("was not uploaded")
    page.get_by_role("button", name="Remove lie.png").click()
    send(page)
    expect(accepted(page)).to_be_visible()
    watched.faults[:] = [fault for fault in watched.faults if "415" not in fault]


def test_an_upload_that_failed_is_tried_again(house: House, watched: Watched, files: Callable[..., Path]) -> None:
    page, request = watched.page, house.ask(File)
    show(house, page, request)
    page.route(UPLOADS, lambda route: route.abort(), times=1)
    choose(page, "value", files("scan.pdf", PDF))
    expect(rows(page, "value")).to_contain_text("The app could not be reached.")
    page.get_by_role("button", name="Try again").click()
    expect(ready(page, "value")).to_have_count(1)
    send(page)
    expect(accepted(page)).to_be_visible()
    watched.faults[:] = [fault for fault in watched.faults if "ERR_FAILED" not in fault]


def test_files_outlive_rows_that_are_added_and_errors_elsewhere(
    house: House, page: Page, files: Callable[..., Path]
) -> None:
    request = house.ask(list[Claim])
    show(house, page, request)
    page.get_by_role("button", name="Add", exact=False).first.click()
    choose(page, "value.0.scan", files("first.pdf", PDF))
    expect(ready(page, "value.0.scan")).to_have_count(1)
    held = hold(page, UPLOADS)
    choose(page, "value.0.photos", files("slow.png", PNG))
    until_held(page, held, 1)
    page.locator("button[value='add:value']").click()
    expect(page.locator("[id='value.1.scan']")).to_be_visible()
    expect(ready(page, "value.0.scan")).to_contain_text("first.pdf")
    expect(page.get_by_role("progressbar", name="Uploading slow.png")).to_be_visible()
    held[0].continue_()
    expect(ready(page, "value.0.photos")).to_have_count(1)
    page.unroute(UPLOADS)
    choose(page, "value.1.scan", files("second.pdf", PDF))
    expect(ready(page, "value.1.scan")).to_have_count(1)
    page.locator("#comment").evaluate("element => { element.value = 'x'.repeat(5001); }")
    send(page)
    expect(page.get_by_role("alert")).to_contain_text("5,001 characters")
    expect(ready(page, "value.0.scan")).to_contain_text("first.pdf")
    expect(ready(page, "value.0.photos")).to_contain_text("slow.png")
    expect(ready(page, "value.1.scan")).to_contain_text("second.pdf")
    page.locator("#comment").fill("")
    send(page)
    expect(accepted(page)).to_be_visible()
    assert [each["scan"]["name"] for each in value_of(house, request)] == ["first.pdf", "second.pdf"]


def test_a_file_that_has_to_be_there_is_asked_for_before_anything_is_sent(
    house: House, watched: Watched, files: Callable[..., Path]
) -> None:
    page = watched.page
    show(house, page, house.ask(File))
    send(page)
    expect(page.locator("#value:invalid")).to_have_count(1)
    assert watched.sent("POST", "/submit") == 0


def test_without_script_files_are_sent_with_the_form(house: House, plain: Page, files: Callable[..., Path]) -> None:
    request = house.ask(Claim)
    show(house, plain, request)
    choose(plain, "value.scan", files("scan.pdf", PDF))
    choose(plain, "value.photos", files("lie.png", b"no image"), files("two.png", PNG))
    send(plain)
    expect(plain.get_by_role("alert")).to_contain_text("lie.png")
    expect(plain.get_by_text("scan.pdf", exact=True)).to_be_visible()
    plain.get_by_role("button", name="Remove two.png").click()
    expect(plain.get_by_text("two.png", exact=True)).to_have_count(0)
    plain.get_by_label("Title").fill("t")
    choose(plain, "value.photos", files("three.png", PNG))
    send(plain)

    expect(accepted(plain)).to_be_visible()
    value = value_of(house, request)
    assert Path(value["scan"]["path"]).read_bytes() == PDF
    assert [each["name"] for each in value["photos"]] == ["three.png"]


def test_without_script_fields_are_shown_beside_a_file_that_was_chosen(
    house: House, plain: Page, files: Callable[..., Path]
) -> None:
    request = house.ask(Fork)
    show(house, plain, request)
    left, right = (plain.locator(f"[id='value.{side}']") for side in ("left", "right"))
    left.get_by_role("radio", name="Scan").check()
    choose(plain, "value.left.page.scan", files("scan.pdf", PDF))
    right.get_by_role("radio", name="Fork").check()
    right.get_by_role("button", name="Show its fields").click()
    expect(plain.get_by_text("scan.pdf", exact=True)).to_be_visible()
    expect(plain.locator("[id='value.right.fork.left']")).to_be_visible()


LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 375, "height": 800}},
}


@pytest.fixture(params=list(LOOKS))
def styled(request: pytest.FixtureRequest, browser: Browser, house: House) -> Iterator[Watched]:
    """A page in the light, in the dark, and on a phone."""
    with watched_page(browser, house.endpoint, **LOOKS[request.param]) as watched:
        yield watched


def test_a_field_for_files_can_be_read_and_used_by_everybody(
    house: House, styled: Watched, files: Callable[..., Path]
) -> None:
    page = styled.page
    show(house, page, house.ask(Claim))
    assert not accessibility_faults(page)
    held = hold(page, UPLOADS)
    choose(page, "value.photos", files("x" * 100 + ".png", PNG), files("slow.png", PNG))
    until_held(page, held, 2)
    choose(page, "value.scan", files("text.txt", b"text"))
    assert not accessibility_faults(page)
    assert not overflows(page)
    held[0].continue_()
    expect(ready(page, "value.photos")).to_have_count(1)
    assert not accessibility_faults(page)
