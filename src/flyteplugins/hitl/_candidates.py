"""Answers that wait for the workflow's own check, and what the check says of them: two logs side by side.

An answer that the app has found to fit is entered into the log of candidates; from then on it is kept. The workflow
takes them in their order and writes one verdict for each, so the verdicts are a log too, with the same numbers. The
deadline is the last entry in the log of candidates: so each answer is either before it, and counts, or is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from ._clock import Clock
from ._log import Log
from ._records import Candidate, Heartbeat, Reason, Response, Verdict
from ._store import Store, new_nonce
from .errors import FieldError, TooManyAnswers

MAX_CANDIDATES = 1_000
"""People correct an answer a few times; this stops a program that tries in a loop before the log grows slow to read."""

HEARTBEAT_SECONDS = 3.0
"""How often a workflow says that its check still runs."""

_HEARTBEAT_LASTS = timedelta(seconds=5 * HEARTBEAT_SECONDS)

CheckState = Literal["kept", "checking", "refused", "accepted"]


@dataclass(frozen=True, kw_only=True)
class Check:
    """Where the check of an answer stands.

    Attributes:
        number: The number of the candidate.
        response: What becomes the outcome if the check accepts it.
        verdict: What the check said, or `None` before.
        is_running: Whether a workflow was seen to check it just now.
    """

    number: int
    response: Response
    verdict: Verdict | None = None
    is_running: bool = False

    @property
    def state(self) -> CheckState:
        """In one word. What is `accepted` here becomes the outcome, unless a cancel comes before it."""
        if self.verdict is not None:
            return "accepted" if self.verdict.accepted else "refused"
        return "checking" if self.is_running else "kept"

    @property
    def is_open(self) -> bool:
        """Whether this answer may still become the outcome: the deadline has to wait for it."""
        return self.state != "refused"

    @property
    def errors(self) -> Sequence[FieldError]:
        """Why the answer was refused, if it was."""
        reasons = () if self.verdict is None else self.verdict.errors
        return [FieldError(field=each.field, reason=each.reason) for each in reasons]


class Candidates:
    """The candidates of one request.

    Args:
        store: Where they are.
        request_id: The request.
        clock: Tells the time.
    """

    def __init__(self, store: Store, request_id: str, clock: Clock) -> None:
        self._store = store
        self._request_id = request_id
        self._clock = clock
        self._candidates = Log(store, Candidate, f"candidates/{request_id}")
        self._verdicts = Log(store, Verdict, f"verdicts/{request_id}")
        self._heartbeat_path = f"checking/{request_id}.json"

    async def enter(self, response: Response, *, is_in_time: bool) -> Check | None:
        """Keeps an answer to be checked, or finds it where it was kept before.

        Args:
            response: What becomes the outcome if the check accepts it; its nonce tells whether it was kept before.
            is_in_time: Whether it may be kept if it was not before.

        Returns:
            Where its check stands, or `None` where it came too late.

        Raises:
            TooManyAnswers: So many were refused before that no more are taken.
        """
        known = await self._candidates.entries()
        for number, candidate in enumerate(known):
            if candidate.response is not None and candidate.nonce == response.nonce:
                return await self.check(number)
        if not is_in_time:
            return None
        if len(known) >= MAX_CANDIDATES:
            raise TooManyAnswers(
                f"{MAX_CANDIDATES:,} answers to this question came before, and none was accepted. No more are taken. "
                "Ask whoever runs the workflow to look at its check."
            )
        candidate = Candidate(nonce=response.nonce, request_id=self._request_id, response=response)
        entries = await self._candidates.enter(
            candidate, lambda entry: entry.response is None or entry.nonce == response.nonce, known
        )
        kept = entries[-1].response
        return None if kept is None else Check(number=len(entries) - 1, response=kept)

    async def check(self, number: int) -> Check | None:
        """Where the check of a candidate stands, or `None` where there is no such candidate."""
        candidate = await self._candidates.read(number)
        if candidate is None or candidate.response is None:
            return None
        verdict = await self._verdicts.read(number)
        is_running = verdict is None and await self._is_running(number)
        return Check(number=number, response=candidate.response, verdict=verdict, is_running=is_running)

    async def latest(self) -> Check | None:
        """Where the check of the latest candidate stands, or `None` where there is none."""
        last = await self._candidates.last()
        if last is None:
            return None
        number, candidate = last
        # Before the entry of the deadline is the last answer, if there was any.
        number = number if candidate.response is not None else number - 1
        return None if number < 0 else await self.check(number)

    async def accepted(self) -> Response | None:
        """The response that the check accepted, or `None`. Nothing is checked after it, so it has the last verdict."""
        last = await self._verdicts.last()
        if last is None or not last[1].accepted:
            return None
        candidate = await self._candidates.read(last[0])
        return None if candidate is None else candidate.response

    async def judge(self, number: int, errors: Sequence[FieldError]) -> Verdict:
        """Writes what the check said of a candidate, unless that was written before.

        Args:
            number: The number of the candidate.
            errors: Why it is refused; none where it is accepted.

        Returns:
            The verdict that stands: all who read it must go by it, whatever their own check said.
        """
        verdict = Verdict(
            nonce=new_nonce(),
            request_id=self._request_id,
            accepted=not errors,
            errors=tuple(Reason(field=error.field, reason=error.reason) for error in errors),
            checked_at=self._clock.now(),
        )
        standing, _ = await self._verdicts.write(number, verdict)
        return standing

    async def close(self) -> bool:
        """Enters the deadline behind the last candidate, unless one has yet to be checked or was accepted.

        Returns:
            Whether no answer can come any more.
        """
        closing = Candidate(nonce=new_nonce(), request_id=self._request_id, response=None)
        last = await self._candidates.last()
        while last is None or last[1].response is not None:
            number = 0
            if last is not None:
                verdict = await self._verdicts.read(last[0])
                if verdict is None or verdict.accepted:
                    return False
                number = last[0] + 1
            standing, _ = await self._candidates.write(number, closing)
            last = number, standing
        return True

    async def beat(self, number: int) -> None:
        """Says that the check of a candidate runs just now."""
        heartbeat = Heartbeat(nonce=new_nonce(), request_id=self._request_id, number=number, seen_at=self._clock.now())
        await self._store.overwrite(self._heartbeat_path, heartbeat)

    async def _is_running(self, number: int) -> bool:
        heartbeat = await self._store.read(self._heartbeat_path, Heartbeat)
        return (
            heartbeat is not None
            and heartbeat.number == number
            and self._clock.now() - heartbeat.seen_at < _HEARTBEAT_LASTS
        )
