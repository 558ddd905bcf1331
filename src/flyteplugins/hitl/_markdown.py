"""Prompts in Markdown, made into HTML that cannot do anything."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore
    from markdown_it.rules_inline import StateInline

_TAGS = {
    *("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "li"),
    *("strong", "em", "s", "code", "pre", "a", "table", "thead", "tbody", "tr", "th", "td", "img"),
}
_ATTRIBUTES = {"img": {"src", "alt"}, "a": {"href", "title"}, "ol": {"start"}, "th": {"align"}, "td": {"align"}}

_ATTACHED_IMAGE = re.compile(r"!\[([^\[\]]*)\]\(attachment:(\w[\w.-]*)\)")

Images = tuple[tuple[str, str], ...]
"""The pictures that a text may show: the name of each, and its address."""

_SCHEMES = ("http://", "https://", "mailto:")


@lru_cache(maxsize=64)
def render_markdown(text: str, images: Images = ()) -> str:
    """Makes HTML of a prompt.

    Markup in the text is shown as text; only the tags that Markdown itself makes are left, links lead nowhere but to
    the web or to mail and tell no site where they come from. No picture is loaded but those that are given.

    Args:
        text: Markdown, from a workflow that may quote anybody.
        images: What `![…](attachment:NAME)` shows. A name that is not among them leaves only the words.

    Returns:
        HTML that is safe to put into a page as it is.
    """
    import nh3

    return nh3.clean(
        _parser().render(text, {"images": dict(images)}),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_checking({address for _, address in images}),
        # A wide table scrolls, and whoever uses the keyboard must be able to reach it.
        set_tag_attribute_values={"table": {"tabindex": "0"}, "img": {"loading": "lazy"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )


def _checking(addresses: set[str]) -> Callable[[str, str, str], str | None]:
    def checked(tag: str, attribute: str, value: str) -> str | None:
        if tag == "img" and attribute == "src":
            return value if value in addresses else None
        # A relative link would lead into the app itself, or from a report into Flyte's console.
        is_outside = value.strip().lower().startswith(_SCHEMES)
        return None if attribute == "href" and not is_outside else value

    return checked


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    # Prompts are often plain text built line by line, so a line break is kept as one.
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
    parser.disable("image").core.ruler.push("align", _align_cells)
    parser.inline.ruler.before("link", "attached_image", _attached_image)
    return parser


def _attached_image(state: StateInline, silent: bool) -> bool:
    """Shows a picture that is attached to the question, or what it is called where it cannot be shown."""
    found = _ATTACHED_IMAGE.match(state.src, state.pos)
    if found is None:
        return False
    if not silent:
        from markdown_it.token import Token

        words, name = found.groups()
        address = state.env.get("images", {}).get(name)
        token = state.push("image" if address else "text", "img" if address else "", 0)
        token.content = words or name
        if address:
            token.attrs = {"src": address, "alt": ""}
            token.children = [Token("text", "", 0, content=words)]
    state.pos = found.end()
    return True


def _align_cells(state: StateCore) -> None:
    """Says the alignment of a table's cells in an attribute: styles are forbidden by the page's policy."""
    for token in state.tokens:
        style = token.attrs.pop("style", None)
        if isinstance(style, str) and style.startswith("text-align:"):
            token.attrs["align"] = style.removeprefix("text-align:")
