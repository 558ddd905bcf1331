"""The pages of a review: one item with its decision, and the list of all of them."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from markupsafe import Markup
from pydantic import JsonValue

from .._answers import Entries, Form, FormField, Words, spoken
from .._markdown import render_markdown
from .._progress import Standing
from .._records import Item, Request
from .._reviews import decision_form, review_of, undecided
from ..errors import FieldError
from ._bodies import FormBody
from ._contexts import DecidedItem, DecidedView, ProblemView, QuestionView
from ._shown import NOTHING_SHOWN, Shown
from ._views import _problems, question_view

ROWS = 100
"""Items on one page of the list."""

_MAX_TITLE = 90

_MARKS = re.compile(r"^\s*([#>]+|[-*+]|\d+\.)\s+|\*\*|__|`")


@dataclass(frozen=True, kw_only=True)
class ItemView:
    """`_review_item.html`: what is decided on.

    Attributes:
        number: Which it is, from 1.
        title: What it is called, in a line.
        text: The item as safe HTML, where it is text.
        words: The item in words, where it is something else.
    """

    number: int
    title: str
    text: Markup | None = None
    words: Words | None = None


@dataclass(frozen=True, kw_only=True)
class DecisionView:
    """`_review_decision.html`: what takes the decision on an item.

    Attributes:
        request_id: Names the request.
        token: Proves the right to decide.
        item: The item.
        field: The field, filled in.
        decided: The decision that is kept, in words, or `None`.
        suggested: The suggestion in words, or `None`.
        problems: What is wrong with what was sent.
        max_bytes: The largest form that the app reads, in bytes.
        query: What a form with files adds to its addresses: nothing, for a review takes none.
    """

    request_id: str
    token: str
    item: ItemView
    field: FormField
    decided: str | None = None
    suggested: str | None = None
    problems: tuple[ProblemView, ...] = ()
    max_bytes: int
    query: str = ""


@dataclass(frozen=True, kw_only=True)
class ItemProblemView:
    """One thing that is wrong with the decisions that were submitted.

    Attributes:
        number: The item's number, from 1, or `None` where it is about all.
        label: What the field of the decision is called, or `None` where it is all of it.
        reason: Why.
    """

    number: int | None
    label: str | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class Refused:
    """What the workflow found wrong with an answer of a review.

    Attributes:
        problems: What.
        candidate: The number of the answer.
    """

    problems: tuple[ItemProblemView, ...]
    candidate: int | None

    @property
    def first(self) -> str | None:
        """The number of the first item that something is wrong with, as it is in an address."""
        return next((str(each.number) for each in self.problems if each.number is not None), None)


@dataclass(frozen=True, kw_only=True)
class ReviewView:
    """`review.html`: an open review at one of its items.

    Attributes:
        request_id: Names the request.
        token: Proves the right to decide.
        question: What is asked.
        decision: The item and what takes its decision.
        count: How many items there are.
        decided: How many of them are decided.
        seen: How many entries of the log this page knows.
        allow_partial: Whether items may be left undecided.
        cannot_submit: Why it cannot be submitted yet, or `None`.
        address: The address of an item, less its number.
        list_address: The address of a page of the list, less its number.
        listed: The list, in place of the item, or `None`.
        comment: What the comment is filled with.
        idempotency_key: Makes submitting twice count once.
        notice: What went wrong just now, or `None`.
        problems: What is wrong with the decisions that were submitted.
        problem_address: The address of an item that goes on telling of them, less its number.
    """

    request_id: str
    token: str
    question: QuestionView
    decision: DecisionView
    count: int
    decided: int
    seen: int
    allow_partial: bool
    cannot_submit: str | None
    address: str
    list_address: str
    listed: DecidedView | None = None
    comment: str = ""
    idempotency_key: str
    notice: str | None = None
    problems: tuple[ItemProblemView, ...] = ()
    problem_address: str

    @property
    def comment_errors(self) -> bool:
        """Whether something is wrong with the comment; the notice tells of it."""
        return False


def item_view(item: Item, number: int) -> ItemView:
    """An item for people to read.

    Args:
        item: The item.
        number: Its number, from 0.
    """
    title = title_of(item.shown)
    if isinstance(item.shown, str):
        # Made safe by the cleaner.
        return ItemView(number=number + 1, title=title, text=Markup(render_markdown(item.shown)))  # noqa: S704
    return ItemView(number=number + 1, title=title, words=_words(item.shown))


def decision_view(
    request: Request,
    token: str,
    item: Item,
    number: int,
    standing: Standing,
    *,
    max_bytes: int,
    typed: FormBody | None = None,
    errors: Sequence[FieldError] = (),
) -> DecisionView:
    """What takes the decision on an item: filled with what was typed, else decided, else suggested.

    Args:
        number: The item's number, from 0.
    """
    form = decision_form(request)
    is_decided, kept = number in standing.decided, standing.decided.get(number)
    if typed is not None and typed.entries:
        entries = typed.entries
    elif is_decided:
        entries = form.filled(kept)
    else:
        entries = form.blank() if item.initial is None else form.filled(item.initial.value)
    field = form.field(entries, [(error.field, error.reason) for error in errors])
    return DecisionView(
        request_id=request.request_id,
        token=token,
        item=item_view(item, number),
        field=field,
        decided=line(form.text(kept)) if is_decided else None,
        # A form that is not of buttons is filled with it.
        suggested=line(form.text(item.initial.value)) if item.initial is not None and field.sends else None,
        problems=_problems(field, errors),
        max_bytes=max_bytes,
    )


def review_view(
    request: Request,
    token: str,
    decision: DecisionView,
    standing: Standing,
    *,
    listed: DecidedView | None = None,
    comment: str = "",
    idempotency_key: str | None = None,
    notice: str | None = None,
    refused: Refused | None = None,
    shown: Shown = NOTHING_SHOWN,
) -> ReviewView:
    """The page of an open review."""
    review = review_of(request)
    left = review.count - len(standing.decided)
    return ReviewView(
        request_id=request.request_id,
        token=token,
        question=question_view(request, shown),
        decision=decision,
        count=review.count,
        decided=len(standing.decided),
        seen=standing.number,
        allow_partial=review.allow_partial,
        cannot_submit=undecided(left, review.count) if left and not review.allow_partial else None,
        address=address(request, token, "item"),
        list_address=address(request, token, "page"),
        listed=listed,
        comment=comment,
        idempotency_key=idempotency_key or secrets.token_urlsafe(16),
        notice=notice,
        problems=() if refused is None else refused.problems,
        problem_address=address(request, token, "item", None if refused is None else refused.candidate),
    )


def refused_by_check(request: Request, problems: Iterable[ProblemView], candidate: int | None) -> Refused:
    """What the workflow found wrong with the decisions that were submitted.

    Args:
        problems: The same by the paths of the list.
        candidate: The number of the answer that it refused.
    """
    labels = {each.path: each.label for each in decision_form(request).field(Entries(())).walk() if not each.is_root}
    return Refused(problems=tuple(_item_problem(each, labels) for each in problems), candidate=candidate)


def _item_problem(problem: ProblemView, labels: Mapping[str, str]) -> ItemProblemView:
    whole, *path = problem.path.split(".")
    if not path or not path[0].isdecimal():
        return ItemProblemView(number=None, label=None, reason=problem.reason)
    inside = ".".join(path[1:])
    label = labels.get(f"{whole}.{inside}", inside) or None
    return ItemProblemView(number=int(path[0]) + 1, label=label, reason=problem.reason)


def decided_view(
    request: Request,
    token: str,
    items: Sequence[Item],
    decided: Mapping[int, JsonValue],
    page: int,
    *,
    can_open: bool,
) -> DecidedView:
    """A page of the list.

    Args:
        items: The items of this page.
        decided: The decisions, by the number of the item, from 0.
        page: Which page, from 1.
        can_open: Whether the items lead to their pages.
    """
    count = review_of(request).count
    first = (page - 1) * ROWS
    form = decision_form(request)
    return DecidedView(
        rows=tuple(_row(form, item, first + place, decided) for place, item in enumerate(items)),
        count=count,
        page=page,
        pages=pages_of(request),
        address=address(request, token, "page"),
        item_address=address(request, token, "item") if can_open else None,
    )


def address(request: Request, token: str, parameter: str, candidate: int | None = None) -> str:
    """The address of an item or of a page of the list, less its number."""
    proven = {"token": token} if candidate is None else {"token": token, "candidate": str(candidate)}
    return f"form/{request.request_id}?{urlencode(proven)}&{parameter}="


def pages_of(request: Request) -> int:
    return -(-review_of(request).count // ROWS)


def _row(form: Form, item: Item, number: int, decided: Mapping[int, JsonValue]) -> DecidedItem:
    decision = line(form.text(decided[number])) if number in decided else None
    suggestion = None if item.initial is None else line(form.text(item.initial.value))
    return DecidedItem(
        number=number + 1,
        title=title_of(item.shown),
        decision=decision,
        suggestion=suggestion if decision is not None and suggestion != decision else None,
    )


def title_of(shown: JsonValue) -> str:
    """An item in a line."""
    if isinstance(shown, str):
        lines = (_MARKS.sub("", each).strip() for each in shown.splitlines())
        return line(next((each for each in lines if each), "(empty)"))
    if isinstance(shown, dict):
        short = [str(each) for each in shown.values() if isinstance(each, (str, int, float))]
        return line(" · ".join(short[:3]) or "(empty)")
    return line(json.dumps(shown, ensure_ascii=False))


def line(text: str) -> str:
    """A text in one line, not all of it where it is long."""
    flat = " · ".join(part for part in (each.strip() for each in text[: 4 * _MAX_TITLE].splitlines()) if part)
    return flat if len(flat) <= _MAX_TITLE else flat[:_MAX_TITLE] + "…"


def _words(value: JsonValue, label: str = "") -> Words:
    if isinstance(value, dict) and value:
        return Words(label=label, parts=tuple(_words(each, spoken(name)) for name, each in value.items()))
    if isinstance(value, list) and value:
        return Words(label=label, parts=tuple(map(_words, value)), is_list=True)
    if isinstance(value, bool):
        return Words(label=label, text="Yes" if value else "No")
    if value is None or value in ({}, []):
        return Words(label=label, text="none")
    return Words(label=label, text=value if isinstance(value, str) else json.dumps(value))
