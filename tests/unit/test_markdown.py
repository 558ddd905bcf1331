"""Holds that a prompt cannot do anything in a reviewer's browser, whatever it quotes.

The output is read with a parser, as a browser would, and all that it holds must be on a short list.
"""

from __future__ import annotations

from html import escape
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flyteplugins.hitl._markdown import render_markdown
from tests.unit.parsed_html import ParsedHtml

TAGS = {
    *("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "li"),
    *("strong", "em", "s", "code", "pre", "a", "table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"a": {"href", "title", "rel"}, "ol": {"start"}, "th": {"align"}, "td": {"align"}, "table": {"tabindex"}}
SCHEMES = {"http", "https", "mailto"}

PAYLOADS = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>x</details>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href='jAvAsCrIpT:alert(1)'>x</a>",
    "<form action=/submit method=post><button>Approve</button></form>",
    "<input autofocus onfocus=alert(1)>",
    "<style>@import 'https://evil.example/x.css'</style>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<base href=//evil.example/>",
    "<object data=javascript:alert(1)>",
    "<embed src=javascript:alert(1)>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<!--<img src='--><img src=x onerror=alert(1)//'>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version='1.0'?><script>alert(1)</script>",
    "<!DOCTYPE html><script>alert(1)</script>",
    "<p style='position:fixed;inset:0'>Approved already</p>",
    "<div id=__proto__ class=hitl data-x=1>x</div>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](&#x6A;&#x61;vascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](java&Tab;script:alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](%6Aavascript:alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](data:image/svg+xml,<svg/onload=alert(1)>)",
    "[x](file:///etc/passwd)",
    "[x](ftp://evil.example)",
    "[x](blob:https://evil.example/1)",
    "[x](<javascript:alert(1)>)",
    "[x][y]\n\n[y]: javascript:alert(1)",
    '[x](https://e.example "onmouseover=alert(1)")',
    '[x](https://e.example "\\" onmouseover=\\"alert(1)")',
    "[x](https://e.example/\"onmouseover='alert(1)')",
    "[x](https://e.example/' onmouseover=alert(1))",
    "[<script>alert(1)</script>](https://e.example)",
    "![x](https://evil.example/pixel.png)",
    "![x](javascript:alert(1))",
    '![x" onerror="alert(1)](y)',
    "<javascript:alert(1)>",
    "<https://e.example/\"onmouseover='alert(1)'>",
    "`<script>alert(1)</script>`",
    "```\n<script>alert(1)</script>\n```",
    '```"><script>alert(1)</script>\nx\n```',
    "    <script>alert(1)</script>",
    "# <script>alert(1)</script>",
    "|<script>|\n|-|\n|<img src=x onerror=alert(1)>|",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "\\<script>alert(1)\\</script>",
    "</div></section><script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<<script>alert(1)//<</script>",
    "<script\x00>alert(1)</script>",
    "<img src='x'onerror=alert(1)>\u2028<script>",
]

RELATIVE_LINKS = [
    "[x](/submit)",
    "[x](../form/other?token=y)",
    "[x](form)",
    "[x](//evil.example)",
    "[x](?a=b)",
    "[x](#there)",
    "[x](\\\\evil.example)",
    "[x]()",
]


def assert_is_harmless(html: str) -> None:
    parsed = ParsedHtml(html)
    assert parsed.others == []
    for element in parsed.elements:
        assert element.tag in TAGS
        assert set(element.attributes) <= ATTRIBUTES.get(element.tag, set())
    for link in parsed.all("a"):
        assert_is_harmless_link(link.attributes)


def assert_is_harmless_link(attributes: dict[str, str]) -> None:
    assert set(attributes["rel"].split()) == {"noopener", "noreferrer", "nofollow"}
    if "href" in attributes:
        assert scheme_for_a_browser(attributes["href"]) in {*SCHEMES, ""}


def scheme_for_a_browser(address: str) -> str:
    """The scheme that a browser would find: it drops tabs and line breaks, and controls and spaces in front."""
    shown = address.translate({ord(character): None for character in "\t\n\r"}).lstrip("".join(map(chr, range(33))))
    return urlsplit(shown).scheme.lower()


@pytest.mark.parametrize("payload", PAYLOADS)
def test_known_attacks_do_nothing(payload: str) -> None:
    assert_is_harmless(render_markdown(payload))


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("frame", ["> {}", "- {}", "**{}**", "[{}](https://e.example)", "|a|\n|-|\n|{}|", "# {}\n\n{}"])
def test_known_attacks_do_nothing_inside_other_markdown(frame: str, payload: str) -> None:
    assert_is_harmless(render_markdown(frame.replace("{}", payload)))


FRAGMENTS = st.sampled_from(
    [*PAYLOADS, *RELATIVE_LINKS, "<", ">", '"', "'", "`", "```\n", "[", "](", ")", "\n", "\n\n", "    ", "|", "&", "\\"]
)


@given(st.text(st.characters(exclude_categories=["Cs"])))
@example("\x00")
def test_any_text_does_nothing(text: str) -> None:
    assert_is_harmless(render_markdown(text))


@given(st.lists(FRAGMENTS | st.text("<>&\"'`[]()!:/#\\ \nax", max_size=8), max_size=8).map("".join))
def test_anything_put_together_of_attacks_does_nothing(text: str) -> None:
    assert_is_harmless(render_markdown(text))


@given(st.text(st.characters(categories=["L", "N"]), min_size=1))
def test_plain_words_are_shown_as_they_are(text: str) -> None:
    assert ParsedHtml(render_markdown(text)).text == text + "\n"


@pytest.mark.parametrize("markup", ["<b>bold</b>", "<script>alert(1)</script>", "<img src=x>", "a < b && c > d"])
def test_markup_in_the_text_is_shown_as_text(markup: str) -> None:
    assert render_markdown(markup) == f"<p>{escape(markup, quote=False)}</p>\n"


@pytest.mark.parametrize("text", RELATIVE_LINKS)
def test_links_lead_nowhere_but_to_the_web_or_to_mail(text: str) -> None:
    """A relative one would lead into the app itself, and in a report into whatever shows it."""
    for link in ParsedHtml(render_markdown(text)).all("a"):
        assert urlsplit(link.attributes.get("href", "https://none.example")).scheme in SCHEMES


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("[x](https://e.example/a?b=c#d)", "https://e.example/a?b=c#d"),
        ("[x](http://e.example)", "http://e.example"),
        ("<https://e.example>", "https://e.example"),
        ("[x](mailto:ann@e.example)", "mailto:ann@e.example"),
        ("<ann@e.example>", "mailto:ann@e.example"),
    ],
)
def test_links_to_the_web_and_to_mail_work(text: str, address: str) -> None:
    (link,) = ParsedHtml(render_markdown(text)).all("a")

    assert link.attributes["href"] == address


def test_images_are_not_loaded() -> None:
    """One that is loaded tells its server who reads the form, and when."""
    parsed = ParsedHtml(render_markdown("![logo](https://evil.example/pixel.png)"))

    assert "img" not in parsed.tags
    assert "logo" in parsed.text


IMAGES = (("plot.png", "../attachment/abc/0?token=t&file=1"),)


def test_a_picture_that_is_attached_is_shown_in_its_place() -> None:
    parsed = ParsedHtml(render_markdown('See ![the "curve"](attachment:plot.png) here', IMAGES))

    (image,) = parsed.all("img")
    assert image.attributes == {"src": IMAGES[0][1], "alt": 'the "curve"', "loading": "lazy"}
    assert parsed.text == "See  here\n"


@pytest.mark.parametrize("images", [(), IMAGES])
def test_a_picture_that_is_not_attached_leaves_its_words(images: tuple[tuple[str, str], ...]) -> None:
    assert render_markdown("a ![the curve](attachment:other.png) b", images) == "<p>a the curve b</p>\n"
    assert render_markdown("![](attachment:other.png)", images) == "<p>other.png</p>\n"


@pytest.mark.parametrize(
    "text",
    [
        "![x](https://evil.example/pixel.png)",
        "![x](../attachment/abc/0?token=t&file=1)",
        "![x](data:image/svg+xml,<svg/onload=alert(1)>)",
        "![x](javascript:alert(1))",
        "![x][plot]\n\n[plot]: attachment:plot.png",
        '<img src="../attachment/abc/0?token=t&file=1">',
        "`![x](attachment:plot.png)`",
        "\\![x](attachment:plot.png)",
        "    ![x](attachment:plot.png)",
    ],
)
def test_no_other_picture_is_loaded(text: str) -> None:
    assert "img" not in ParsedHtml(render_markdown(text, IMAGES)).tags
    assert render_markdown(text, IMAGES) == render_markdown(text)


def test_the_words_of_a_picture_are_words() -> None:
    (image,) = ParsedHtml(render_markdown('![<b onload="x">"&](attachment:plot.png)', IMAGES)).all("img")

    assert image.attributes["alt"] == '<b onload="x">"&'
    assert set(image.attributes) == {"src", "alt", "loading"}


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("**a** *b* ~~c~~ `d`", {"p", "strong", "em", "s", "code"}),
        ("# a\n\n###### b", {"h1", "h6"}),
        ("- a\n- b", {"ul", "li"}),
        ("> a\n\n---", {"blockquote", "p", "hr"}),
        ("```python\na\n```", {"pre", "code"}),
        ("| a | b |\n|---|---|\n| 1 | 2 |", {"table", "thead", "tbody", "tr", "th", "td"}),
        ("one line\nand another", {"p", "br"}),
    ],
)
def test_markdown_is_rendered(text: str, tags: set[str]) -> None:
    assert ParsedHtml(render_markdown(text)).tags == tags


def test_a_list_may_start_anywhere() -> None:
    (numbered,) = ParsedHtml(render_markdown("3. three\n4. four")).all("ol")

    assert numbered.attributes == {"start": "3"}


def test_the_cells_of_a_table_are_aligned_without_a_style() -> None:
    parsed = ParsedHtml(render_markdown("| a | b | c |\n|---:|:---:|---|\n| 1 | 2 | 3 |"))

    assert [cell.attributes for cell in parsed.all("td")] == [{"align": "right"}, {"align": "center"}, {}]


def test_a_wide_table_can_be_reached_by_the_keyboard() -> None:
    (table,) = ParsedHtml(render_markdown("| a |\n|---|\n| 1 |")).all("table")

    assert table.attributes == {"tabindex": "0"}


def test_the_judge_of_these_tests_sees_what_is_harmful() -> None:
    for harmful in (
        "<script>",
        "<p onclick=x>",
        '<a rel="noopener noreferrer nofollow" href="java\tscript:x">',
        '<a href="https://e.example">',
        "<!-- x -->",
        "<!DOCTYPE html>",
        "<img src=x>",
    ):
        with pytest.raises((AssertionError, KeyError)):
            assert_is_harmless(harmful)
