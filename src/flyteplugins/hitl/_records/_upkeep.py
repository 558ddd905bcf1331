"""What a store keeps for itself: its key, its check, the port of an app."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from ._record import NonEmpty, Record
from ._request import Origin


class SigningKey(Record):
    """The store's own secret, made once. Whoever can read it can answer anything: guard the store."""

    secret: Annotated[str, Field(min_length=43, repr=False)]


class StoreCheck(Record):
    """That this store was found to let exactly one of several writers create an object."""

    create_only: Literal[True]
    checked_at: AwareDatetime


class CheckedEndpoint(Record):
    """That an app on this store was once found at an address. From then on links lead there, even while it is down."""

    address: str
    checked_at: AwareDatetime


class PushTarget(Record):
    """The condition of Flyte's that an action has now, which has it look at once when the app signals it.

    Overwritten with the next one. It decides nothing: whoever finds none, or an old one, leaves it to the next look.
    """

    organization: str
    project: str
    domain: str
    run: NonEmpty
    action: NonEmpty
    parent: NonEmpty

    def is_of(self, origin: Origin) -> bool:
        """Whether it is of the run that asks. Another run's is none of its business, whoever wrote it."""
        own = (origin.organization, origin.project, origin.domain, origin.run)
        return (self.organization, self.project, self.domain, self.run) == own


class Endpoint(Record):
    """The port on which a run's app was last reached on this machine, so that a restart can take it again."""

    port: int = Field(ge=1, le=65535)
