"""Prompts in Markdown, made into HTML that cannot do anything."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore

_TAGS = {
    *("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "li"),
    *("strong", "em", "s", "code", "pre", "a", "table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "th": {"align"}, "td": {"align"}}

_SCHEMES = ("http://", "https://", "mailto:")


@lru_cache(maxsize=64)
def render_markdown(text: str) -> str:
    """Makes HTML of a prompt.

    Markup in the text is shown as text; only the tags that Markdown itself makes are left, links lead nowhere but to
    the web or to mail and tell no site where they come from.

    Args:
        text: Markdown, from a workflow that may quote anybody.

    Returns:
        HTML that is safe to put into a page as it is.
    """
    import nh3

    return nh3.clean(
        _parser().render(text),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_checked_attribute,
        # A wide table scrolls, and whoever uses the keyboard must be able to reach it.
        set_tag_attribute_values={"table": {"tabindex": "0"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )


def _checked_attribute(tag: str, attribute: str, value: str) -> str | None:
    # A relative link would lead into the app itself, or from a report into Flyte's console.
    is_outside = value.strip().lower().startswith(_SCHEMES)
    return None if attribute == "href" and not is_outside else value


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    # Prompts are often plain text built line by line, so a line break is kept as one.
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
    parser.disable("image").core.ruler.push("align", _align_cells)
    return parser


def _align_cells(state: StateCore) -> None:
    """Says the alignment of a table's cells in an attribute: styles are forbidden by the page's policy."""
    for token in state.tokens:
        style = token.attrs.pop("style", None)
        if isinstance(style, str) and style.startswith("text-align:"):
            token.attrs["align"] = style.removeprefix("text-align:")
