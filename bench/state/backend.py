"""A backend that says what it was told, and looks for planted values: `python -m bench.state.backend PORT`.

`GET /seen` tells how many requests came, and how many of them held a planted value.
"""

from __future__ import annotations

import re
import sys
from dataclasses import asdict, dataclass

import orjson
from aiohttp import web

from bench.mock_backend import answer, chunks
from bench.state.planted import DOMAIN

_PLANTED = re.compile(re.escape(DOMAIN.encode()), re.IGNORECASE)
_PIECE = 7


@dataclass(slots=True)
class Seen:
    requests: int = 0
    leaks: int = 0


def app(seen: Seen) -> web.Application:
    """The backend, which notes what it sees."""

    async def chat(request: web.Request) -> web.StreamResponse:
        body = await request.read()
        seen.requests += 1
        seen.leaks += _PLANTED.search(body) is not None
        asked = orjson.loads(body)
        said = str(asked["messages"][-1]["content"])
        if not asked.get("stream"):
            return web.json_response(body=answer(said))
        stream = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await stream.prepare(request)
        for event in chunks([said[at : at + _PIECE] for at in range(0, len(said), _PIECE)]):
            await stream.write(event)
        return stream

    async def models(_: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": "bench", "object": "model"}]})

    async def told(_: web.Request) -> web.Response:
        return web.json_response(asdict(seen))

    made = web.Application()
    made.add_routes([web.post("/v1/chat/completions", chat), web.get("/v1/models", models), web.get("/seen", told)])
    return made


if __name__ == "__main__":
    web.run_app(app(Seen()), host="127.0.0.1", port=int(sys.argv[1]), print=None)
