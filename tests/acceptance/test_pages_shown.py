"""What is shown with a question, in a real browser: every kind, readable for everybody, and usable by keyboard."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib.figure
import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Locator, Page, expect

from flyteplugins.hitl import show as shown
from flyteplugins.hitl._records import Request
from tests.support.browser import Watched
from tests.support.house import House, run
from tests.support.inspection import inspect
from tests.support.questions import asked, question
from tests.support.reader import accepted, show
from tests.support.shown import PDF, kept, png, showing, wav

pytestmark = pytest.mark.slow

OLD = {"model": {"rate": 0.001, "layers": [1, 2, 3], "name": "resnet-18"}, **{f"key {n}": n for n in range(20)}}
NEW = {"model": {"rate": 0.002, "layers": [1, 2, 3, 4], "name": "resnet-34"}, **{f"key {n}": n for n in range(20)}}
SALES = pd.DataFrame(
    {
        "customer": ["Ada", "grace", "Émile", None, "Bob 10", "Bob 9"],
        "amount": [10.0, 9.5, None, -3.0, 1e6, 0.25],
        "note": [
            "",
            "A longer note on what was sold, which wants several lines",
            "x",
            "y",
            "z",
            "w",
        ],
    }
)


def curve() -> matplotlib.figure.Figure:
    figure = matplotlib.figure.Figure(figsize=(7, 3))
    axes = figure.subplots()
    axes.plot(np.cumsum(np.sin(np.arange(100) / 9)))
    axes.set_title("Loss")
    return figure


def ask(house: House, *things: Any, prompt: str = "Is it right?", name: str = "release_model") -> Request:
    """Puts a question with which things are shown."""
    content = showing(question(bool, name=name, prompt=prompt), run(kept(house.service, *things)))
    return run(asked(house.service, content))


def table() -> list[Any]:
    many = pd.DataFrame({f"column {number}": range(10_000) for number in range(12)})
    return [shown.Table(SALES, title="Sales"), shown.Table(many, title="Everything")]


def pictures() -> list[Any]:
    return [
        shown.Figure(curve(), title="Loss", alt="The loss rises and falls"),
        shown.Image(np.indices((60, 2000)).sum(0) % 256, title="A wide picture"),
        shown.Image(png(claimed=(60_000, 60_000)), title="A picture that is too large"),
        b'<svg xmlns="http://www.w3.org/2000/svg" width="60" height="40"><circle cx="30" cy="20" r="19"/></svg>',
    ]


def trees() -> list[Any]:
    deep: Any = "the end"
    for level in range(12):
        deep = {f"level {level}": deep}
    return [
        shown.Json(OLD | {"text": "Two\nlines", "none": None, "yes": True, "empty": {}, "list": []}, title="Settings"),
        shown.Json(deep, title="Deep"),
        shown.Json(list(range(5000)), title="Long"),
        shown.Json("only text", title="Text"),
        shown.Json([], title="Nothing"),
    ]


def diffs() -> list[Any]:
    return [
        shown.Diff(OLD, NEW, title="Settings"),
        shown.Diff("def a():\n    return 1\n", "def a(x):\n    return x\n\n\nprint(a(1))\n", title="Code"),
        shown.Diff("x" * 300, "x" * 299 + "y", title="A line without end"),
        shown.Diff("a", "a", title="The same"),
        shown.Diff("a\n" * 6000, "b", title="Too long"),
    ]


def texts() -> list[Any]:
    return [
        "## A note\n\nThis **is** text with a `list`:\n\n- one\n- two\n\n| a | b |\n|--|--|\n| 1 | 2 |",
        shown.Text("def main():\n    print('hello')  # " + "long " * 60, name="main.py", title="Code"),
        shown.Text("a line of a log\n" * 20_000, title="Log"),
        shown.Markdown("A paragraph.\n\n" * 10_000, title="A book"),
    ]


def files() -> list[Any]:
    return [
        shown.Audio(wav(), title="Recording"),
        shown.Video(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", title="Film"),
        shown.Pdf(PDF, name="report.pdf", title="Report"),
        shown.File(b"\0\1\2", name="weights-" + "x" * 80 + ".bin"),
    ]


@pytest.mark.parametrize("things", [table, pictures, trees, diffs, texts], ids=lambda things: things.__name__)
def test_every_kind_is_readable_for_everybody(things: Callable[[], list[Any]], house: House, page: Page) -> None:
    show(house, page, ask(house, *things()))
    settle(page)

    inspect(page, f"shown-{things.__name__}")


def test_recordings_films_documents_and_files_are_readable_for_everybody(house: House, watched: Watched) -> None:
    page = watched.page
    show(house, page, ask(house, *files()))
    expect(page.locator("audio")).to_have_js_property("duration", 0.5)

    inspect(page, "shown-files")
    # The film is none: a browser says so, and offers the download all the same.
    assert page.locator("video").evaluate("film => film.error !== null || film.readyState === 0")


def settle(page: Page) -> None:
    """Waits until every picture is there: those further down are loaded when they come into view."""
    for picture in page.locator("main img").all():
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", True)
        assert picture.evaluate("picture => picture.naturalWidth") > 0
    page.evaluate("() => scrollTo(0, 0)")


def test_a_question_with_much_to_see_is_readable_open_and_closed(house: House, page: Page) -> None:
    prompt = "Is the new **curve** right?\n\n![the curve](attachment:curve)\n\nThe table has the numbers."
    things = [
        shown.Figure(curve(), name="curve"),
        shown.Table(SALES, title="Sales"),
        shown.Diff(OLD, NEW, title="Settings"),
    ]
    request = ask(house, *things, prompt=prompt)
    show(house, page, request)
    settle(page)

    expect(page.get_by_role("img", name="the curve")).to_be_visible()
    assert page.locator("main img").count() == 1
    inspect(page, "shown-much-open")

    page.get_by_role("button", name="Approve").click()
    expect(accepted(page)).to_be_visible()
    settle(page)
    inspect(page, "shown-much-closed")


def cells(page: Page, column: int) -> list[str]:
    return page.locator(f"tbody td:nth-child({column})").all_inner_texts()


def header(page: Page, name: str) -> Locator:
    return page.get_by_role("columnheader", name=name)


def test_a_table_is_sorted_by_its_headings(house: House, page: Page) -> None:
    show(house, page, ask(house, SALES))
    assert cells(page, 1) == ["Ada", "grace", "Émile", "–", "Bob 10", "Bob 9"]

    page.get_by_role("button", name="customer").click()
    assert cells(page, 1) == ["Ada", "Bob 9", "Bob 10", "Émile", "grace", "–"]
    expect(header(page, "customer")).to_have_attribute("aria-sort", "ascending")

    page.get_by_role("button", name="amount").click()
    assert cells(page, 2) == ["-3", "0.25", "9.5", "10", "1000000", "–"]
    assert header(page, "customer").get_attribute("aria-sort") is None

    page.get_by_role("button", name="amount").press("Enter")
    assert cells(page, 2) == ["1000000", "10", "9.5", "0.25", "-3", "–"]
    expect(header(page, "amount")).to_have_attribute("aria-sort", "descending")
    assert cells(page, 1) == ["Bob 10", "Ada", "grace", "Bob 9", "–", "Émile"]


def test_numbers_without_end_are_sorted_as_numbers(house: House, page: Page) -> None:
    show(house, page, ask(house, pd.DataFrame({"n": [float("inf"), 1e300, -1.0, float("-inf"), None, 2.0]})))

    page.get_by_role("button", name="n", exact=True).click()

    assert cells(page, 1) == ["-inf", "-1", "2", "1e+300", "inf", "–"]


def test_each_of_two_tables_is_sorted_alone(house: House, page: Page) -> None:
    first, second = pd.DataFrame({"a": [2, 1]}), pd.DataFrame({"b": [2, 1]})
    show(house, page, ask(house, first, second))

    page.get_by_role("button", name="b", exact=True).click()

    assert cells(page, 1) == ["2", "1", "1", "2"]


def test_all_of_a_table_can_be_downloaded(house: House, page: Page) -> None:
    frame = pd.DataFrame({"n": range(1000)})
    show(house, page, ask(house, shown.Table(frame, name="numbers")))
    expect(page.get_by_text("First 200 of 1,000 rows")).to_be_visible()

    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download all").click()

    assert waiting.value.suggested_filename == "numbers.csv"
    assert pd.read_csv(Path(waiting.value.path()))["n"].tolist() == list(range(1000))


def test_both_sides_of_a_change_can_be_downloaded(house: House, page: Page) -> None:
    show(house, page, ask(house, shown.Diff("before", "after", name="query.sql")))
    found = {}
    for link in page.get_by_role("link", name="Download").all():
        with page.expect_download() as waiting:
            link.click()
        found[waiting.value.suggested_filename] = Path(waiting.value.path()).read_text()

    assert found == {"query.before.sql": "before", "query.after.sql": "after"}


def test_a_branch_of_a_tree_is_unfolded(house: House, page: Page) -> None:
    show(
        house,
        page,
        ask(
            house,
            {
                "outer": {
                    f"key {number}": {"inner": ["the leaf", 2, 3, 4], "b": 1, "c": 2, "d": 3} for number in range(9)
                }
            },
        ),
    )
    expect(page.get_by_text("the leaf").first).to_be_hidden()

    page.get_by_text("key 0").click()
    page.get_by_text("inner").first.click()

    expect(page.get_by_text("the leaf").first).to_be_visible()


def test_a_recording_can_be_started_in_its_middle(house: House, watched: Watched) -> None:
    page = watched.page
    show(house, page, ask(house, shown.Audio(wav(60))))
    statuses: list[int] = []
    page.on("response", lambda reply: statuses.append(reply.status) if "/attachment/" in reply.url else None)
    player = page.locator("audio")
    expect(player).to_have_js_property("duration", 60)

    player.evaluate("player => { player.currentTime = 42 }")

    expect(player).to_have_js_property("seeking", False)
    assert player.evaluate("player => player.currentTime") == 42
    assert player.evaluate("player => player.seekable.end(0)") == 60


def test_a_picture_leads_to_all_of_its_pixels(house: House, page: Page) -> None:
    show(house, page, ask(house, shown.Image(np.zeros((10, 3000), dtype="uint8"), alt="A line")))
    picture = page.get_by_role("img", name="A line")
    settle(page)

    assert picture.evaluate("picture => picture.naturalWidth") == 3000
    assert picture.evaluate("picture => picture.clientWidth") < 1000
    address = page.locator(".shown-picture a").get_attribute("href")
    assert address is not None
    reply = page.request.get(page.url.rpartition("/")[0] + "/" + address)
    assert reply.headers["content-type"] == "image/png"


def test_the_page_does_not_jump_when_a_picture_comes(house: House, page: Page) -> None:
    page.route("**/attachment/**", lambda route: None)
    show(house, page, ask(house, shown.Image(np.zeros((300, 400), dtype="uint8"))))

    box = page.locator("main img").bounding_box()

    assert box is not None
    assert (round(box["width"]), round(box["height"])) == (400, 300)
    page.unroute_all(behavior="ignoreErrors")


def test_all_is_there_without_script(house: House, plain: Page) -> None:
    request = ask(house, SALES, OLD, shown.Diff(OLD, NEW), shown.Figure(curve(), title="Loss"), PDF)
    show(house, plain, request)

    assert cells(plain, 1)[:2] == ["Ada", "grace"]
    assert plain.locator("thead button").count() == 0
    plain.get_by_text("layers").first.click()
    plain.get_by_role("button", name="Approve").click()
    expect(accepted(plain)).to_be_visible()
    assert house.value(request) is True
    expect(plain.get_by_text("Ada").first).to_be_visible()


def test_a_file_of_a_hundred_megabytes_is_downloaded_by_the_browser(house: House, page: Page, tmp_path: Path) -> None:
    large = tmp_path / "large.bin"
    with large.open("wb") as file:
        file.write(b"\0")
        file.truncate(100 * 1024**2)
    show(house, page, ask(house, large))

    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download large.bin").click()

    assert Path(waiting.value.path()).stat().st_size == 100 * 1024**2


def test_what_is_shown_is_the_same_when_the_app_starts_again(house: House, page: Page) -> None:
    request = ask(house, {"the key": "the value"}, io.BytesIO(png()).getvalue())
    show(house, page, request)
    house.stop()
    house.start_again()

    page.reload()

    expect(page.get_by_text("the value")).to_be_visible()
    settle(page)
