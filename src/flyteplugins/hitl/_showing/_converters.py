"""Which converter takes what: one a kind, and what a plain object is taken for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import show
from ._diffs import diff
from ._drafts import CannotShow, Draft, Workplace
from ._figures import figure, is_figure
from ._files import audio, file, pdf, video
from ._frames import is_frame, table
from ._kinds import is_a
from ._pictures import picture
from ._sniffing import PDF, TEXT
from ._sources import is_source, source_of
from ._texts import markdown, text
from ._trees import MAX_FILE_BYTES, is_tree, tree

_CONVERTERS: dict[type[Any], Callable[[Any, Workplace], Draft]] = {
    show.Image: picture,
    show.Figure: figure,
    show.Table: table,
    show.Json: tree,
    show.Diff: diff,
    show.Markdown: markdown,
    show.Text: text,
    show.Audio: audio,
    show.Video: video,
    show.Pdf: pdf,
    show.File: file,
}

_PLAYED: dict[str, type[Any]] = {"image": show.Image, "audio": show.Audio, "video": show.Video}


def drafted(shown: Any, workplace: Workplace) -> Draft:
    """Makes a draft of one of the classes of `hitl.show`.

    Raises:
        CannotShow: It cannot be shown.
    """
    return _CONVERTERS[type(shown)](shown, workplace)


def described(value: Any, workplace: Workplace) -> Any:
    """The class of `hitl.show` that a plain object is taken for, with the object in it.

    Raises:
        CannotShow: It is nothing that can be shown.
    """
    if type(value) in _CONVERTERS:
        return value
    if isinstance(value, str):
        return show.Markdown(value)
    if is_frame(value):
        return show.Table(value)
    if is_figure(value):
        return show.Figure(value)
    if is_a(value, "PIL", "Image") or is_a(value, "numpy", "ndarray"):
        return show.Image(value)
    if is_source(value):
        return _described_source(value, workplace)
    if is_tree(value):
        return show.Json(value)
    raise CannotShow(
        f"a {type(value).__name__} cannot be shown. Give a data frame of pandas or polars, a picture (a path, bytes, "
        "Pillow or numpy), a figure of matplotlib or plotly, a path or bytes of any file, a flyte.io.File, a dict or a "
        "list, a pydantic model, a dataclass, text in Markdown, or one of the classes of `hitl.show`."
    )


def _described_source(value: Any, workplace: Workplace) -> Any:
    """Bytes and files are what they begin as. Only among texts does the ending of the name tell more."""
    source = source_of(value, workplace)
    kind = _PLAYED.get(source.media_type.partition("/")[0])
    if kind is not None:
        return kind(value)
    if source.media_type == PDF:
        return show.Pdf(value)
    if source.media_type == TEXT and source.size and source.file_name:
        if source.ending in (".csv", ".tsv"):
            return show.Table(value)
        if source.ending == ".json" and source.size <= MAX_FILE_BYTES:
            return show.Json(value)
        return show.Markdown(value) if source.ending in (".md", ".markdown") else show.Text(value)
    return show.File(value)
