"""Who sits at this machine."""

from __future__ import annotations

import getpass


def user_of_this_machine() -> str:
    """The name of the machine's user."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "the user"  # A container may run under a number that has no name.


def on_this_machine(user: str) -> str:
    """How records name somebody who is known by no more than the machine."""
    return f"{user} on this machine"
