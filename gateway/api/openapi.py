"""Adds the text surfaces to the OpenAPI document. They are plain ASGI endpoints, which FastAPI cannot describe by itself."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from gateway.protocol.wire import Surface

_SUMMARY = {
    Surface.CHAT: "Chat completions, plain or streamed",
    Surface.COMPLETIONS: "Text completions, plain or streamed",
    Surface.EMBEDDINGS: "Embeddings",
    Surface.RESPONSES: "Responses, plain or streamed",
    Surface.MODERATIONS: "Moderations, where a deployment serves them",
}
_BODY = {"type": "object", "required": ["model"], "properties": {"model": {"type": "string"}}, "additionalProperties": True}
_ERROR = {
    "type": "object",
    "properties": {"error": {"type": "object", "required": ["message", "type", "param", "code"]}},
}


def describe_surfaces(app: FastAPI) -> None:
    """Make `app.openapi()` include the surfaces. Their bodies are OpenAI's; unknown fields are passed on."""
    generated = app.openapi

    def openapi() -> dict[str, Any]:
        document = generated()
        document["paths"].update({f"/v1/{surface}": {"post": _operation(surface)} for surface in Surface})
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend the document


def _operation(surface: Surface) -> dict[str, Any]:
    error = {"description": "A refusal in OpenAI's shape", "content": {"application/json": {"schema": _ERROR}}}
    return {
        "tags": ["openai"],
        "summary": _SUMMARY[surface],
        "operationId": surface.name.lower(),
        "requestBody": {"required": True, "content": {"application/json": {"schema": _BODY}}},
        "responses": {"200": {"description": "OpenAI's answer, with the caller's own data restored"}, "default": error},
    }
