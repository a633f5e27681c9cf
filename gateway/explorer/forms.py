"""Forms that change something: sent from a page of ours, by whoever that page was made for, and of a bounded size.

`SameSite=Strict` keeps other sites' requests without a session; what a browser says of where a request comes from (Fetch
Metadata, or `Origin`) and a token in the form are each a second lock (OWASP, Cross-Site Request Forgery Prevention).
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import ClientDisconnect, Request

from gateway.api.admin.refusals import Forbidden
from gateway.errors import BodyTimeout, MalformedBody, PayloadTooLarge
from gateway.identity.pepper import Pepper

TOKEN_FIELD = "form"  # noqa: S105  the field's name
_PURPOSE = "explorer-forms"
_LARGEST = 64 * 1_024
_MOST_FIELDS = 50
_TIMEOUT_S = 30.0


class FormTokens:
    """A token that belongs to one session."""

    def __init__(self, pepper: Pepper) -> None:
        self._key = pepper.key_for(_PURPOSE)

    def of(self, session_id: str) -> str:
        return hmac.digest(self._key, session_id.encode(), "sha256").hex()

    def require(self, session_id: str, given: str) -> None:
        """Raises Forbidden."""
        if not hmac.compare_digest(self.of(session_id).encode(), given.encode("utf-8", "replace")):
            raise Forbidden("The form is not from this session: load the page again.")


def require_own_page(request: Request) -> None:
    """Raises Forbidden for a request that another site's page sent, or that no browser sent."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        own = site == "same-origin"
    else:  # browsers leave Fetch Metadata out on plain HTTP, but for this machine
        own = urlsplit(request.headers.get("origin", "")).netloc == request.headers.get("host")
    if not own:
        raise Forbidden("The form was not sent from a page of the explorer.")


def require_storable(*given: str) -> None:
    """Raises MalformedBody for U+0000, which no name and no id has: Postgres takes a question that holds it for a fault."""
    if any("\0" in one for one in given):
        raise MalformedBody("The address or the form holds a character that nothing here can hold.")


def came_by_https(request: Request) -> bool:
    """Whether the browser speaks HTTPS, also where a proxy in front of us ends it: browsers send `Origin` with every form."""
    return request.url.scheme == "https" or request.headers.get("origin", "").startswith("https://")


async def read_form(request: Request) -> Mapping[str, str]:
    """The fields, each once. Raises PayloadTooLarge, BodyTimeout or MalformedBody."""
    body = bytearray()
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > _LARGEST:
                    raise PayloadTooLarge(f"The form is larger than {_LARGEST} bytes.")
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except TimeoutError:
        raise BodyTimeout(f"The form did not arrive within {_TIMEOUT_S:g} seconds.") from None
    except (ClientDisconnect, ValueError):
        raise MalformedBody("The form cannot be read.") from None
