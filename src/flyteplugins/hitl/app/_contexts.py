"""One documented context a page: all that its template shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from markupsafe import Markup

from .._answers import FormField, Words
from .._candidates import CheckState
from .._changes import Change
from .._records import Uploaded
from .._version import __version__
from ._bodies import FormBody
from ._shown import FileView, ShownView


@dataclass(frozen=True, kw_only=True)
class QuestionView:
    """A question as the pages show it.

    Attributes:
        name: The event's name.
        prompt: The prompt, made into safe HTML.
        source: Where it comes from: project, domain and run, as far as there are any.
        created_at: When it was asked, in UTC.
        deadline: Until when it can be answered, in UTC, or `None`.
        fallback: What the workflow goes on with when nobody answers, in words, or `None`.
        shown: What is shown with it, but for the pictures that the prompt shows.
    """

    name: str
    prompt: Markup
    source: str
    created_at: datetime
    deadline: datetime | None
    fallback: str | None
    shown: tuple[ShownView, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ProblemView:
    """One thing that is wrong with what was sent.

    Attributes:
        path: Where, as errors name it.
        label: What the field is called, or `None` where it is the whole answer or no field of the form.
        anchor: The id of the field, or `None` where there is none.
        reason: Why.
    """

    path: str
    label: str | None
    anchor: str | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class FormView:
    """`form.html`: an open question.

    Attributes:
        request_id: Names the request.
        question: What is asked.
        answer_field: What takes the answer, filled in.
        token: Proves the right to answer.
        max_bytes: The largest form that the app reads, in bytes.
        comment: What the comment is filled with.
        idempotency_key: Makes sending the form twice count once.
        problems: What is wrong with what was sent.
        checked_now: Who sent another answer that the workflow has yet to check, or `None`.
        takes_files: Whether there may be a field for a file in it.
        max_upload_bytes: The largest file that the app takes, in bytes.
        uploads: The files that were uploaded already, by their ids.
    """

    request_id: str
    question: QuestionView
    answer_field: FormField
    token: str
    max_bytes: int
    comment: str = ""
    idempotency_key: str
    problems: tuple[ProblemView, ...] = ()
    checked_now: str | None = None
    takes_files: bool = False
    max_upload_bytes: int = 0
    uploads: Mapping[str, Uploaded] = field(default_factory=dict)

    @property
    def query(self) -> str:
        """What a form with files adds to its addresses: who may answer must be known before the files are read."""
        return f"?{urlencode({'request_id': self.request_id, 'token': self.token})}" if self.takes_files else ""

    @property
    def comment_errors(self) -> bool:
        """Whether something is wrong with the comment."""
        return any(problem.path == "comment" for problem in self.problems)


@dataclass(frozen=True, kw_only=True)
class CheckView:
    """`check.html`: an answer that the workflow has yet to check, or has just checked.

    Attributes:
        request_id: Names the request.
        question: What is asked.
        candidate: The number of the answer.
        state: `kept`, `checking` or `accepted`.
        is_own: Whether the reader sent it; else it is shown because the deadline has to wait for it.
        answer: The answer in words.
        is_long: Whether the answer is text that wants room.
        comment: What was added.
        responder: Who sent it.
        sent_at: When, in UTC.
    """

    request_id: str
    question: QuestionView
    candidate: int
    state: CheckState
    is_own: bool
    answer: Words
    is_long: bool
    comment: str
    responder: str | None
    sent_at: datetime


@dataclass(frozen=True, kw_only=True)
class DecidedItem:
    """One item of a review and what was decided on it.

    Attributes:
        number: Which it is, from 1.
        title: What it is called, in a line.
        decision: The decision in words, or `None` where it is undecided.
        suggestion: What was suggested, in words, where the decision is another; or `None`.
    """

    number: int
    title: str
    decision: str | None
    suggestion: str | None = None


@dataclass(frozen=True, kw_only=True)
class DecidedView:
    """`_review_rows.html`: some items of a review and what was decided on them.

    Attributes:
        rows: The items.
        count: How many items there are.
        page: Which page of them this is, from 1.
        address: The address of a page, less its number.
        item_address: The address of an item, less its number; `None` where there is nothing to open.
        pages: How many pages there are.
    """

    rows: tuple[DecidedItem, ...]
    count: int
    page: int
    pages: int
    address: str
    item_address: str | None = None


@dataclass(frozen=True, kw_only=True)
class ClosedView:
    """`closed.html`: a question that has an outcome, or whose time is over.

    Attributes:
        question: What was asked.
        status: `completed`, `timed_out`, `cancelled` or `replaced`.
        answer: The answer in words, or `None`.
        is_long: Whether the answer is text that wants room.
        changes: What was changed of what the form was filled with.
        responder: Who answered, or `None`.
        channel: How the outcome came about, in words.
        comment: What was added, or the reason.
        closed_at: When, in UTC; `None` where only the deadline is known.
        refusal: Why the answer that was sent just now was not taken, or `None`.
        refused: What was sent then, so that it is not lost.
        successor: The address of the question that took its place, or `None`.
        files: The files among the answer.
        review: The decisions of a review, or `None`.
    """

    question: QuestionView
    status: str
    answer: Words | None = None
    is_long: bool = False
    changes: tuple[Change, ...] = ()
    responder: str | None = None
    channel: str = ""
    comment: str = ""
    closed_at: datetime | None = None
    refusal: str | None = None
    refused: str | None = None
    successor: str | None = None
    files: tuple[FileView, ...] = ()
    review: DecidedView | None = None


@dataclass(frozen=True, kw_only=True)
class ErrorView:
    """`error.html`: anything that went wrong where there is no question to show.

    Attributes:
        status: The HTTP status.
        title: What went wrong, in a few words.
        detail: Why, and how to mend it.
        typed: What was typed into the form, to be sent again, or `None`.
    """

    status: int
    title: str
    detail: str
    typed: FormBody | None = None

    @property
    def query(self) -> str:
        """The same as of the form, where files have to be chosen again."""
        if self.typed is None or not self.typed.lost:
            return ""
        return f"?{urlencode({'request_id': self.typed.request_id, 'token': self.typed.token or ''})}"


@dataclass(frozen=True, kw_only=True)
class HomeView:
    """`home.html`: what this is. It has nothing to say of requests.

    Attributes:
        version: The version of the app.
    """

    version: str = __version__


View = FormView | CheckView | ClosedView | ErrorView | HomeView
