"""Holds what `new_event(show=...)` takes, how it names what it refuses, and what goes into the question."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flyteplugins.hitl import show
from flyteplugins.hitl._blobs import Blobs
from flyteplugins.hitl._records import Attachment
from flyteplugins.hitl._service import Service
from flyteplugins.hitl._showing import kept_attachments
from flyteplugins.hitl._showing._converters import _CONVERTERS
from flyteplugins.hitl.errors import InvalidParameter
from tests.support.questions import question
from tests.support.shown import GIF, PDF, png, showing

pytestmark = pytest.mark.asyncio


@pytest.fixture
def blobs(service: Service) -> Blobs:
    return Blobs(service.store)


async def refused(thing: Any, blobs: Blobs) -> str:
    with pytest.raises(InvalidParameter) as error:
        await kept_attachments(thing, blobs)
    return str(error.value)


async def test_every_class_of_show_has_its_converter() -> None:
    assert {kind.__name__ for kind in _CONVERTERS} == set(show.__all__)


@pytest.mark.parametrize("nothing", [None, [], ()])
async def test_nothing_is_nothing(nothing: Any, blobs: Blobs) -> None:
    assert await kept_attachments(nothing, blobs) == ()


async def test_one_thing_need_be_in_no_list(blobs: Blobs) -> None:
    assert await kept_attachments({"a": 1}, blobs) == await kept_attachments([{"a": 1}], blobs)


async def test_what_is_shown_keeps_its_order(blobs: Blobs) -> None:
    kept = await kept_attachments(({"a": 1}, PDF, "text", GIF), blobs)

    assert [attachment.kind for attachment in kept] == ["json", "pdf", "markdown", "image"]


async def test_the_same_things_make_the_same_question_and_others_another(blobs: Blobs) -> None:
    def fingerprint(*attachments: Attachment) -> str:
        return showing(question(), attachments).fingerprint()

    first = await kept_attachments([show.Json({"a": 1}, title="T")], blobs)
    again = await kept_attachments([show.Json({"a": 1}, title="T")], blobs)
    others = [
        await kept_attachments([show.Json({"a": 2}, title="T")], blobs),
        await kept_attachments([show.Json({"a": 1}, title="U")], blobs),
        await kept_attachments([show.Json({"a": 1}, title="T"), "more"], blobs),
        (),
    ]

    assert fingerprint(*first) == fingerprint(*again)
    assert len({fingerprint(*first), *(fingerprint(*other) for other in others)}) == 5


async def test_a_name_is_what_the_prompt_calls_it_and_what_its_file_is_called(blobs: Blobs) -> None:
    (named,) = await kept_attachments([show.Image(png(), name="curve", title="The curve")], blobs)

    assert (named.name, named.title, named.files[0].file_name) == ("curve", "The curve", "curve.png")


async def test_a_picture_in_a_file_is_called_by_the_name_of_the_file(tmp_path: Path, blobs: Blobs) -> None:
    for name in ("plot.png", "my plot.png"):
        (tmp_path / name).write_bytes(png())

    kept = await kept_attachments([tmp_path / "plot.png", tmp_path / "my plot.png"], blobs)

    assert [attachment.name for attachment in kept] == ["plot.png", ""]


async def test_two_pictures_in_files_of_one_name_have_none(tmp_path: Path, blobs: Blobs) -> None:
    (tmp_path / "a").mkdir()
    for file in (tmp_path / "plot.png", tmp_path / "a" / "plot.png"):
        file.write_bytes(png())

    kept = await kept_attachments([tmp_path / "plot.png", tmp_path / "a" / "plot.png"], blobs)

    assert [attachment.name for attachment in kept] == ["", ""]


@pytest.mark.parametrize(
    ("thing", "expected"),
    [
        (object(), "`show`: a object cannot be shown. Give a data frame"),
        ([{}, object()], "`show[1]`: a object cannot be shown"),
        ([Path("none.png")], "`show[0]`: none.png cannot be read: No such file"),
        (["a"] * 51, "`show` has 51 things; at most 50"),
        ([show.Json(1, name="a b")], "`show[0]`: `name='a b'` cannot be written in a prompt"),
        ([show.Json(1, name="../a")], "`show[0]`: `name='../a'` cannot be written in a prompt"),
        ([show.Json(1, name="a"), show.Json(2, name="a")], "`show` has several things of the name 'a'"),
        ([show.Json(1, title="t" * 201)], "`show[0]`: `title` has 201 characters; at most 200"),
        ([show.Json(1, title="\ud800")], "`show[0]`: `title` holds half of a surrogate pair"),
        ([show.Json(1, title=3)], "`show[0]`: `title=3` is a int. Give text."),  # type: ignore[arg-type]
        ([show.Image(png(), alt="a" * 1001)], "`show[0]`: `alt` has 1,001 characters"),
    ],
)
async def test_what_is_refused_is_named_with_the_reason(thing: Any, expected: str, blobs: Blobs) -> None:
    assert expected in await refused(thing, blobs)


async def test_nothing_is_left_in_the_folder_for_what_is_temporary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, blobs: Blobs
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()

    await kept_attachments([{"a": 1}, show.Image(png())], blobs)
    await refused([object()], blobs)

    assert list((tmp_path / "temporary").iterdir()) == []
