"""Pictures: files of them, images of Pillow, arrays."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..show import Image
from ._drafts import CannotShow, Draft, DraftFile, Workplace
from ._kinds import is_a
from ._sniffing import SVG
from ._sources import Source, is_source, source_of

MAX_PIXELS = 64_000_000
"""A picture of so many pixels takes a quarter of a gigabyte in the reader's browser, however small its file is."""

MAX_PICTURE_BYTES = 32 * 1024 * 1024
MAX_SVG_BYTES = 2 * 1024 * 1024
"""Drawn anew each time, element by element."""

_ENDINGS = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/avif": ".avif",
    "image/bmp": ".bmp",
    SVG: ".svg",
}
_PNG_COLOURS = {1: 0, 3: 2, 4: 6}
_BAND_BYTES = 1024 * 1024


def picture(image: Image, workplace: Workplace) -> Draft:
    """Makes a draft of a picture."""
    source = _source(image.content, workplace)
    ending = _ENDINGS.get(source.media_type)
    if ending is None:
        raise CannotShow(
            "it is no picture that a browser shows. Give a PNG, JPEG, GIF, WebP, AVIF, BMP or SVG, an image of Pillow, "
            "or an array; show any other file with `hitl.show.File`."
        )
    size = None if source.media_type == SVG else _pixels(source)
    return Draft(
        kind="image",
        files=(
            DraftFile(
                content=source.content,
                media_type=source.media_type,
                file_name=workplace.named(image.name, ending)
                if image.name or not source.file_name
                else source.file_name,
            ),
        ),
        details={
            "alt": image.alt,
            **({} if size is None else {"width": size[0], "height": size[1]}),
            **_withheld(source, size),
        },
    )


def _source(content: Any, workplace: Workplace) -> Source:
    if is_source(content):
        return source_of(content, workplace)
    if is_a(content, "PIL", "Image"):
        return source_of(_encoded(content), workplace)
    if is_a(content, "numpy", "ndarray"):
        return replace(source_of(_written(content, workplace.folder / "array.png"), workplace), file_name="")
    raise CannotShow(
        f"it is a {type(content).__name__}, not a picture. Give a path (`pathlib.Path`), bytes, a flyte.io.File, an "
        "image of Pillow, or an array."
    )


def _pixels(source: Source) -> tuple[int, int]:
    """Width and height, by the header alone: nothing here decodes a picture."""
    import imagesize

    try:
        with io.BytesIO(source.content) if isinstance(source.content, bytes) else source.content.open("rb") as file:
            width, height = imagesize.get(file)
    except Exception:
        # The library raises whatever its reading of damaged bytes leads to.
        width, height = -1, -1
    if width < 1 or height < 1:
        raise CannotShow(
            f"its header says that it is {source.media_type}, but not how large it is: it is cut off or damaged. "
            "Check the file, or show it with `hitl.show.File`."
        )
    return int(width), int(height)


def _withheld(source: Source, size: tuple[int, int] | None) -> dict[str, str]:
    """Why a page offers the picture to download but does not show it, if it does not."""
    if size is not None and size[0] * size[1] > MAX_PIXELS:
        return {"withheld": f"It has {size[0]:,} × {size[1]:,} pixels, more than a browser can be trusted to draw."}
    limit = MAX_SVG_BYTES if source.media_type == SVG else MAX_PICTURE_BYTES
    if source.size > limit:
        return {"withheld": f"Its file is larger than {limit // 1024**2} MB, too much for a page."}
    return {}


def _encoded(image: Any) -> bytes:
    width, height = image.size
    if not width or not height:
        raise CannotShow("the image has no pixels. Check how it was made.")
    buffer = io.BytesIO()
    kept = image if image.mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16") else image.convert("RGB")
    try:
        # Its colour profile is part of how it looks; its texts may tell what nobody meant to show.
        kept.save(buffer, format="PNG", pnginfo=None, icc_profile=kept.info.get("icc_profile"))
    except (OSError, ValueError) as error:
        raise CannotShow(f"Pillow cannot write it as PNG: {error}. Check that it was read whole.") from None
    return buffer.getvalue()


def _written(array: Any, file: Path) -> Path:
    """Writes an array as PNG, a band of rows at a time."""
    shape = tuple(int(length) for length in array.shape)
    if len(shape) == 2:
        shape = (*shape, 1)
    if len(shape) != 3 or shape[2] not in _PNG_COLOURS:
        raise CannotShow(
            f"the array has the shape {tuple(array.shape)}. Give height × width, or height × width × 3 or 4 colours."
        )
    if 0 in shape:
        raise CannotShow(f"the array is empty: its shape is {tuple(array.shape)}. Check how it was made.")
    _check_values(array)
    with file.open("wb") as target:
        target.write(b"\x89PNG\r\n\x1a\n")
        target.write(_chunk(b"IHDR", struct.pack(">IIBBBBB", shape[1], shape[0], 8, _PNG_COLOURS[shape[2]], 0, 0, 0)))
        packer = zlib.compressobj(6)
        for band in _bands(array, shape):
            target.write(_chunk(b"IDAT", packer.compress(band)))
        target.write(_chunk(b"IDAT", packer.flush()))
        target.write(_chunk(b"IEND", b""))
    return file


def _check_values(array: Any) -> None:
    kind = array.dtype.kind
    if kind not in "buif":
        raise CannotShow(
            f"the array holds {array.dtype}, not numbers. Give whole numbers from 0 to 255, or from 0 to 1."
        )
    if kind == "b":
        return
    lowest, highest = float(array.min()), float(array.max())
    limit = 1.0 if kind == "f" else 255
    if not (lowest >= 0 and highest <= limit):
        raise CannotShow(
            f"the array of {array.dtype} holds numbers from {lowest:g} to {highest:g}. Give whole numbers from 0 to "
            "255, or others from 0 to 1, and nothing that is not a number."
        )


def _bands(array: Any, shape: tuple[int, ...]) -> Iterator[bytes]:
    height, width, colours = shape
    rows = max(1, _BAND_BYTES // (width * colours))
    factor = {"f": 255.0, "b": 255}.get(array.dtype.kind, 1)
    for start in range(0, height, rows):
        band = array[start : start + rows] * factor
        whole = (band.round() if array.dtype.kind == "f" else band).astype("uint8")
        # Each row begins with the number of its filter; zero is none.
        yield b"".join(b"\0" + row.tobytes() for row in whole)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
