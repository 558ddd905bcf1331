"""How a command ends: a number that programs can go by, for each kind of error."""

from __future__ import annotations

from enum import IntEnum

from ..errors import (
    BodyTooLarge,
    HitlError,
    InvalidAnswer,
    InvalidParameter,
    MediaTypeRefused,
    RequestClosed,
    RequestNotFound,
    ReviewMoved,
    StoreRefused,
    StoreUnavailable,
    TooManyAnswers,
)


class Exit(IntEnum):
    """The exit codes, all of them."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    NOT_FOUND = 3
    CLOSED = 4
    REFUSED = 5
    UNREACHABLE = 6
    INTERRUPTED = 130


_EXITS: dict[type[HitlError], Exit] = {
    InvalidParameter: Exit.USAGE,
    RequestNotFound: Exit.NOT_FOUND,
    RequestClosed: Exit.CLOSED,
    ReviewMoved: Exit.CLOSED,
    InvalidAnswer: Exit.REFUSED,
    TooManyAnswers: Exit.REFUSED,
    BodyTooLarge: Exit.REFUSED,
    MediaTypeRefused: Exit.REFUSED,
    StoreUnavailable: Exit.UNREACHABLE,
    StoreRefused: Exit.UNREACHABLE,
}


def exit_of(error: HitlError) -> Exit:
    """The exit code of an error."""
    return next((_EXITS[kind] for kind in type(error).__mro__ if kind in _EXITS), Exit.FAILED)
