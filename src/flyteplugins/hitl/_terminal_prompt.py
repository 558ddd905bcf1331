"""What a terminal shows of the waits of a process, and the answers that are typed there.

The questions that a line of text can answer are put one after another, in the order in which they were asked. What is
typed goes the way of the page's form, with the same rules and the same errors.
"""

from __future__ import annotations

import contextlib
import os
import select
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from ._answers import ROOT, Entries, Form, spoken
from ._background import background
from ._candidates import Check
from ._form_link import FormLink
from ._keyboard import Keyboard
from ._live_line import LiveLine
from ._machine import on_this_machine, user_of_this_machine
from ._proof import Proof
from ._quoting import harmless
from ._records import Channel, Request, Response
from ._store import new_nonce
from ._submission import Submission
from ._typed_answers import TypedAnswer, typed_answer
from ._wait_sources import Source, Sources
from ._waiting import how_it_ended, waiting_for
from .errors import FieldError, HitlError, InvalidAnswer

T = TypeVar("T")

_PAUSE_SECONDS = 0.25
"""Between two looks at what is waited for."""

_REDRAWN_AFTER = 1.0
_CALL_SECONDS = 60.0

_MOST_PUT = 20
"""Of more questions at once nobody answers one after another by typing."""

_MOST_KEPT = 100

_HALF_A_LINE = 2.0
"""How long a question waits for the script to print the rest of a line, in seconds."""
_NO_LINE = 0.2
"""How long it waits for a script that has printed nothing yet since anybody looked."""


@dataclass(eq=False)
class _Shown:
    """The event that is shown.

    Attributes:
        source: Where it comes from.
        link: The link to its form.
        answer: How it is answered here, or `None` where it takes the form.
        since: When that began, on the clock of the machine.
        is_put: Whether the question was put here.
        check: The answer that was given here, while the workflow checks it.
    """

    source: Source
    link: FormLink
    answer: TypedAnswer | None
    since: float = field(default_factory=time.monotonic)
    is_put: bool = False
    check: Check | None = None

    @property
    def request(self) -> Request:
        return self.link.request

    @property
    def is_waited_for(self) -> bool:
        return self.request.request_id in self.source.waits


class TerminalPrompt:
    """The prompt. All but `ended` and `close` is called by one thread.

    Args:
        line: Where it is shown.
        keyboard: Where answers are typed, or `None` for nowhere.
    """

    def __init__(self, line: LiveLine, keyboard: Keyboard | None) -> None:
        self._line = line
        self._keyboard = keyboard
        # Held while something is read, so that nothing is once a wait has ended.
        self._lock = threading.RLock()
        self._is_closed = False
        self._shown: _Shown | None = None
        self._answers: dict[str, TypedAnswer | None] = {}
        self._drawn: tuple[float, str] = (0.0, "")

    @property
    def is_usable(self) -> bool:
        """Whether the terminal can show it now."""
        return self._line.is_usable

    def pause(self) -> None:
        """Waits a moment; less, where something is typed."""
        shown, keyboard = self._shown, self._keyboard
        if shown is None or keyboard is None or not shown.is_put or shown.check is not None:
            time.sleep(_PAUSE_SECONDS)
            return
        is_typed = False
        with contextlib.suppress(OSError, ValueError):  # It was closed.
            is_typed = bool(select.select([keyboard], [], [], _PAUSE_SECONDS)[0])
        if is_typed and not self._take(shown, keyboard):
            # It is for somebody else, or has no end yet.
            time.sleep(_PAUSE_SECONDS)

    def step(self, sources: Sources) -> None:
        """Brings the terminal up to date."""
        self._choose(sources, may_put=self._keyboard is not None and sources.count <= _MOST_PUT)
        shown = self._shown
        if shown is None:
            return
        if shown.answer is not None and not shown.is_put:
            self._put(shown, shown.answer)
        if shown.check is not None:
            self._follow(shown, shown.check)
        self._draw(shown, sources)

    def ended(self, request: Request, response: Response | None, *, is_last: bool) -> None:
        """Is told that a wait ended. Once it returns, nothing more is read that is typed for it."""
        with self._lock:
            shown = self._shown
            if shown is None or shown.request.request_id != request.request_id:
                return
            self._shown = None
            if is_last or shown.is_put:
                self._line.say(_ending(request, response))

    def close(self) -> None:
        """Leaves the terminal as it was."""
        with self._lock:
            self._is_closed = True
            self._shown = None
            self._line.end()
            if self._keyboard is not None:
                self._keyboard.close()
                self._keyboard = None

    def _choose(self, sources: Sources, *, may_put: bool) -> None:
        shown = self._shown
        if shown is not None and shown.is_waited_for and shown.is_put:
            return
        oldest = sources.oldest
        typed = [pair for pair in oldest if self._answer_to(pair[0]) is not None] if may_put else []
        request, source = next(iter(typed or oldest), (None, None))
        if request is None or source is None or (shown is not None and shown.request is request):
            return
        link = _done(partial(source.link, request))
        chosen = _Shown(source=source, link=link, answer=self._answer_to(request) if may_put else None)
        with self._lock:
            self._shown = chosen if chosen.is_waited_for and not self._is_closed else None

    def _answer_to(self, request: Request) -> TypedAnswer | None:
        if request.request_id not in self._answers:
            if len(self._answers) > _MOST_KEPT:
                self._answers.clear()
            self._answers[request.request_id] = typed_answer(request)
        return self._answers[request.request_id]

    def _put(self, shown: _Shown, answer: TypedAnswer) -> None:
        with self._lock, self._line.held():
            if self._shown is not shown or not shown.is_waited_for:
                return
            patience = _NO_LINE if self._line.is_at_start is None else _HALF_A_LINE
            if not self._line.is_at_start and time.monotonic() - shown.since < patience:
                return  # The script is in the middle of a line, or may have been before this one looked.
            # Typed before anybody could have read the question, so it answers something else.
            early = [] if self._keyboard is None else list(iter(self._keyboard.line, None))
            self._line.say(answer.question(self._line.columns))
            if any(line.strip() for line in early):
                self._line.say("What was typed before this question was shown is not taken for its answer.")
            shown.is_put = True

    def _take(self, shown: _Shown, keyboard: Keyboard) -> bool:
        """Takes what was typed for an answer, if it is one."""
        with self._lock:
            if self._shown is not shown or self._keyboard is None or not shown.is_waited_for:
                return False
            typed = keyboard.line()
            if typed is not None:
                self._line.entered()
        if typed is not None and typed.strip() and shown.answer is not None:
            self._send(shown, shown.answer.entries(typed))
        return typed is not None

    def _send(self, shown: _Shown, entries: Entries) -> None:
        request, service = shown.request, shown.source.service
        submission = Submission(
            value=entries,
            channel=Channel.TERMINAL,
            responder=on_this_machine(user_of_this_machine()),
            idempotency_key=new_nonce(),
        )
        proof = Proof(response_path=request.response_path)
        try:
            taken = _done(partial(service.answer, request, proof, submission))
        except InvalidAnswer as error:
            self._line.say(_reasons(error.errors))
        except HitlError as error:
            self._line.say(harmless(error.public_detail))
        else:
            # An outcome ends the wait, and is told of then.
            shown.check = taken if isinstance(taken, Check) else None

    def _follow(self, shown: _Shown, check: Check) -> None:
        service = shown.source.service
        now = _done(partial(service.candidates(shown.request).check, check.number))
        if now is not None and not now.is_open:
            shown.check = None
            self._line.say(_reasons(now.errors))

    def _draw(self, shown: _Shown, sources: Sources) -> None:
        link, invitation = shown.link.form_url, _invitation(shown)
        text = waiting_for(shown.request, sources, link=link, invitation=invitation).line(
            shown.source.service.clock.now(),
            self._line.columns,
            is_unicode=self._line.speaks_unicode,
            is_coloured=not os.environ.get("NO_COLOR"),
        )
        drawn_at, drawn = self._drawn
        if self._line.is_drawn and text == drawn and time.monotonic() - drawn_at < _REDRAWN_AFTER:
            return
        with self._lock:
            if self._shown is shown:
                self._line.draw(text)
                self._drawn = time.monotonic(), text


def _invitation(shown: _Shown) -> str:
    if shown.check is not None:
        return "the workflow checks your answer"
    return "type an answer or open the form" if shown.is_put else "answer on the form"


def _ending(request: Request, response: Response | None) -> str:
    if response is not None and response.channel is Channel.TERMINAL:
        answer = Form(request.question.answer_schema).text(response.value).replace("\n", "; ")
        return f"“{harmless(request.question.name)}” is answered: {harmless(answer)}"
    return how_it_ended(request.question.name, response)


def _reasons(errors: Sequence[FieldError]) -> str:
    return "\n".join(
        harmless(each.reason if each.field == ROOT else f"{spoken(each.field.removeprefix(f'{ROOT}.'))}: {each.reason}")
        for each in errors
    )


def _done(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Has something done on the background loop, and waits for it."""
    return background.submit(work).result(_CALL_SECONDS)
