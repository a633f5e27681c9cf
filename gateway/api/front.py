"""The short way to the surfaces: one look-up of the path, where routers would try each route and wrap what they find.

The routes stay in the application as well, for whatever comes here and is no plain POST to one of them: wrong methods, paths
below a mount, and everything else. What leaves here passes the same outer layers: the access log, the barrier against faults.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send


class Front:
    """The middleware. `routes` have no parameters in their paths."""

    def __init__(self, app: ASGIApp, routes: Sequence[Route]) -> None:
        self._app = app
        self._routes: dict[tuple[Any, str], Route] = {("POST", route.path): route for route in routes}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = self._routes.get((scope.get("method"), scope["path"])) if scope["type"] == "http" else None
        if route is None or scope.get("root_path"):
            await self._app(scope, receive, send)
            return
        scope["route"] = route  # as a router notes it, for the access log
        await route.app(scope, receive, send)
