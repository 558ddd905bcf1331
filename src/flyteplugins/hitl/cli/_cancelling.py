"""`cancel`: closes a question with no answer."""

from __future__ import annotations

from .._machine import on_this_machine, user_of_this_machine
from .._records import Channel
from .._refusals import already_closed
from ._described import answer_in_short, outcome_as_json, outcome_in_words
from ._exits import Exit
from ._plain import line
from ._session import Session


async def cancel(session: Session, given: str, reason: str) -> int:
    """Cancels a question, unless it has an outcome."""
    request = await session.request(given)
    standing = await session.service.settle(request)
    is_ours = False
    if standing is None:
        responder = on_this_machine(user_of_this_machine())
        standing = await session.service.cancel(request, reason, channel=Channel.CLI, responder=responder)
        is_ours = (standing.channel, standing.responder, standing.comment) == (Channel.CLI, responder, reason)
    if not is_ours:
        value = answer_in_short(request, standing)
        addition = outcome_in_words(standing) + (f" The answer that stands: {value}." if value else "")
        return session.terminal.fail(already_closed(request, standing), outcome_as_json(request, standing), addition)
    if session.terminal.as_json:
        content = {"request_id": request.request_id, "outcome": outcome_as_json(request, standing)}
        session.terminal.data(content)
    else:
        session.terminal.say(f"Cancelled “{line(request.question.name)}”. Its workflow does not wait any more.")
    return Exit.DONE
