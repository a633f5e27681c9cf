"""A backend with moods, which a test changes while it serves: `python -m bench.soak.backend PORT`.

`PUT /mood/NAME` changes how it answers from now on. `GET /seen` tells how many requests came, and how many held a planted
value.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web

from bench.state.backend import Seen
from bench.state.backend import app as well

MOODS = ("well", "500", "429", "hang", "reset", "html", "slow")
_HANGS_S = 30.0
_SLOW_S = 3.0

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class Mood:
    name: str = "well"
    seen: Seen = field(default_factory=Seen)


def app(mood: Mood) -> web.Application:
    """The backend of `make proof-state`, behind its mood."""

    @web.middleware
    async def moody(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method == "POST" and (answer := await _ill(mood.name, request)) is not None:
            return answer
        return await handler(request)

    async def change(request: web.Request) -> web.Response:
        mood.name = request.match_info["name"]
        return web.Response()

    made = well(mood.seen)
    made.middlewares.append(moody)
    made.router.add_put("/mood/{name}", change)
    return made


async def _ill(mood: str, request: web.Request) -> web.StreamResponse | None:
    """None where it answers as it should, at once or late."""
    if mood == "reset" and request.transport is not None:
        request.transport.abort()
    await asyncio.sleep({"hang": _HANGS_S, "slow": _SLOW_S}.get(mood, 0.0))
    answers = {
        "500": lambda: web.json_response({"error": {"message": "no"}}, status=500),
        "429": lambda: web.json_response({"error": {"message": "no"}}, status=429, headers={"Retry-After": "1"}),
        "html": lambda: web.Response(text="<h1>Bad Gateway</h1>", content_type="text/html"),
    }
    return answers[mood]() if mood in answers else None


if __name__ == "__main__":
    web.run_app(app(Mood()), host="127.0.0.1", port=int(sys.argv[1]), print=None)
