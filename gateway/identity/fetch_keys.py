"""Reading an issuer's key set, from its URL or its file: bounded in time and size, and never from anywhere else."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import aiohttp

from gateway.identity.key_set import MAX_BYTES, KeySet, parse_key_set
from gateway.rules.identity import JwksPlace

TIMEOUT_S = 5.0
_OK = 200


async def fetch_keys(place: JwksPlace) -> KeySet:
    """Raises OSError (aiohttp's errors among them), TimeoutError or ValueError; their texts are for nobody."""
    async with asyncio.timeout(TIMEOUT_S):
        if place.url is not None:
            return parse_key_set(await _download(place.url))
        if place.file is not None:
            return parse_key_set(await asyncio.to_thread(_read, place.file))
    raise ValueError("no place")


async def _download(url: str) -> bytes:
    """A redirect is no answer: it could lead out of TLS, or into the house. Without TLS no proxy may carry the keys."""
    through_proxy = url.startswith("https://")
    try:
        async with aiohttp.ClientSession(trust_env=through_proxy) as session, session.get(url, allow_redirects=False) as answer:
            if answer.status != _OK:
                raise ValueError("not answered with 200")
            return await _bounded(answer.content)
    except aiohttp.ClientError:
        raise OSError("not reachable") from None


async def _bounded(content: aiohttp.StreamReader) -> bytes:
    body = bytearray()
    async for piece in content.iter_any():
        body += piece
        if len(body) > MAX_BYTES:
            raise ValueError("too large")
    return bytes(body)


def _read(path: Path) -> bytes:
    if not stat.S_ISREG(path.stat().st_mode):
        raise ValueError("not a regular file")
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)
