"""The short way answers what the routers would, and leaves everything else to them."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.api.front import Front


class Surface:
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse(f"surface {scope['route'].path}")(scope, receive, send)


def other(_: Request) -> Response:
    return PlainTextResponse("other")


def application(*, short: bool) -> ASGIApp:
    surface = Route("/v1/responses", Surface(), methods=["POST"])
    app = Starlette(routes=[surface, Route("/v1/models", other)])
    if short:
        app.add_middleware(Front, routes=[surface])
    return Starlette(routes=[Mount("/below", app), Mount("/", app)])


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/responses"),
        ("GET", "/v1/responses"),
        ("HEAD", "/v1/responses"),
        ("POST", "/v1/responses/"),
        ("POST", "/below/v1/responses"),
        ("GET", "/v1/models"),
        ("POST", "/nowhere"),
    ],
)
def test_the_answer_is_that_of_the_routers(method: str, path: str) -> None:
    plain, short = (
        TestClient(application(short=short)).request(method, path, follow_redirects=False) for short in (False, True)
    )
    assert (short.status_code, short.text, short.headers) == (plain.status_code, plain.text, plain.headers)


async def test_a_post_to_a_surface_meets_no_router() -> None:
    async def routers(scope: Scope, receive: Receive, send: Send) -> None:
        raise AssertionError("routers were asked")

    sent: list[str] = []

    async def send(message: object) -> None:
        sent.append(str(message))

    async def receive() -> dict[str, object]:
        return {"type": "http.request"}

    front = Front(routers, [Route("/v1/responses", Surface(), methods=["POST"])])
    await front({"type": "http", "method": "POST", "path": "/v1/responses", "headers": []}, receive, send)
    assert "surface /v1/responses" in sent[-1]
