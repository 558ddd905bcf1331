"""Runs the author's own check of an answer, and makes errors by field of whatever it returns or raises."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import inspect
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from ._quoting import shown
from .errors import FieldError, HitlError, Invalid, InvalidAnswer

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Validate = Callable[[Any], object]
"""What an author gives as `validate=`: plain or async, with the answer as its only argument."""

MAX_ERRORS = 50
"""More than anybody reads above a form."""

MAX_REASON_CHARACTERS = 500
"""A few sentences beside a field."""

MAX_FIELD_CHARACTERS = 200

NO_REASON = "The workflow's check refuses this answer."
"""What a person is told where the author's function gives no reason, such as by returning `False`."""

_MAY_RETURN = (
    "Return None or True to accept, False or a reason as text to refuse, a list of reasons, or a dict of reasons by "
    "field; or raise `hitl.Invalid`."
)


async def errors_of(validate: Validate, value: object) -> tuple[FieldError, ...]:
    """Runs the author's function on an answer.

    Args:
        validate: The function. A plain one runs in a thread, an async one on this event loop.
        value: The answer, of the type that the event asks for.

    Returns:
        Why the answer is refused; nothing where it is accepted.

    Raises:
        TypeError: The function returned what is neither.
        Exception: Whatever else it raised that refuses nothing: a fault of the function.
    """
    try:
        return _bounded(_told(await _called(validate, value)))
    except InvalidAnswer as error:
        return _refused([_within_value(each) for each in error.errors])
    except ValidationError as error:
        return _refused([_of_pydantic(each) for each in error.errors(include_url=False, include_input=False)])
    except HitlError:
        # Some are ValueErrors too, and mean that the function itself asks in a wrong way.
        raise
    except (ValueError, AssertionError) as error:
        return _refused([FieldError(field="value", reason=str(error))])


async def _called(validate: Validate, value: object) -> object:
    if _is_async(validate):
        result = validate(value)
    else:
        result = await _in_thread(validate, value)
    return await result if inspect.isawaitable(result) else result


def _is_async(validate: Validate) -> bool:
    # An object may be called by an async method of its class.
    return inspect.iscoroutinefunction(validate) or inspect.iscoroutinefunction(type(validate).__call__)


async def _in_thread(validate: Validate, value: object) -> object:
    """Calls a function in a thread of its own.

    The few threads that asyncio keeps are needed for the disk, and would hold up the end of the script until the
    function returns.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[object] = loop.create_future()
    context = contextvars.copy_context()

    def settle(result: object, error: BaseException | None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)

    def run() -> None:
        result, failure = None, None
        try:
            result = context.run(validate, value)
        except BaseException as error:
            failure = _carried(error)
        # The loop may be closed by now: then nobody waits there any more.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, result, failure)

    threading.Thread(target=run, name="flyteplugins-hitl-validate", daemon=True).start()
    return await future


def _carried(error: BaseException) -> BaseException:
    # A future takes no StopIteration, and SystemExit of a thread must not end the loop.
    if isinstance(error, Exception) and not isinstance(error, StopIteration):
        return error
    carried = RuntimeError(f"the function given as `validate=` raised {type(error).__name__}")
    carried.__cause__ = error
    return carried


def _told(result: object) -> Sequence[FieldError]:
    """The errors in what a function returned."""
    if result is None or result is True:
        return ()
    if result is False:
        return (FieldError(field="value", reason=NO_REASON),)
    problem = ""
    if isinstance(result, (str, list, tuple, Mapping)):
        try:
            return Invalid(result).errors
        except TypeError as error:
            problem = f"{error} "
    raise TypeError(f"The function given as `validate=` returned {shown(result)}. {problem}{_MAY_RETURN}")


def _within_value(error: FieldError) -> FieldError:
    if error.field == "value" or error.field.startswith("value."):
        return error
    return FieldError(field=f"value.{error.field}" if error.field else "value", reason=error.reason)


def _of_pydantic(error: ErrorDetails) -> FieldError:
    return FieldError(field=".".join(["value", *map(str, error["loc"])]), reason=error["msg"])


def _refused(errors: Sequence[FieldError]) -> tuple[FieldError, ...]:
    return _bounded(errors or [FieldError(field="value", reason=NO_REASON)])


def _bounded(errors: Sequence[FieldError]) -> tuple[FieldError, ...]:
    """Errors as the record and the page can hold them."""
    kept = [
        FieldError(
            field=_clipped(error.field, MAX_FIELD_CHARACTERS),
            reason=_clipped(error.reason.strip() or NO_REASON, MAX_REASON_CHARACTERS),
        )
        for error in errors[:MAX_ERRORS]
    ]
    if len(errors) > len(kept):
        kept.append(FieldError(field="value", reason=f"There are {len(errors) - len(kept):,} errors more."))
    return tuple(kept)


def _clipped(text: str, limit: int) -> str:
    # Half of a surrogate pair must not come along: no page and no JSON can hold it.
    kept = text[:limit].encode(errors="replace").decode()
    return kept if len(text) <= limit else f"{kept}…"
