"""What FastAPI's request handling costs beside a plain ASGI endpoint, in one process, interleaved.

Method: the same 400-byte JSON body is posted to two routes of one FastAPI application, called as ASGI applications without a
socket, so that nothing but the framework is measured. Rounds alternate; printed is the median of the rounds' CPU time.
Run: `make bench-face`.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

BODY = orjson.dumps({"model": "m", "messages": [{"role": "user", "content": "x" * 350}]})
ROUNDS, CALLS = 30, 400


async def plain(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - ASGI's signature
    """What `api/surfaces.py` does, without the pipeline."""
    answer = orjson.dumps(orjson.loads((await receive())["body"]))
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": answer})


def application() -> FastAPI:
    app = FastAPI()

    @app.post("/fastapi")
    async def endpoint(request: Request) -> Response:
        return Response(orjson.dumps(orjson.loads(await request.body())), media_type="application/json")

    @app.post("/fastapi-parsed")
    async def parsed(body: dict[str, Any]) -> dict[str, Any]:
        return body

    class Plain:
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await plain(scope, receive, send)

    app.router.routes.append(Route("/asgi", Plain(), methods=["POST"]))
    return app


async def call(app: FastAPI, path: str) -> None:
    async def receive() -> Message:
        return {"type": "http.request", "body": BODY, "more_body": False}

    async def send(_: Message) -> None:
        return None

    scope = {"type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"", "headers": [(b"content-type", b"application/json")]}  # fmt: skip  # noqa: E501
    await app({**scope, "http_version": "1.1", "scheme": "http", "server": ("x", 80), "client": ("x", 1), "root_path": ""}, receive, send)  # fmt: skip  # noqa: E501


async def main() -> None:
    app = application()
    spent: dict[str, list[float]] = {"/asgi": [], "/fastapi": [], "/fastapi-parsed": []}
    for _ in range(ROUNDS):
        for path, rounds in spent.items():
            before = time.process_time()
            for _ in range(CALLS):
                await call(app, path)
            rounds.append((time.process_time() - before) / CALLS * 1e6)
    base = statistics.median(spent["/asgi"])
    for path, rounds in spent.items():
        median = statistics.median(rounds)
        print(f"{path:16} {median:7.1f} us CPU a request   {median / base:5.2f} x")


if __name__ == "__main__":
    asyncio.run(main())
