"""What a person is asked, with all that is shown beside it."""

from __future__ import annotations

import hashlib

from pydantic import Field, JsonValue

from ._record import Digest, Frozen, NonEmpty, canonical_json


class Fallback(Frozen):
    """The value with which a workflow goes on when nobody answers in time."""

    value: JsonValue


class Initial(Frozen):
    """The value with which the form is filled at first; of an object perhaps some members only."""

    value: JsonValue


class StoredFile(Frozen):
    """Bytes that are kept under their own hash, and what a browser must know to take them.

    Attributes:
        digest: SHA-256 of the content, in hexadecimal; the content is at `attachments/{digest}`.
        size: The size of the content, in bytes.
        media_type: What the content is, such as `image/png`.
        file_name: What the file is called when it is downloaded.
    """

    digest: Digest
    size: int = Field(ge=0)
    media_type: NonEmpty
    file_name: NonEmpty


class Attachment(Frozen):
    """One thing that is shown with a question.

    Attributes:
        kind: How it is shown, such as `table`; one that a page does not know is offered as a file.
        title: The heading above it, or empty.
        name: What it is called in the prompt, as in `![a plot](attachment:plot.png)`; or empty.
        files: What can be downloaded: all of it, never a part.
        preview: The hash of what the page shows of it, kept like the files; `null` where the page shows the file.
        details: What else the page must know, by the kind; such as the size of a picture in pixels.
    """

    kind: NonEmpty
    title: str = ""
    name: str = ""
    files: tuple[StoredFile, ...] = Field(min_length=1)
    preview: Digest | None = None
    details: dict[str, JsonValue] = Field(default_factory=dict)


class Chunk(Frozen):
    """Where some of the items of a review are: `items/{digest}.json`.

    Attributes:
        digest: SHA-256 of their content in one fixed spelling, so that the same items are the same object.
        count: How many there are.
    """

    digest: NonEmpty
    count: int = Field(ge=1)


class Review(Frozen):
    """That a question asks for a decision on each of many items.

    Attributes:
        chunks: Where the items are, in order.
        decision_type: What the type of one decision is called, such as `bool`.
        allow_partial: Whether items may be left undecided.
    """

    chunks: tuple[Chunk, ...] = Field(min_length=1)
    decision_type: NonEmpty
    allow_partial: bool = False

    @property
    def count(self) -> int:
        """How many items there are."""
        return sum(chunk.count for chunk in self.chunks)


class Question(Frozen):
    """What the person is asked, all of it: the fingerprint covers every field.

    Attributes:
        name: The event's name.
        prompt: The message on the form, in Markdown.
        data_type: What the answer type is called, such as `bool`.
        answer_schema: The JSON Schema that the answer must fit. All of the form is made of it.
        initial: What the form is filled with at first, if anything.
        on_timeout: What the workflow goes on with when nobody answers, if anything.
        is_validated: Whether the workflow checks each answer itself, before it is accepted.
        table: The table that the person changes, where the answer is a data frame; `null` for any other.
        show: What is shown with it, in order; each by the hash of its content.
        review: The items, if it asks for a decision on each of many.
    """

    name: NonEmpty
    prompt: str
    data_type: NonEmpty
    answer_schema: dict[str, JsonValue]
    initial: Initial | None = None
    on_timeout: Fallback | None = None
    is_validated: bool = False
    table: StoredFile | None = None
    show: tuple[Attachment, ...] = ()
    review: Review | None = None

    def fingerprint(self) -> str:
        """A hash of the content: a question that differs in anything shown is another question."""
        # Less what is as if it was not there, so that a field which a later version adds changes no earlier question.
        return hashlib.sha256(canonical_json(self.model_dump(mode="json", exclude_defaults=True))).hexdigest()
