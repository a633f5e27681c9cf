"""What is refused outside an exchange (models, unknown paths, wrong methods) and what nobody expected, in OpenAI's shape."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.api.call_id import new_call_id
from gateway.api.sockets import in_words
from gateway.errors import GatewayError, Unauthenticated
from gateway.faults import internal_fault


def handle_errors(app: FastAPI) -> None:
    """Install the handlers."""
    app.add_exception_handler(GatewayError, _gateway_error)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_middleware(_FaultBarrier)


def error_headers(error: GatewayError) -> dict[str, str]:
    """What HTTP wants beside the body: RFC 9110 (15.5.2) demands a challenge with every 401."""
    headers = dict(error.headers)
    if error.retry_after is not None:
        headers["retry-after"] = str(error.retry_after)
    if isinstance(error, Unauthenticated):
        headers["www-authenticate"] = "Bearer"
    return headers


class _FaultBarrier:
    """Lets no exception out. Starlette would raise it on, also past a handler, and the server would log its text."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._guard(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._app(scope, receive, in_words(scope, send))
        else:
            await self._app(scope, receive, send)

    async def _guard(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:  # noqa: BLE001  (whatever it is, it ends as one typed error)
            answer = _refusal(internal_fault(error))
            if not begun:
                await answer(scope, receive, send)


async def _gateway_error(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, GatewayError):
        raise TypeError("this handler is for GatewayError")
    return _refusal(error)


async def _http_exception(request: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else 500
    phrase = HTTPStatus(status).phrase
    message = _nowhere(request.url.path) if status == HTTPStatus.NOT_FOUND else f"{phrase}."
    body = {"message": message, "type": "invalid_request_error", "param": None, "code": phrase.lower().replace(" ", "_")}
    headers = error.headers if isinstance(error, HTTPException) else None
    return _json({"error": body}, status, headers or {})


def _nowhere(path: str) -> str:
    """Most who come by such a path have a base URL without its end, or with the end twice."""
    hint = "" if path.startswith("/v1/") and not path.startswith("/v1/v1/") else " The base URL of a client ends in /v1, once."
    return f"Nothing is served under this path.{hint}"


def _refusal(error: GatewayError) -> JSONResponse:
    return _json(error.body(), error.status, error_headers(error))


def _json(body: dict[str, Any], status: int, headers: Mapping[str, str]) -> JSONResponse:
    return JSONResponse(body, status, headers={"x-request-id": new_call_id(), **headers})
