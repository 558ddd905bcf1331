"""What a caller shows to be let at a request."""

from __future__ import annotations

import pytest

from flyteplugins.hitl._links import Links
from flyteplugins.hitl._proof import Proof
from flyteplugins.hitl._records import Request
from flyteplugins.hitl._service import Service
from flyteplugins.hitl.errors import AccessDenied
from tests.support.questions import asked


def shown(request: Request, links: Links, *, token: bool | None, path: bool | None) -> Proof:
    """A proof whose parts are right, wrong, or not there."""
    tokens = {True: links.token(request.request_id), False: "wrong", None: None}
    paths = {True: request.response_path, False: "responses/wrong.json", None: None}
    return Proof(token=tokens[token], response_path=paths[path])


@pytest.mark.asyncio
@pytest.mark.parametrize(("token", "path"), [(True, None), (None, True), (True, True)])
async def test_either_part_is_enough(service: Service, token: bool | None, path: bool | None) -> None:
    request, links = await asked(service), await service.links()
    shown(request, links, token=token, path=path).check(request, links)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("token", "path"), [(None, None), (False, None), (None, False), (False, True), (True, False), (False, False)]
)
async def test_a_part_that_is_wrong_is_not_made_good_by_the_other(
    service: Service, token: bool | None, path: bool | None
) -> None:
    request, links = await asked(service), await service.links()
    proof = shown(request, links, token=token, path=path)
    with pytest.raises(AccessDenied):
        proof.check(request, links)


def test_it_is_not_printed() -> None:
    assert "secret" not in repr(Proof(token="secret", response_path="responses/secret.json"))
