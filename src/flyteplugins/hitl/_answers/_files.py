"""Files, which are uploaded beside the form: an answer names the upload, and no more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic import JsonValue

from .._keywords import KIND, MAX_BYTES, MEDIA_TYPES
from .._upload_limits import Upload, is_media_type
from ._answer_type import AnswerType, Errors, FormField, Place, Words
from ._entries import Entries, Pair
from ._lists import ListType
from ._node import Node
from ._objects import as_json
from ._values import InvalidValue, Problems, described, listed

UPLOAD_ID = re.compile(r"[a-z2-7]{26}")

_UNITS = ("bytes", "kB", "MB", "GB", "TB")


@dataclass(frozen=True, kw_only=True)
class FileField(FormField):
    """A field that takes a file, or several.

    Attributes:
        limits: What a file may be.
        uploads: The ids of those that were uploaded already.
        takes_several: Whether more than one is taken.
    """

    limits: Upload = field(default_factory=Upload)
    uploads: tuple[str, ...] = ()
    takes_several: bool = False

    def has_button(self, verb: str, row: str) -> bool:
        return verb == "remove" and row in self.uploads

    def has_own_button(self) -> bool:
        return bool(self.uploads)


class FileType(AnswerType):
    """A file, as the id of its upload. What else is known of it is in the record of the upload."""

    name = "file"

    def claims(self, node: Node) -> bool:
        return bool(node.get(KIND) == self.name)

    def parse_form(self, node: Node, entries: Entries, name: str) -> JsonValue:
        chosen = _chosen(entries, name)
        if not chosen:
            raise InvalidValue("It is missing: choose a file.")
        # A later one takes the place of those before it.
        return self.parse_json(node, chosen[-1])

    def parse_json(self, node: Node, value: object) -> JsonValue:
        content = as_json(value)
        upload_id = content.get("upload") if isinstance(content, dict) else content
        if isinstance(content, dict) and "upload" not in content and "path" in content:
            raise InvalidValue("A file is uploaded by whoever answers, so none can be given beforehand.")
        if not isinstance(upload_id, str) or not UPLOAD_ID.fullmatch(upload_id):
            raise InvalidValue(
                f"{described(upload_id)} is not the id of an upload. Upload the file first, and send the id that came "
                "back."
            )
        return {"upload": upload_id}

    def entries(self, node: Node, value: JsonValue, name: str) -> Iterator[Pair]:
        if isinstance(value, dict) and "upload" in value:
            yield name, str(value["upload"])

    def field(self, node: Node, place: Place, entries: Entries, errors: Errors) -> FormField:
        uploads = _chosen(entries, place.name)[-1:]
        return _file_field(self.plain(node, place, errors), limits_of(node), uploads, takes_several=False)

    def words(self, node: Node, value: JsonValue) -> Words:
        content: dict[str, Any] = value if isinstance(value, dict) else {}
        size = content.get("size")
        about = f" ({size_in_words(size)})" if isinstance(size, int) else ""
        return Words(text=f"{content.get('name', 'an uploaded file')}{about}")

    def example(self, node: Node) -> JsonValue:
        return {"upload": "a" * 26}


class FilesType(ListType):
    """Any number of files: one field takes all of them."""

    name = "files"

    def claims(self, node: Node) -> bool:
        return super().claims(node) and FileType().claims(self._item(node))

    def parse_form(self, node: Node, entries: Entries, name: str) -> JsonValue:
        item = self._item(node)
        problems = Problems()
        values: list[JsonValue] = []
        for number, upload_id in enumerate(_chosen(entries, name)):
            with problems.at(number):
                values.append(FileType().parse_json(item, upload_id))
        problems.raise_any()
        return self._kept(node, values)

    def entries(self, node: Node, value: JsonValue, name: str) -> Iterator[Pair]:
        item = self._item(node)
        for each in value if isinstance(value, list) else ():
            yield from FileType().entries(item, each, name)

    def blank(self, node: Node, name: str) -> Iterator[Pair]:
        return iter(())

    def field(self, node: Node, place: Place, entries: Entries, errors: Errors) -> FormField:
        plain = self.plain(node, place, errors, is_required=node.get("minItems", 0) > 0)
        uploads = _chosen(entries, place.name)
        # What is wrong with one of them is told at the field: there is no other.
        inner = tuple(
            f"{number + 1}: {reason}"
            for number in range(len(uploads))
            for reason in errors.get(f"{plain.path}.{number}", ())
        )
        limits = limits_of(node) if {MAX_BYTES, MEDIA_TYPES} & set(node.schema) else limits_of(self._item(node))
        return _file_field(plain, limits, uploads, takes_several=True, errors=(*plain.errors, *inner))


def limits_of(node: Node) -> Upload:
    """What a file may be, as the schema says."""
    max_bytes, media_types = node.get(MAX_BYTES), node.get(MEDIA_TYPES, ())
    return Upload(
        max_bytes=max_bytes if isinstance(max_bytes, int) and max_bytes > 0 else None,
        media_types=tuple(each for each in media_types if is_media_type(str(each))),
    )


def types_in_words(limits: Upload) -> str:
    """The types that are taken, for a person to read; empty where any is."""
    return listed([_type_in_words(each) for each in limits.media_types])


def takes_files(schema: object) -> bool:
    """Whether there is a field for a file anywhere in a schema."""
    if isinstance(schema, list):
        return any(map(takes_files, schema))
    if not isinstance(schema, dict):
        return False
    return schema.get(KIND) == FileType.name or any(map(takes_files, schema.values()))


def size_in_words(size: int) -> str:
    """A number of bytes for a person to read: `3.2 MB`."""
    if size < 1000:
        return f"{size} byte" if size == 1 else f"{size} bytes"
    amount, unit = float(size), 0
    while amount >= 999.95 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    return f"{amount:.1f}".removesuffix(".0") + f" {_UNITS[unit]}"


def field_named(form_field: FormField, name: str) -> FileField | None:
    """The field that takes the files of a name, if there is one."""
    found = next((each for each in form_field.walk() if each.name == name), None)
    return found if isinstance(found, FileField) else None


def entries_with(name: str) -> Entries:
    """The entries of a form in which there is just the field of a name, with the rows that it stands in."""
    steps = name.split(".")
    return Entries((".".join(steps[:number]), steps[number]) for number in range(1, len(steps)))


def _file_field(
    plain: FormField, limits: Upload, uploads: tuple[str, ...], *, takes_several: bool, **content: Any
) -> FileField:
    values = {**vars(plain), "hint": _limits_in_words(limits), **content}
    return FileField(**values, limits=limits, uploads=uploads, takes_several=takes_several)


def _limits_in_words(limits: Upload) -> str:
    size = "" if limits.max_bytes is None else f"at most {size_in_words(limits.max_bytes)}"
    said = ", ".join(part for part in (types_in_words(limits), size) if part)
    return f"{said[:1].upper()}{said[1:]}." if said else ""


def _chosen(entries: Entries, name: str) -> tuple[str, ...]:
    # A field in which nothing was chosen may be sent as an empty text.
    return tuple(filter(None, entries.rows(name)))


def _type_in_words(media_type: str) -> str:
    family, _, kind = media_type.partition("/")
    return f"any {family}" if kind == "*" else _KNOWN_TYPES.get(media_type, media_type)


_KNOWN_TYPES = {
    "application/pdf": "PDF",
    "application/zip": "ZIP",
    "application/json": "JSON",
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "text/csv": "CSV",
    "text/plain": "plain text",
}
