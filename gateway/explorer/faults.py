"""Refusals and faults as pages, in the reader's language. None of them quotes what was sent, nor what an error says."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.errors import GatewayError
from gateway.explorer.appearance import appearance_of
from gateway.explorer.rendering import Renderer
from gateway.faults import internal_fault


class FaultPages:
    """The handlers, to be given to the application."""

    def __init__(self, renderer: Renderer) -> None:
        self._renderer = renderer

    async def refused(self, request: Request, error: Exception) -> Response:
        if not isinstance(error, GatewayError):
            raise TypeError("this handler is for GatewayError")
        headers = {} if error.retry_after is None else {"retry-after": str(error.retry_after)}
        return self._page(request, error.status, headers)

    async def unrouted(self, request: Request, error: Exception) -> Response:
        """Unknown paths and wrong methods."""
        status, headers = (error.status_code, error.headers) if isinstance(error, HTTPException) else (500, None)
        return self._page(request, status, dict(headers or {}))

    def _page(self, request: Request, status: int, headers: dict[str, str]) -> Response:
        appearance = appearance_of(request)
        known = f"error.{status}.title" in self._renderer.catalogues[appearance.language].sentences
        shown = status if known else 400 if status < 500 else 500
        page = self._renderer.page("error", appearance, visit=None, status=status, kind=shown)
        return HTMLResponse(page, status, headers)

    def barrier(self, app: ASGIApp) -> ASGIApp:
        """Lets no exception out: Starlette would raise it on, and the server would log its text."""

        async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
            begun = False

            async def watched(message: Message) -> None:
                nonlocal begun
                begun = True
                await send(message)

            try:
                await app(scope, receive, watched)
            except Exception as error:  # noqa: BLE001  (whatever it is, it ends as one page)
                fault = internal_fault(error)
                if not begun:
                    await (self._page(Request(scope), fault.status, {}))(scope, receive, send)

        return guarded
