"""What a record keeps in place of a value: secrets sealed, files and tables by what is in the store."""

from __future__ import annotations

from pydantic import JsonValue

from ._answers import Form
from ._links import Links
from ._records import Request
from ._store import Store
from ._tables import fitting_changes
from ._uploads import Uploads


async def kept_value(request: Request, value: JsonValue, links: Links, store: Store, uploads: Uploads) -> JsonValue:
    """A value as its record keeps it: what it refers to in the store is held against it, and secrets are sealed.

    Raises:
        InvalidAnswer: Changes do not fit the table, or an upload is none of this request.
    """
    fitting = await fitting_changes(store, request.question, value)
    fitting = await uploads.resolved(request.request_id, request.question, fitting)
    return Form(request.question.answer_schema).mapped(
        fitting, {"secret": lambda secret: links.sealed(request.request_id, str(secret))}
    )


def opened_value(request: Request, value: JsonValue, links: Links, uploads: Uploads) -> JsonValue:
    """A recorded value as the workflow gets it, with the secrets in it open and the files where they lie.

    Raises:
        DamagedRecord: A secret was not sealed with this store's key.
    """

    def unsealed(secret: JsonValue) -> JsonValue:
        return links.unsealed(request.request_id, secret) if isinstance(secret, str) else secret

    def located(leaf: JsonValue) -> JsonValue:
        return uploads.as_file(request.request_id, leaf)

    return Form(request.question.answer_schema).mapped(value, {"secret": unsealed, "file": located})
