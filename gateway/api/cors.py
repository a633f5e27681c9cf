"""Pages of other origins, where a setting names them: their browsers may call what is under `/v1/`, and nothing else here.

A browser asks beforehand, with OPTIONS and no key (CORS, in the Fetch standard); that is answered here and is no exchange.
Answers allow no credentials, so no cookie of a visitor counts: a page shows the key that it was given. The explorer and the
administration stand under other paths and are never opened to another origin.
"""

from __future__ import annotations

from collections.abc import Collection

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

_OPENED = "/v1/"
_METHODS = ("GET", "POST", "DELETE")
_MAX_AGE_S = 600


class CrossOrigin:
    """The middleware. `origins` are exact, as browsers write them: `https://app.example`, with a port if it is another.

    Any header may be sent, since SDKs send many of their own, and each of an answer may be read. A page on the internet may
    call a gateway inside a company's network (Private Network Access): its origin was named for that.
    """

    def __init__(self, app: ASGIApp, origins: Collection[str]) -> None:
        self._app = app
        self._opened = CORSMiddleware(
            app,
            allow_origins=origins,
            allow_methods=_METHODS,
            allow_headers=("*",),
            allow_private_network=True,
            expose_headers=("*",),
            max_age=_MAX_AGE_S,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        opened = scope["type"] == "http" and scope["path"].startswith(_OPENED)
        await (self._opened if opened else self._app)(scope, receive, send)
