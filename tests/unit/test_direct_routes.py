"""A route with nothing in between hands over what the address has, as text, and FastAPI documents it all the same."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Query
from pydantic import BaseModel
from starlette.requests import Request as HttpRequest
from starlette.responses import PlainTextResponse

from flyteplugins.hitl.app._direct_routes import DirectRoute

router = APIRouter(route_class=DirectRoute)


class Told(BaseModel):
    """What was given."""

    name: str
    word: str | None
    number: str


@router.get("/told/{name}")
async def told(
    http_request: HttpRequest,
    name: str,
    word: Annotated[str | None, Query(description="A word.")] = None,
    number: Annotated[str, Query(description="A number.")] = "0",
) -> Told:
    return Told(name=name, word=word, number=number)


@router.get("/plain", status_code=200)
async def plain(http_request: HttpRequest) -> PlainTextResponse:
    return PlainTextResponse("ü", HTTPStatus.ACCEPTED)


app = FastAPI(routes=router.routes)


async def got(address: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app") as client:
        return await client.get(address)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/told/a", {"name": "a", "word": None, "number": "0"}),
        ("/told/a?word=&number=7", {"name": "a", "word": "", "number": "7"}),
        ("/told/a?word=one&word=two", {"name": "a", "word": "two", "number": "0"}),
        ("/told/a?name=b&word=%C3%BC%26", {"name": "a", "word": "ü&", "number": "0"}),
        ("/told/a%3Fword=b?other=c", {"name": "a?word=b", "word": None, "number": "0"}),
    ],
)
async def test_a_parameter_is_what_the_address_has(address: str, expected: dict[str, str | None]) -> None:
    reply = await got(address)
    assert (reply.status_code, reply.json()) == (200, expected)


@pytest.mark.asyncio
async def test_an_answer_is_sent_as_it_is() -> None:
    reply = await got("/plain")
    assert (reply.status_code, reply.text) == (202, "ü")


def test_parameters_and_models_are_documented() -> None:
    call = app.openapi()["paths"]["/told/{name}"]["get"]
    assert [(each["name"], each["in"]) for each in call["parameters"]] == [
        ("name", "path"),
        ("word", "query"),
        ("number", "query"),
    ]
    assert call["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].endswith("/Told")


def test_a_parameter_that_is_no_text_is_refused_when_the_app_is_made() -> None:
    async def counted(http_request: HttpRequest, count: int = 0) -> PlainTextResponse:
        return PlainTextResponse(str(count))

    with pytest.raises(TypeError, match="`count` of counted is no text"):
        APIRouter(route_class=DirectRoute).get("/counted")(counted)
