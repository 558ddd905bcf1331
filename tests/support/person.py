"""What a person does with a link, over plain HTTP: looks at the form, and sends it as a browser would."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import httpx

from tests.support.scripts import Link


@dataclass
class Form:
    """A form as a browser holds it.

    Attributes:
        link: Where it was opened.
        fields: The hidden fields by name; what is typed is added when it is sent.
    """

    link: Link
    fields: dict[str, str] = field(default_factory=dict)

    def send(self, value: str, *, comment: str = "", follow: bool = True) -> httpx.Response:
        """Sends an answer and follows to the page that comes of it."""
        body = self.fields | {"value": value, "comment": comment}
        return httpx.post(f"{self.link.endpoint}/submit", data=body, follow_redirects=follow, timeout=20)


class _HiddenFields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "input" and given.get("type") == "hidden":
            self.found[given.get("name") or ""] = given.get("value") or ""


def opened(link: Link) -> Form:
    """Opens a link and returns the form behind it."""
    page = httpx.get(link.url, timeout=20)
    assert page.status_code == 200, page.text
    parser = _HiddenFields()
    parser.feed(page.text)
    assert parser.found, f"There is no form on the page:\n{page.text}"
    return Form(link=link, fields=parser.found)


def answer(link: Link, value: str, *, comment: str = "") -> httpx.Response:
    """Answers through the form; returns the last page, which says that the answer was accepted."""
    page = opened(link).send(value, comment=comment)
    assert page.status_code == 200, page.text
    assert "Answer accepted" in page.text
    return page


def state(link: Link) -> dict[str, Any]:
    """Where the request of a link stands."""
    response = httpx.get(f"{link.endpoint}/status/{link.request_id}", params={"token": link.token}, timeout=20)
    assert response.status_code == 200, response.text
    found = response.json()
    assert isinstance(found, dict)
    return found
