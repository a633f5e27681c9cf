"""What Starlette and FastAPI refuse by themselves (unknown paths, wrong methods), in OpenAI's shape as well."""

from __future__ import annotations

import logging
import traceback
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from gateway.errors import GatewayError, InternalFault

_log = logging.getLogger(__name__)


def handle_errors(app: FastAPI) -> None:
    """Install the handlers."""
    app.add_exception_handler(GatewayError, _gateway_error)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(Exception, _fault)


async def _gateway_error(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, GatewayError):
        raise TypeError("this handler is for GatewayError")
    return JSONResponse(error.body(), error.status)


async def _http_exception(_: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else 500
    phrase = HTTPStatus(status).phrase
    body = {"message": f"{phrase}.", "type": "invalid_request_error", "param": None, "code": phrase.lower().replace(" ", "_")}
    headers = error.headers if isinstance(error, HTTPException) else None
    return JSONResponse({"error": body}, status, headers=headers)


async def _fault(_: Request, error: Exception) -> JSONResponse:
    """A bug of ours. Its type and place are logged; its text may hold what a client wrote."""
    *_rest, (frame, line) = traceback.walk_tb(error.__traceback__)
    _log.error("internal fault: %s at %s:%d", type(error).__name__, frame.f_code.co_filename, line)
    return JSONResponse(InternalFault("The gateway met an internal error and did not answer.").body(), 500)
