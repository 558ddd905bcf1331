"""Names of variables that were meant for settings and are none: passed over, they would lead to another store."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterable
from difflib import get_close_matches

from ._settings import PREFIX, VARIABLES
from .errors import InvalidParameter

logger = logging.getLogger("flyteplugins.hitl")

_ALIKE = 0.75
"""How alike two names are, from 0 to 1, for one to be a slip of the other: `STOR` and `STORE`, not `PORT`."""

_OF_KUBERNETES = re.compile(r"_SERVICE_(HOST|PORT)(_\w+)?$|_PORT(_\d+_(TCP|UDP|SCTP)(_\w+)?)?$")
"""What it tells pods of a service that is called `flyte-hitl…`."""


def check_names(variables: Iterable[str] = os.environ) -> None:
    """Looks for variables with our prefix that are no settings.

    One that is a slip is an error, since what was meant does not hold. Any other may be of a later version: it is told.

    Args:
        variables: The names of the variables.

    Raises:
        InvalidParameter: One is a slip; the message names it and what is meant.
    """
    for name in variables:
        if not name.upper().startswith(PREFIX) or name in VARIABLES or _OF_KUBERNETES.search(name):
            continue
        meant = get_close_matches(name.upper()[len(PREFIX) :], [each[len(PREFIX) :] for each in VARIABLES], 1, _ALIKE)
        if meant:
            raise InvalidParameter(f"{name} is no setting. Is {PREFIX}{meant[0]} meant? Set that, and unset {name}.")
        logger.warning("%s is no setting of this version, and is passed over.", name)
