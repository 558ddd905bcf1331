"""Holds that pictures of every origin are shown as they are, and that those a browser could choke on are not."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import matplotlib.figure
import numpy as np
import plotly.graph_objects
import pytest
from PIL import Image as Pillow

from flyteplugins.hitl import show
from flyteplugins.hitl._showing import _figures
from tests.support.shown import GIF, SVG, content_of, draft, png, refusal


def pixels(made: Any) -> Any:
    return np.asarray(Pillow.open(io.BytesIO(content_of(made))))


@pytest.mark.parametrize(
    ("content", "media_type", "name"),
    [(png(), "image/png", "shown-1.png"), (GIF, "image/gif", "shown-1.gif"), (SVG, "image/svg+xml", "shown-1.svg")],
)
def test_a_picture_in_bytes_is_kept_as_it_is(content: bytes, media_type: str, name: str) -> None:
    made = draft(content)

    assert made.kind == "image"
    assert (made.files[0].media_type, made.files[0].file_name) == (media_type, name)
    assert content_of(made) == content


def test_the_size_of_a_picture_is_told_so_that_the_page_does_not_jump() -> None:
    assert draft(png(6, 4)).details == {"alt": "", "width": 6, "height": 4}


def test_a_picture_in_a_file_is_what_it_begins_as_whatever_it_is_called(tmp_path: Path) -> None:
    file = tmp_path / "chart.txt"
    file.write_bytes(png())

    made = draft(file)

    assert made.kind == "image"
    assert made.files[0].file_name == "chart.txt"
    assert made.files[0].media_type == "image/png"


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "I", "I;16"])
def test_an_image_of_pillow_is_shown(mode: str) -> None:
    made = draft(Pillow.new(mode, (6, 4)))

    assert made.kind == "image"
    assert made.details["width"] == 6
    assert content_of(made).startswith(b"\x89PNG")


def test_an_image_of_pillow_is_the_same_file_each_time_and_tells_nothing_but_its_pixels() -> None:
    image = Pillow.new("RGB", (6, 4), "teal")
    image.info["Comment"] = "secret"

    assert content_of(draft(image)) == content_of(draft(image.copy()))
    assert b"secret" not in content_of(draft(image))


@pytest.mark.parametrize(
    "array",
    [
        np.arange(24, dtype="uint8").reshape(4, 6),
        np.arange(72, dtype="int64").reshape(4, 6, 3),
        np.arange(96, dtype="uint16").reshape(4, 6, 4),
    ],
    ids=["grey", "colours", "transparent"],
)
def test_an_array_of_whole_numbers_is_shown_pixel_by_pixel(array: Any) -> None:
    assert (pixels(draft(array)) == array).all()


def test_an_array_of_numbers_from_0_to_1_is_shown_pixel_by_pixel() -> None:
    assert pixels(draft(np.array([[0.0, 0.5, 1.0]]))).tolist() == [[0, 128, 255]]


def test_an_array_of_yes_and_no_is_black_and_white() -> None:
    assert pixels(draft(np.array([[True, False]]))).tolist() == [[255, 0]]


def test_a_large_array_is_written_in_bands() -> None:
    array = (np.indices((2100, 1300)).sum(axis=0) % 256).astype("uint8")

    assert (pixels(draft(array)) == array).all()


@pytest.mark.parametrize(
    ("array", "reason"),
    [
        (np.zeros((0, 4)), "is empty"),
        (np.zeros((4, 4, 2)), "has the shape (4, 4, 2)"),
        (np.zeros(4), "has the shape (4,)"),
        (np.array([["a"]]), "not numbers"),
        (np.array([[300]]), "from 300 to 300"),
        (np.array([[-1]]), "from -1 to -1"),
        (np.array([[1.5]]), "from 1.5 to 1.5"),
        (np.array([[np.nan]]), "nan"),
    ],
)
def test_an_array_that_is_no_picture_is_refused(array: Any, reason: str) -> None:
    assert reason in refusal(array)


def test_an_image_without_pixels_is_refused() -> None:
    assert "no pixels" in refusal(Pillow.new("RGB", (0, 4)))


@pytest.mark.parametrize("content", [png()[:12], b"\xff\xd8\xff\xe0", b"GIF89a\0"])
def test_a_picture_that_is_cut_off_is_refused(content: bytes) -> None:
    assert "cut off or damaged" in refusal(content)


@pytest.mark.parametrize("content", [b"text", b"\0\1", b"%PDF-1.4"])
def test_what_is_no_picture_is_refused_as_one(content: bytes) -> None:
    assert "no picture" in refusal(show.Image(content))


def test_a_picture_of_more_pixels_than_a_browser_should_draw_is_withheld() -> None:
    made = draft(png(claimed=(60_000, 60_000)))

    assert "60,000 × 60,000 pixels" in str(made.details["withheld"])
    assert content_of(made) == png(claimed=(60_000, 60_000))


def test_a_picture_of_just_as_many_pixels_as_can_be_drawn_is_shown() -> None:
    assert "withheld" not in draft(png(claimed=(8_000, 8_000))).details
    assert "withheld" in draft(png(claimed=(8_000, 8_001))).details


@pytest.mark.parametrize(
    ("content", "limit"), [(png() + bytes(33 * 1024**2), "32 MB"), (SVG + b" " * (3 * 1024**2), "2 MB")]
)
def test_a_picture_in_a_file_too_large_for_a_page_is_withheld(content: bytes, limit: str) -> None:
    assert limit in str(draft(content).details["withheld"])


def line() -> matplotlib.figure.Figure:
    figure = matplotlib.figure.Figure()
    figure.subplots().plot([1, 2, 3])
    return figure


def test_a_figure_of_matplotlib_is_a_picture_and_the_same_file_each_time() -> None:
    assert content_of(draft(line())) == content_of(draft(line()))
    assert draft(show.Figure(line(), name="loss", alt="It falls")).files[0].file_name == "loss.png"
    assert b"Software" not in content_of(draft(line()))


def test_a_figure_of_matplotlib_that_cannot_be_drawn_is_refused_with_the_reason() -> None:
    figure = line()
    figure.axes[0].set_title("$\\nonsense{$")

    assert "matplotlib cannot draw it" in refusal(figure)


@pytest.mark.slow
def test_a_figure_of_plotly_is_a_picture() -> None:
    made = draft(plotly.graph_objects.Figure(plotly.graph_objects.Bar(x=[1, 2], y=[3, 4])))

    assert made.files[0].media_type == "image/png"
    assert made.details["width"] == 1400


def test_a_figure_of_plotly_without_what_draws_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    figure = plotly.graph_objects.Figure()
    monkeypatch.setattr("plotly.io._kaleido.kaleido_available", lambda: False)

    reason = refusal(figure)

    assert "plotly cannot draw it" in reason
    assert "Install `kaleido`" in reason


def test_what_is_no_figure_is_refused_as_one() -> None:
    assert "it is a int, not a figure" in refusal(show.Figure(3))
    assert not _figures.is_figure(3)
