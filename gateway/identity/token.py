"""A JWT (RFC 7519) before anybody believes it: its size, its three parts, its header. Pure.

What the standard leaves open is closed here: one text has one meaning. Repeated names, numbers that are no JSON, bytes that
are no UTF-8 and headers that would change how the token is read are refused (RFC 8725).
"""

from __future__ import annotations

import binascii
import json
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.errors import Unauthenticated

MAX_CHARACTERS = 8_192
_MAX_KID = 256
_MOST_OPENED = 500
"""Arrays and objects: how deep JSON may be otherwise depends on the version of Python."""
_TYPES = frozenset({"jwt", "at+jwt", "application/jwt", "application/at+jwt"})
_REFUSED_HEADERS = frozenset({"b64", "crit", "cty", "enc", "jku", "jwk", "x5c", "x5u", "zip"})
"""Each would bring a key of the sender's own, or another way to read the token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnverifiedToken:
    """What a token says of itself. Only good for choosing the issuer and key that will verify it."""

    text: str = field(repr=False)
    algorithm: str = field(repr=False)
    kid: str | None = field(repr=False)
    issuer: str = field(repr=False)


def looks_like_token(credential: str) -> bool:
    """Whether this is an attempt at a JWT: three parts with dots between them."""
    return credential.count(".") == 2


def read_token(text: str) -> UnverifiedToken:
    """Raises Unauthenticated, which never quotes the token."""
    if len(text) > MAX_CHARACTERS:
        raise Unauthenticated(f"The token is longer than {MAX_CHARACTERS} characters.")
    header, payload, _ = _parts(text)
    read = json_object(header)
    _check_header(read)
    issuer = json_object(payload).get("iss")
    if not isinstance(issuer, str):
        raise Unauthenticated("The token does not name its issuer.")
    return UnverifiedToken(text=text, algorithm=read["alg"], kid=read.get("kid"), issuer=issuer)


def json_object(raw: bytes) -> dict[str, Any]:
    """A JSON object in which every name stands once and every number is one. Raises Unauthenticated."""
    if raw.count(b"[") + raw.count(b"{") > _MOST_OPENED:
        raise Unauthenticated("The token cannot be read.")
    try:
        value = json.loads(raw.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Unauthenticated("The token cannot be read.") from None
    if not isinstance(value, dict):
        raise Unauthenticated("The token cannot be read.")
    return value


def _parts(text: str) -> list[bytes]:
    parts = text.split(".")
    try:
        decoded = [_decoded(part) for part in parts]
    except (ValueError, binascii.Error):
        raise Unauthenticated("The token cannot be read.") from None
    if len(decoded) != 3 or not all(decoded):
        raise Unauthenticated("The token cannot be read.")
    return decoded


def _decoded(part: str) -> bytes:
    """base64url without padding (RFC 7515, 2). Raises ValueError."""
    if "=" in part or "+" in part or "/" in part:
        raise ValueError("not base64url")
    return b64decode(part.encode("ascii") + b"=" * (-len(part) % 4), b"-_", validate=True)


def _check_header(header: Mapping[str, Any]) -> None:
    if not _REFUSED_HEADERS.isdisjoint(header):
        raise Unauthenticated("The token's header has a field that is not accepted.")
    if not isinstance(header.get("alg"), str):
        raise Unauthenticated("The token does not name its algorithm.")
    kind = header.get("typ", "JWT")
    if not isinstance(kind, str) or kind.lower() not in _TYPES:
        raise Unauthenticated("The token is not of the type JWT or at+jwt.")
    kid = header.get("kid", "")
    if not isinstance(kid, str) or len(kid) > _MAX_KID:
        raise Unauthenticated("The token's kid is not a short text.")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice")
    return found


def _no_number(_: str) -> None:
    raise ValueError("not a number of JSON")
