"""Holds which part of a file a `Range` header asks for (RFC 9110, section 14)."""

from __future__ import annotations

import pytest

from flyteplugins.hitl.app._ranges import NoSuchPart, Part, part_of


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=0-", (0, 10)),
        ("bytes=3-5", (3, 6)),
        ("bytes=9-9", (9, 10)),
        ("bytes=3-99999999999", (3, 10)),
        ("bytes=-3", (7, 10)),
        ("bytes=-99", (0, 10)),
        ("bytes= 3-5 ", (3, 6)),
    ],
)
def test_a_part_is_found(wanted: str, expected: tuple[int, int]) -> None:
    assert part_of(10, wanted) == Part(start=expected[0], end=expected[1])


@pytest.mark.parametrize(
    "wanted",
    [None, "", "bytes=", "bytes=-", "bytes=5-3", "bytes=a-b", "lines=0-1", "bytes=0-1,3-4", "bytes=٣-٤", "bytes=0x1-2"],
)
def test_what_asks_for_no_one_part_gets_all(wanted: str | None) -> None:
    assert part_of(10, wanted) is None


@pytest.mark.parametrize("wanted", ["bytes=10-", "bytes=10-20", "bytes=99999999999999-", "bytes=-0"])
def test_a_part_past_the_end_is_none(wanted: str) -> None:
    with pytest.raises(NoSuchPart):
        part_of(10, wanted)


@pytest.mark.parametrize("wanted", ["bytes=0-", "bytes=-5", "bytes=0-0"])
def test_an_empty_file_has_no_part(wanted: str) -> None:
    with pytest.raises(NoSuchPart):
        part_of(0, wanted)
