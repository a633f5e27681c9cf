"""`POST /v1/feedback`: what a caller says of an answer that it got."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

from fastapi import APIRouter, Request, Response

from gateway.api.client import Client
from gateway.api.door import Authenticate
from gateway.dp.feedback.desk import Given
from gateway.dp.feedback.given import MOST_CHARACTERS, Feedback, Thumb, read_feedback
from gateway.exchange import Principal

Count = Callable[[Principal], AbstractAsyncContextManager[Mapping[str, str]]]
Give = Callable[[Principal, Feedback], Awaitable[Given]]
_MOST_BYTES = 12 * MOST_CHARACTERS + 4096
"""A character is at most twelve bytes in JSON: two escapes of UTF-16."""
_ID = {"type": "string", "maxLength": 200}
_BODY: dict[str, Any] = {
    "type": "object",
    "required": ["thumb"],
    "properties": {
        "call_id": {**_ID, "description": "The answer's x-request-id."},
        "response_id": {**_ID, "description": "Or the id in the answer."},
        "thumb": {"type": "string", "enum": list(Thumb)},
        "correction": {"type": "string", "maxLength": MOST_CHARACTERS, "description": "The answer as it should have been."},
    },
    "additionalProperties": False,
}
_DOCUMENTED: dict[str, Any] = {"requestBody": {"required": True, "content": {"application/json": {"schema": _BODY}}}}


def feedback_router(authenticate: Authenticate, count: Count, give: Give, *, body_timeout_s: float) -> APIRouter:
    """Only about calls of the caller's own; of all others it says the same as of none.

    It is a request of its caller, which `count` takes off the limits, whatever comes of it.
    """
    router = APIRouter(prefix="/v1/feedback", tags=["feedback"])

    @router.post("", status_code=201, summary="Say whether an answer was good", openapi_extra=_DOCUMENTED)
    async def give_feedback(request: Request, response: Response) -> dict[str, Any]:
        client = Client(request.scope, request.receive, max_body_bytes=_MOST_BYTES, body_timeout_s=body_timeout_s)
        caller = await authenticate(client.credential, client.peer)
        async with count(caller) as headers:
            response.headers.update(headers)
            feedback = read_feedback(await client())
            given = await give(caller, feedback)
        return {"id": given.id, "object": "feedback", "call_id": given.call_id, "thumb": feedback.thumb.value}

    return router
