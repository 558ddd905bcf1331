"""`answer`: an answer from the command line, by the rules of the form."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass

from .._answers import ROOT, Entries, Form
from .._candidates import Check
from .._machine import on_this_machine, user_of_this_machine
from .._marks import Interest
from .._records import Channel, Request, Response
from .._submission import Submission
from ..errors import FieldError, InvalidAnswer, InvalidParameter, RequestClosed
from ._asker import ask_for
from ._described import answer_in_short, check_as_json, outcome_as_json, outcome_in_words
from ._exits import Exit
from ._files import with_files
from ._session import Session

_LOOK_SECONDS = 0.5
"""How often it is looked whether the workflow has checked an answer."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """What the command line says of an answer.

    Attributes:
        text: The value, as it would be typed into the form; `-` for what comes through standard input.
        json: The value as JSON.
        comment: What to add; `None` where nothing was said of it.
        idempotency_key: The same key for the same answer sent again, so that it counts once.
        waits: Whether to wait until the workflow has checked it.
        files: The files that are a part of it, each as `PATH` or `FIELD=PATH`.
    """

    text: str | None
    json: str | None
    comment: str | None
    idempotency_key: str | None
    waits: bool
    files: tuple[str, ...] = ()


async def answer(session: Session, request_id: str, given: Given) -> int:
    """Answers a question."""
    value = None if given.text is None and given.json is None else _value(given)
    if value is None and not given.files and not session.terminal.is_interactive:
        raise InvalidParameter(
            "The answer is missing: there is no terminal to ask for it. Give it as VALUE, as `-` to read it from "
            "standard input, or by --value-json."
        )
    request = await session.request(request_id)
    try:
        if given.files:
            rest = None if value is None else _as_json(value)
            return await _sent(session, request, await with_files(session, request, rest, given.files), given)
        if value is None:
            return await _asked(session, request, given)
        return await _sent(session, request, _typed(request, value), given)
    except RequestClosed as error:
        return await _lost(session, request, error)


async def _asked(session: Session, request: Request, given: Given) -> int:
    """Asks the person at the terminal until the answer fits."""
    await session.service.check_open(request)
    # The workflow looks often while somebody is about to answer, as it does for an open form.
    await session.service.seen(request, Interest.LOOKING)
    entries: Entries | None = None
    errors: tuple[FieldError, ...] = ()
    while True:
        entries, comment = ask_for(session.terminal, request, entries, errors, given.comment)
        try:
            return await _sent(session, request, entries, given, comment)
        except InvalidAnswer as error:
            errors = error.errors


async def _sent(session: Session, request: Request, value: object, given: Given, comment: str = "") -> int:
    submission = Submission(
        value=value,
        channel=Channel.CLI,
        comment=given.comment or comment,
        responder=on_this_machine(user_of_this_machine()),
        idempotency_key=given.idempotency_key,
    )
    taken = await session.service.answer(request, await session.proof(request), submission)
    if isinstance(taken, Check) and given.waits:
        taken = await _checked(session, request, taken)
    if isinstance(taken, Check):
        return _kept(session, request, taken)
    return _accepted(session, request, taken)


async def _checked(session: Session, request: Request, check: Check) -> Response | Check:
    """Waits until the workflow has checked an answer.

    Raises:
        InvalidAnswer: It refuses the answer.
        RequestClosed: The question was closed otherwise meanwhile.
    """
    candidates = session.service.candidates(request)
    session.terminal.note("The answer is kept. Waiting for the workflow to check it.")
    while True:
        standing = await session.service.settle(request)
        if standing is not None:
            if standing.nonce == check.response.nonce:
                return standing
            raise RequestClosed("This answer was not taken: the question was closed before it was checked.", standing)
        latest = await candidates.check(check.number)
        if latest is not None and latest.state == "refused":
            raise InvalidAnswer(*latest.errors)
        await asyncio.sleep(_LOOK_SECONDS)


def _accepted(session: Session, request: Request, response: Response) -> int:
    if session.terminal.as_json:
        content = {"request_id": request.request_id, "outcome": outcome_as_json(request, response)}
        session.terminal.data(content)
    else:
        value = answer_in_short(request, response) or "an empty text"
        session.terminal.say(f"Accepted: {value}. The workflow gets it.")
    return Exit.DONE


def _kept(session: Session, request: Request, check: Check) -> int:
    if check.errors:
        # The same answer was sent before with this key, and was refused meanwhile.
        raise InvalidAnswer(*check.errors)
    if session.terminal.as_json:
        content = {"request_id": request.request_id, "outcome": None, "check": check_as_json(check)}
        session.terminal.data(content)
    else:
        session.terminal.say(
            "Kept. The workflow checks it before it is accepted; see what comes of it by "
            f"`flyte hitl show {request.request_id}`, or wait for that with --wait."
        )
    return Exit.DONE


async def _lost(session: Session, request: Request, error: RequestClosed) -> int:
    """Tells who was quicker."""
    if error.response is None:
        return session.terminal.fail(error)
    value = answer_in_short(request, error.response)
    addition = outcome_in_words(error.response) + (f" The answer that stands: {value}." if value else "")
    return session.terminal.fail(error, outcome_as_json(request, error.response), addition)


@dataclass(frozen=True)
class _Text:
    """A value as it would be typed."""

    text: str


def _value(given: Given) -> object:
    if given.text is not None and given.json is not None:
        raise InvalidParameter("The answer is there twice: give it as VALUE or by --value-json.")
    text = given.json if given.text is None else given.text
    if text == "-":
        text = sys.stdin.read().removesuffix("\n")
    if given.json is None:
        return _Text(text or "")
    # Wrapped, because `null` is an answer too.
    return [_read(text or "")]


def _as_json(value: object) -> object:
    """What there is of an answer beside its files."""
    return _read(value.text) if isinstance(value, _Text) else _whole(value)


def _whole(value: object) -> object:
    return value[0] if isinstance(value, list) else value


def _read(text: str) -> object:
    try:
        return json.loads(text, parse_constant=_refused_constant)
    except (ValueError, RecursionError) as error:
        raise InvalidAnswer(FieldError(field="value", reason=f"This is not JSON: {error}.")) from None


def _refused_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON number")


def _typed(request: Request, value: object) -> object:
    """A value as the rules read it: text is read as what a form of one field holds, or as the JSON of several."""
    if not isinstance(value, _Text):
        return _whole(value)
    form = Form(request.question.answer_schema)
    is_json = form.field(form.blank()).kind == "json"
    return Entries([(ROOT, value.text)]) if is_json else value.text
