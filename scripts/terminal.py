"""Makes the picture of a terminal, `docs/images/terminal.png`: the example of the tutorial while it waits.

What is seen is what a real process wrote to a real pseudo-terminal. Run it with `make screenshots`.
"""

from __future__ import annotations

import html
import re
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

from tests.support.browser import running_browser  # noqa: E402
from tests.support.terminals import running_on_terminal  # noqa: E402

IMAGE = REPOSITORY / "docs" / "images" / "terminal.png"
LARGEST_BYTES = 200_000
COLUMNS = 96

PAGE = """<!doctype html><meta charset="utf-8"><style>
  body {{ margin: 0; padding: 20px; width: max-content; background: #fff0; }}
  pre {{ margin: 0; padding: 18px 22px; border-radius: 12px; background: #1d1a26; color: #e9e6f2;
         font: 14px/1.5 "DejaVu Sans Mono", ui-monospace, monospace; }}
  .typed {{ color: #8fe3b0; }} .line {{ color: #b9aee0; }}
</style><pre>{}</pre>"""


def main() -> int:
    lines = [re.sub(r"(token=\w{8})\S+", r"\1…", line) for line in waiting()]
    with running_browser() as browser:
        page = browser.new_page(device_scale_factor=2)
        page.set_content(PAGE.format("\n".join(map(marked, lines))))
        page.locator("body").screenshot(path=IMAGE, omit_background=True)
    print(f"{IMAGE.relative_to(REPOSITORY)}: {IMAGE.stat().st_size:,} bytes")
    return int(IMAGE.stat().st_size > LARGEST_BYTES)


def waiting() -> list[str]:
    """What is seen after a wrong answer was typed."""
    with tempfile.TemporaryDirectory() as home:
        example = REPOSITORY / "examples" / "approval.py"
        with running_on_terminal(example, home=Path(home), columns=COLUMNS) as script:
            script.until_seen("type an answer")
            script.type("maybe\n")
            script.until_seen("is neither yes nor no")
            script.until_seen("type an answer")
            # A link is long, and broken by the edge of the screen.
            return re.sub(r"(?m)^(http\S+)\n(\S+)$", r"\1\2", "\n".join(script.lines)).strip().splitlines()


def marked(line: str) -> str:
    kind = "typed" if line == "maybe" else "line" if line.startswith("⏳") else ""
    return f'<span class="{kind}">{html.escape(line)}</span>'


if __name__ == "__main__":
    sys.exit(main())
