"""Figures of matplotlib and plotly, as pictures: nothing of them runs in a browser."""

from __future__ import annotations

import io
import threading
from typing import Any

from ..show import Figure, Image
from ._drafts import CannotShow, Draft, Workplace
from ._kinds import is_a
from ._pictures import picture

_DOTS_PER_INCH = 144
_drawing = threading.Lock()
"""Neither library can draw two figures at once."""


def figure(shown: Figure, workplace: Workplace) -> Draft:
    """Makes a draft of a figure."""
    with _drawing:
        content = _drawn(shown.figure)
    return picture(Image(content, title=shown.title, name=shown.name, alt=shown.alt), workplace)


def is_figure(value: object) -> bool:
    return is_a(value, "matplotlib", "Figure") or is_plotly(value)


def is_plotly(value: object) -> bool:
    return is_a(value, "plotly", "BaseFigure")


def _drawn(shown: Any) -> bytes:
    if is_plotly(shown):
        return _drawn_by_plotly(shown)
    if is_a(shown, "matplotlib", "Figure"):
        return _drawn_by_matplotlib(shown)
    raise CannotShow(f"it is a {type(shown).__name__}, not a figure. Give a figure of matplotlib or plotly.")


def _drawn_by_matplotlib(shown: Any) -> bytes:
    buffer = io.BytesIO()
    try:
        # Without the version of matplotlib in it: a retry of the task must make the same file.
        shown.savefig(buffer, format="png", dpi=_DOTS_PER_INCH, bbox_inches="tight", metadata={"Software": None})
    except Exception as error:
        # Drawing runs whatever the author hung into the figure, such as formatters and TeX.
        raise CannotShow(f"matplotlib cannot draw it: {error}. Try `figure.savefig` to see why.") from None
    return buffer.getvalue()


def _drawn_by_plotly(shown: Any) -> bytes:
    try:
        content = shown.to_image(format="png", scale=2)
    except Exception as error:
        # A package that is missing, a browser that is, one that does not start: each raises its own.
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise CannotShow(
            f"plotly cannot draw it: {reason} Install `kaleido` and Chrome (`plotly_get_chrome`), or show a picture of "
            "the figure that you made elsewhere."
        ) from None
    assert isinstance(content, bytes)  # noqa: S101
    return content
