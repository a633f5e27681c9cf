from __future__ import annotations

import logging
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from gateway.api.errors import handle_errors
from gateway.api.models import models_router
from gateway.errors import DetectionUnavailable, InternalFault, Unauthenticated
from gateway.exchange import Principal
from gateway.exchange.peer import Peer
from gateway.faults import internal_fault

RAW = "alice@corp-example.org"


class Surface:
    """A plain ASGI endpoint, as the surfaces are, that fails before or after it has begun."""

    def __init__(self, *, begun: bool) -> None:
        self._begun = begun

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._begun:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ValueError(RAW)


async def authenticate(credential: str | None, peer: Peer) -> Principal:
    if credential is None:
        raise Unauthenticated("A key is needed.")
    if credential == "broken":
        raise ValueError(RAW)
    if credential == "busy":
        raise DetectionUnavailable("Not now.", retry_after=3)
    return Principal(tenant="acme", id="app")


@pytest.fixture
def app() -> FastAPI:
    made = FastAPI()
    made.include_router(models_router(authenticate, lambda _who: ["small"]))
    made.router.routes.append(Route("/v1/surface", Surface(begun=False), methods=["POST"]))
    made.router.routes.append(Route("/v1/begun", Surface(begun=True), methods=["POST"]))
    handle_errors(made)
    return made


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    caplog.set_level(logging.DEBUG)
    yield caplog
    assert RAW not in caplog.text


async def ask(app: FastAPI, method: str, path: str, key: str | None = None) -> httpx.Response:
    """An exception that leaves the app is raised here."""
    headers = {} if key is None else {"authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as client:
        return await client.request(method, path, headers=headers)


def assert_openai(answer: httpx.Response, status: int, code: str) -> None:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-request-id"].startswith("req_")
    error = answer.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert error["code"] == code


async def test_a_missing_key_is_challenged(app: FastAPI) -> None:
    answer = await ask(app, "GET", "/v1/models")
    assert_openai(answer, 401, "invalid_api_key")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_refusal_says_when_to_come_back(app: FastAPI) -> None:
    answer = await ask(app, "GET", "/v1/models", "busy")
    assert_openai(answer, 503, "detection_unavailable")
    assert answer.headers["retry-after"] == "3"
    assert "www-authenticate" not in answer.headers


async def test_each_error_has_its_own_id(app: FastAPI) -> None:
    ids = {(await ask(app, "GET", "/v1/models")).headers["x-request-id"] for _ in range(3)}
    assert len(ids) == 3


@pytest.mark.parametrize("method", ["GET", "OPTIONS", "PUT", "DELETE"])
async def test_a_surface_takes_posts_only(app: FastAPI, method: str) -> None:
    answer = await ask(app, method, "/v1/surface")
    assert_openai(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "POST"


async def test_a_head_has_no_body(app: FastAPI) -> None:
    answer = await ask(app, "HEAD", "/v1/surface")
    assert (answer.status_code, answer.headers["allow"], answer.content) == (405, "POST", b"")


async def test_an_unknown_path(app: FastAPI) -> None:
    nowhere = await ask(app, "POST", "/v1/images/generations")
    assert_openai(nowhere, 404, "not_found")
    assert nowhere.json()["error"]["message"] == "Nothing is served under this path."


@pytest.mark.parametrize("path", ["/chat/completions", "/v1/v1/chat/completions", "/"])
async def test_a_wrong_base_url_is_told(app: FastAPI, path: str) -> None:
    nowhere = await ask(app, "POST", path)
    assert_openai(nowhere, 404, "not_found")
    assert (
        nowhere.json()["error"]["message"] == "Nothing is served under this path. The base URL of a client ends in /v1, once."
    )


@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/models"), ("GET", "/v1/models/small"), ("POST", "/v1/surface")])
async def test_what_nobody_expected_tells_no_text(app: FastAPI, method: str, path: str, log: pytest.LogCaptureFixture) -> None:
    answer = await ask(app, method, path, "broken")
    assert_openai(answer, 500, "internal_error")
    assert RAW not in answer.text
    assert "internal fault: ValueError at" in log.text


async def test_a_fault_after_the_beginning_ends_the_answer(app: FastAPI, log: pytest.LogCaptureFixture) -> None:
    sent = []

    async def send(message: object) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/v1/begun", "headers": [], "query_string": b""}
    await app(scope, pytest.fail, send)  # nobody reads the body
    assert len(sent) == 1
    assert "internal fault: ValueError at" in log.text


async def test_the_place_of_a_fault_is_logged_and_its_text_is_not(log: pytest.LogCaptureFixture) -> None:
    try:
        await authenticate("broken", Peer(address=None, header=lambda _: ()))
    except ValueError as error:
        fault = internal_fault(error)
    assert type(fault) is InternalFault
    assert RAW not in str(fault)
    assert "test_errors.py" in log.text
