"""Values of other people in our messages: short, and never themselves the cause of another error."""

from __future__ import annotations

import reprlib

_JOINERS = "\u200c\u200d"
"""Of what is not printed, what scripts and emoji are joined with."""

_short = reprlib.Repr()
_short.maxstring = _short.maxother = 80


def shown(value: object) -> str:
    """A Python value as its author wrote it, for whoever gave it to us as a parameter.

    Example:
        ```python
        raise InvalidParameter(f"`scope={shown(scope)}` is not supported.")
        ```
    """
    try:
        text = _short.repr(value)
    except Exception:
        # Python spells no int of over 4300 digits, and a class of the caller's may fail in any way.
        text = f"<{type(value).__name__} that cannot be shown>"
    return text.encode(errors="backslashreplace").decode()


def quoted(text: str, limit: int = 40) -> str:
    """What a person typed, between quotation marks, for that person: it goes into pages and JSON."""
    # Half of a surrogate pair must not come along: no page and no JSON can hold it.
    kept = text[:limit].encode(errors="replace").decode()
    return f"“{kept}”" if len(text) <= limit else f"“{kept}…”"


def harmless(text: str) -> str:
    """Text of other people for a terminal: on one line, and with nothing in it that a terminal would obey."""
    words = " ".join(text.split())
    return "".join(character if character.isprintable() or character in _JOINERS else "�" for character in words)
