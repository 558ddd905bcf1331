"""What `new_event(show=...)` takes beyond plain Python objects: the same things with a title, a name and more.

```python
import flyteplugins.hitl as hitl

hitl.new_event(
    "release",
    data_type=bool,
    prompt="Is the new curve right?\\n\\n![the curve](attachment:curve)",
    show=[
        hitl.show.Figure(figure, name="curve"),
        hitl.show.Table(frame, title="The rows that changed"),
        hitl.show.Diff(old_settings, new_settings, title="Settings"),
    ],
)
```

Each has a `title`, the heading above it, and a `name`: what the prompt calls it, and what its file is called.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

__all__ = [
    "Audio",
    "Diff",
    "Figure",
    "File",
    "Image",
    "Json",
    "Markdown",
    "Pdf",
    "Table",
    "Text",
    "Video",
]


# Those of the same fields are one data class: making one takes longer than all the rest of this module.
@dataclass(frozen=True)
class _Content:
    content: Any
    title: str = ""
    name: str = ""


@dataclass(frozen=True)
class _Words:
    text: str | os.PathLike[str]
    title: str = ""
    name: str = ""


@dataclass(frozen=True)
class Image:
    """A picture.

    Attributes:
        content: A path, a `flyte.io.File`, bytes, an image of Pillow, or an array of height by width, with or without
            3 or 4 colours: whole numbers from 0 to 255, or others from 0 to 1.
        title: The heading above it.
        name: What the prompt calls it, as in `![a plot](attachment:plot)`; also the name of its file.
        alt: What it shows, for whoever cannot see it.
    """

    content: Any
    title: str = ""
    name: str = ""
    alt: str = ""


@dataclass(frozen=True)
class Figure:
    """A figure of matplotlib or plotly, shown as a picture.

    Attributes:
        figure: The figure. One of plotly needs the package `kaleido`, and Chrome.
        title: The heading above it.
        name: What the prompt calls it; also the name of its file.
        alt: What it shows, for whoever cannot see it.
    """

    figure: Any
    title: str = ""
    name: str = ""
    alt: str = ""


@dataclass(frozen=True)
class Table:
    """A data frame: its first rows, and all of it to download as CSV.

    Attributes:
        frame: A data frame of pandas or polars, or the path of a CSV file with a header.
        title: The heading above it.
        name: The name of its file.
        rows: How many rows are shown at most.
    """

    frame: Any
    title: str = ""
    name: str = ""
    rows: int = 200


@dataclass(frozen=True)
class Json:
    """Any value that can be written as JSON, shown as a tree; pydantic models and dataclasses too.

    Attributes:
        value: The value, or the path of a JSON file.
        title: The heading above it.
        name: The name of its file.
    """

    value: Any
    title: str = ""
    name: str = ""


@dataclass(frozen=True)
class Diff:
    """What changed between two texts, or between two values that can be written as JSON.

    Attributes:
        before: What was.
        after: What is to be. Texts, and paths of files, are compared as text; anything else as JSON.
        title: The heading above it.
        name: The name of its files.
    """

    before: Any
    after: Any
    title: str = ""
    name: str = ""


class Markdown(_Words):
    """Text in Markdown.

    Attributes:
        text: The text, or the path of a file.
        title: The heading above it.
        name: The name of its file.
    """


class Text(_Words):
    """Plain text or code, shown as it is.

    Attributes:
        text: The text, or the path of a file.
        title: The heading above it.
        name: The name of its file, such as `main.py`.
    """


class Audio(_Content):
    """A recording that a browser can play: MP3, Ogg, WAV, FLAC, AAC or M4A.

    Attributes:
        content: A path, a `flyte.io.File`, or bytes.
        title: The heading above it.
        name: The name of its file.
    """


class Video(_Content):
    """A film that a browser can play: MP4, WebM or Ogg.

    Attributes:
        content: A path, a `flyte.io.File`, or bytes.
        title: The heading above it.
        name: The name of its file.
    """


class Pdf(_Content):
    """A PDF document.

    Attributes:
        content: A path, a `flyte.io.File`, or bytes.
        title: The heading above it.
        name: The name of its file.
    """


class File(_Content):
    """Any file, to be downloaded; never opened in the browser.

    Attributes:
        content: A path, a `flyte.io.File`, or bytes.
        title: The heading above it.
        name: The name of the file; by default that of the path.
    """
