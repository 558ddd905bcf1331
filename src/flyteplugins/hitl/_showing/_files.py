"""Files that a browser plays, opens, or only downloads."""

from __future__ import annotations

from typing import Any

from ..show import Audio, File, Pdf, Video
from ._drafts import CannotShow, Draft, DraftFile, Workplace
from ._sniffing import BINARY, PDF
from ._sources import Source, source_of

_ENDINGS = {
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "audio/wav": ".wav",
    "audio/flac": ".flac",
    "audio/aac": ".aac",
    "audio/mp4": ".m4a",
    "audio/webm": ".weba",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
    "video/ogg": ".ogv",
    PDF: ".pdf",
}
# What begins as one may hold the other alone: the container is the same.
_EITHER = {"video/webm": "audio/webm", "video/mp4": "audio/mp4", "video/ogg": "audio/ogg"}


def audio(shown: Audio, workplace: Workplace) -> Draft:
    """Makes a draft of a recording."""
    source = source_of(shown.content, workplace)
    media_type = _EITHER.get(source.media_type, source.media_type)
    if not media_type.startswith("audio/"):
        raise CannotShow(
            "it is no recording that a browser plays. Give an MP3, Ogg, WAV, FLAC, AAC or M4A file; show any other "
            "with `hitl.show.File`."
        )
    return _draft("audio", source, media_type, shown.name, workplace)


def video(shown: Video, workplace: Workplace) -> Draft:
    """Makes a draft of a film."""
    source = source_of(shown.content, workplace)
    if not source.media_type.startswith("video/"):
        raise CannotShow(
            "it is no film that a browser plays. Give an MP4, WebM or Ogg file; show any other with `hitl.show.File`."
        )
    return _draft("video", source, source.media_type, shown.name, workplace)


def pdf(shown: Pdf, workplace: Workplace) -> Draft:
    """Makes a draft of a PDF document."""
    source = source_of(shown.content, workplace)
    if source.media_type != PDF:
        raise CannotShow("it does not begin as a PDF does. Check the file, or show it with `hitl.show.File`.")
    return _draft("pdf", source, PDF, shown.name, workplace)


def file(shown: File, workplace: Workplace) -> Draft:
    """Makes a draft of any file."""
    source = source_of(shown.content, workplace)
    return _draft("file", source, BINARY, shown.name, workplace)


def _draft(kind: str, source: Source, media_type: str, name: str, workplace: Workplace) -> Draft:
    ending: Any = _ENDINGS.get(media_type) or source.ending
    file_name = workplace.named(name, ending) if name or not source.file_name else source.file_name
    return Draft(kind=kind, files=(DraftFile(content=source.content, media_type=media_type, file_name=file_name),))
