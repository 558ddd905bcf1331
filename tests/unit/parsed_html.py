"""HTML as a browser's parser sees it, so that a test judges what is there and not how it is spelled."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass(frozen=True)
class Element:
    """One start tag.

    Attributes:
        tag: Its name, in lower case.
        attributes: Its attributes, with character references resolved.
    """

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)


class ParsedHtml(HTMLParser):
    """Every start tag, the text, and all else that a fragment holds.

    Args:
        html: The fragment.
    """

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.others: list[str] = []
        self._text: list[str] = []
        self.feed(html)
        self.close()

    @property
    def text(self) -> str:
        """All that is shown as text."""
        return "".join(self._text)

    @property
    def tags(self) -> set[str]:
        """The names of all tags."""
        return {element.tag for element in self.elements}

    def all(self, tag: str) -> list[Element]:
        """The elements with this tag."""
        return [element for element in self.elements if element.tag == tag]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self._text.append(data)

    def handle_comment(self, data: str) -> None:
        self.others.append(data)

    def handle_decl(self, decl: str) -> None:
        self.others.append(decl)

    def handle_pi(self, data: str) -> None:
        self.others.append(data)

    def unknown_decl(self, data: str) -> None:
        self.others.append(data)
