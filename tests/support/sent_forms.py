"""What a browser without script would send of a page's form, if nobody touched it.

By the rules of HTML: what is chosen and not what could be, line breaks as CRLF, and nothing of a field whose value it
cannot hold.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

Pair = tuple[str, str]

_CLOCK = r"\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?"
_HELD = {
    "date": re.compile(r"\d{4}-\d{2}-\d{2}"),
    "time": re.compile(_CLOCK),
    "datetime-local": re.compile(rf"\d{{4}}-\d{{2}}-\d{{2}}[T ]{_CLOCK}"),
}


def sent_pairs(page: str) -> list[Pair]:
    """The entries of the form that takes the answer, less its buttons."""
    form = _Form()
    form.feed(page)
    form.close()
    return form.pairs


class _Form(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pairs: list[Pair] = []
        self._is_inside = False
        self._area: str | None = None
        self._text = ""
        self._select: str | None = None
        self._options: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._is_inside = "answer" in (given.get("class") or "")
        name = given.get("name")
        if not self._is_inside:
            return
        if tag == "option":
            self._options.append((given.get("value") or "", "selected" in given))
        elif tag == "select" and name:
            self._select, self._options = name, []
        elif tag == "textarea" and name:
            self._area, self._text = name, ""
        elif tag == "input" and name:
            self._input(name, given)

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._is_inside = False
        elif tag == "textarea" and self._area:
            self.pairs.append((self._area, self._text.removeprefix("\n").replace("\n", "\r\n")))
            self._area = None
        elif tag == "select" and self._select:
            chosen = [value for value, is_chosen in self._options if is_chosen]
            self.pairs.append((self._select, (chosen or [self._options[0][0]])[-1].replace("\n", "\r\n")))
            self._select = None

    def _input(self, name: str, given: dict[str, str | None]) -> None:
        kind, value = given.get("type") or "text", given.get("value") or ""
        if kind in ("radio", "checkbox") and "checked" not in given:
            return
        if kind in _HELD and not _HELD[kind].fullmatch(value):
            value = ""
        if kind not in ("hidden", "radio", "checkbox"):
            value = value.replace("\n", "").replace("\r", "")
        self.pairs.append((name, value.replace("\n", "\r\n")))
