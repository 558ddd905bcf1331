"""Values of other people in our messages are short, and never themselves the cause of another error."""

from __future__ import annotations

import pytest

from flyteplugins.hitl._quoting import quoted, shown


@pytest.mark.parametrize(
    "value",
    [
        10**5000,
        -(10**5000),
        [10**5000],
        {"a": 10**5000},
        "x" * 100_000,
        ["x" * 1000] * 1000,
        "\ud800",
        b"\xff",
        object(),
    ],
    ids=["long", "negative", "in a list", "in a dict", "text", "list", "surrogate", "bytes", "object"],
)
def test_shown_is_never_the_cause_of_another_error(value: object) -> None:
    assert 0 < len(shown(value).encode()) < 2000


def test_shown_shows_what_is_short_as_it_is() -> None:
    assert [shown(value) for value in ("run", 5, None, [1, "a"])] == ["'run'", "5", "None", "[1, 'a']"]


class Unshowable:
    """A value of somebody else's, with a mistake in it."""

    def __repr__(self) -> str:
        raise RuntimeError("broken")


def test_a_value_that_cannot_be_shown_is_still_named_by_its_type() -> None:
    assert "Unshowable" in shown(Unshowable())


def test_what_was_typed_is_quoted_short_and_as_unicode() -> None:
    assert quoted("maybe") == "“maybe”"
    assert quoted("x" * 100) == "“" + "x" * 40 + "…”"
    assert quoted("\ud800").encode()
