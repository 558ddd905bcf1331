"""A page as a browser without script takes it: its text, its elements, and the form with what it is filled with."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import NamedTuple

_SILENT = {"title", "textarea", "script", "style"}


class Element(NamedTuple):
    """One element, by its tag and attributes."""

    tag: str
    attributes: dict[str, str | None]


class Page(HTMLParser):
    """A page, read.

    Attributes:
        elements: All elements, in order.
        text: What can be read on it, with single spaces.
        title: The title.
        action: Where its form is sent, or `None` where there is no form.
        fields: What its form sends, less the buttons.
        buttons: The names, values and words of its form's buttons.
    """

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.title = ""
        self.action: str | None = None
        self.fields: dict[str, str] = {}
        self.buttons: list[Element] = []
        self._pieces: list[str] = []
        self._open: Element | None = None
        self.feed(source)
        self.close()
        self.text = " ".join("".join(self._pieces).split())

    def find(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of all elements with this tag."""
        return [element.attributes for element in self.elements if element.tag == tag]

    def addresses(self) -> list[str]:
        """Every address that the page leads to or loads."""
        found = (element.attributes.get(name) for element in self.elements for name in ("href", "src", "action"))
        return [address for address in found if address]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        self.elements.append(element)
        name = element.attributes.get("name")
        if tag in _SILENT:
            self._open = element
        if tag == "form":
            self.action = element.attributes.get("action")
        elif tag == "button":
            self.buttons.append(element)
        elif tag == "textarea" and name:
            self.fields[name] = ""
        elif tag == "input" and name:
            self.fields[name] = element.attributes.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if self._open is not None and self._open.tag == tag:
            self._open = None

    def handle_data(self, data: str) -> None:
        if self._open is None:
            self._pieces.append(data)
        elif self._open.tag == "title":
            self.title += data
        elif self._open.tag == "textarea":
            self._fill(self._open.attributes.get("name") or "", data)

    def _fill(self, name: str, data: str) -> None:
        # A browser drops the line break that follows the tag.
        first = not self.fields[name]
        self.fields[name] += data.removeprefix("\n") if first else data
