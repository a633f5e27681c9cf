"""A stand-in for machines that cannot run the model: answers with what it was asked, and says so: `HOST PORT`."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from typing import Any

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

_PREFACE = "[echo, no model] "


async def models(_: Request) -> Response:
    return JSONResponse({"object": "list", "data": [{"id": "echo", "object": "model"}]})


async def chat(request: Request) -> Response:
    body = await request.json()
    text = _PREFACE + _text(body["messages"][-1].get("content"))
    if body.get("stream"):
        return _events("chat.completion.chunk", ({"delta": piece} for piece in _pieces(text)))
    return _answer("chat.completion", {"message": {"role": "assistant", "content": text}})


async def completions(request: Request) -> Response:
    body = await request.json()
    text = _PREFACE + _text(body["prompt"])
    if body.get("stream"):
        return _events("text_completion", ({"text": piece.get("content", "")} for piece in _pieces(text)))
    return _answer("text_completion", {"text": text})


def _text(content: Any) -> str:
    if isinstance(content, list):
        return " ".join(part if isinstance(part, str) else str(part.get("text", "")) for part in content)
    return content or ""


def _pieces(text: str) -> Iterator[dict[str, str]]:
    yield {"role": "assistant", "content": ""}
    yield from ({"content": text[at : at + 5]} for at in range(0, len(text), 5))


def _answer(kind: str, choice: dict[str, Any]) -> Response:
    return JSONResponse(_object(kind, {**choice, "finish_reason": "stop"}))


def _events(kind: str, choices: Iterator[dict[str, Any]]) -> Response:
    def events() -> Iterator[bytes]:
        for choice in choices:
            yield b"data: " + orjson.dumps(_object(kind, {**choice, "finish_reason": None})) + b"\n\n"
        last: dict[str, Any] = {"text": ""} if kind == "text_completion" else {"delta": {}}
        yield b"data: " + orjson.dumps(_object(kind, {**last, "finish_reason": "stop"})) + b"\n\ndata: [DONE]\n\n"

    return StreamingResponse(events(), media_type="text/event-stream")


def _object(kind: str, choice: dict[str, Any]) -> dict[str, Any]:
    return {"id": "echo-1", "object": kind, "created": 0, "model": "echo", "choices": [{"index": 0, **choice}]}


def main(host: str, port: int) -> None:
    """Serve until standard input ends."""
    app = Starlette(
        routes=[
            Route("/health", models),
            Route("/v1/models", models),
            Route("/v1/chat/completions", chat, methods=["POST"]),
            Route("/v1/completions", completions, methods=["POST"]),
        ]
    )
    threading.Thread(target=_end_with_parent, daemon=True).start()
    uvicorn.run(app, host=host, port=port, log_level="warning", access_log=False)


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
