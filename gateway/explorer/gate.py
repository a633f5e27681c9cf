"""Where policy names nobody who may look into the record, there is no explorer: not even its form to log in."""

from __future__ import annotations

from collections.abc import Callable

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.api.admin.access import somebody_may
from gateway.rules.identity import IdentityRules


class Gate:
    def __init__(self, app: ASGIApp, rules: Callable[[], IdentityRules]) -> None:
        self._app = app
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not somebody_may(self._rules()):
            await PlainTextResponse("Not Found\n", 404)(scope, receive, send)
        else:
            await self._app(scope, receive, send)
