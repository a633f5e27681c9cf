"""A web page may not use its visitor's machine: a browser says where a page is from when it asks another place than that."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.errors import NotPermitted


class OwnPagesOnly:
    """The middleware. A form is sent anywhere without a question, and its sender need not see the answer to use up what its
    visitor may ask; but the browser names it in `Origin` (RFC 6454), as hardly any other program does.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _is_foreign(Headers(scope=scope)):
            refused = NotPermitted("Web pages of other places are not served.")
            await JSONResponse(refused.body(), refused.status)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _is_foreign(headers: Headers) -> bool:
    """`null`, such as a page in a sandbox has, is nobody's own."""
    return any(origin.partition("://")[2] != headers.get("host") for origin in headers.getlist("origin"))
