"""What requests have in common that begin alike: a key for each beginning, under which nothing of it can be read.

A backend keeps what it has computed of a prompt's beginning (its KV cache), and reads a second prompt from where the two part.
All turns of a chat begin alike, and so do the chats of one application. A conversation that the gateway itself derives has no
id in its first turn, so it is not used here; one that the client states is: what is said may then be cut at its start.

The key also says who gets a canary. So of the user's words the end counts as well: requests that are made from one template
would else all be drawn alike. Of the system's words only the beginning does: applications write the time at their end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import blake2b
from typing import Any

from gateway.exchange import Exchange
from gateway.protocol.conversation import states_conversation
from gateway.protocol.wire import JsonObject, Surface

_MOST = 1_024
"""Characters of one text that count."""
_MOST_PIECES = 32
_BYTES = 16
_END = b"\0"


def affinity_key(exchange: Exchange, secret: bytes) -> bytes | None:
    """The key of the redacted request's beginning; None for what has none. `secret` has at most 64 bytes.

    The tenant is a part of it: equal requests of two tenants have keys that say nothing about each other.
    """
    body, caller = exchange.redacted, exchange.principal
    if body is None or caller is None or not exchange.surface.speaks:
        return None
    hashed = blake2b(key=secret, digest_size=_BYTES, person=b"affinity")
    hashed.update(_written(caller.tenant, exchange.model or ""))
    if exchange.conversation is not None and states_conversation(exchange.request or {}, exchange.stated.conversation):
        hashed.update(_written("conversation", exchange.conversation))
    else:
        hashed.update(_written("beginning", *_beginning(body, exchange.surface)))
    return hashed.digest()


def _written(*texts: str) -> bytes:
    """So that no two lists of texts look the same: each with its length before it."""
    return b"".join(b"%d:%b" % (len(text), text.encode("utf-8", "surrogatepass")) for text in texts) + _END


def _beginning(body: JsonObject, surface: Surface) -> Iterator[str]:
    """Tools by their names, the system's words, and what the user says first."""
    yield from _tools(body.get("tools"))
    match surface:
        case Surface.CHAT:
            yield from _until_user(body.get("messages"))
        case Surface.RESPONSES:
            yield _text(body.get("instructions"), _head)
            yield from _until_user(body.get("input"))
        case _:
            yield _text(body.get("prompt"), _edges)


def _tools(tools: Any) -> Iterator[str]:
    for tool in tools[:_MOST_PIECES] if isinstance(tools, list) else ():
        named = tool.get("function", tool) if isinstance(tool, dict) else None
        name = named.get("name") if isinstance(named, dict) else None
        yield name[:_MOST] if isinstance(name, str) else ""


def _until_user(said: Any) -> Iterator[str]:
    if not isinstance(said, list):
        yield _text(said, _edges)
        return
    for message in said[:_MOST_PIECES]:
        if isinstance(message, dict):
            role = str(message.get("role"))[:_MOST]
            yield role
            yield _text(message.get("content"), _edges if role == "user" else _head)
            if role == "user":
                return


def _text(content: Any, cut: Callable[[str], str]) -> str:
    """What counts of a text, or of the texts that a list of parts holds."""
    if isinstance(content, str):
        return cut(content)
    parts = content[:_MOST_PIECES] if isinstance(content, list) else ()
    return cut("\n".join(_text(part.get("text") if isinstance(part, dict) else part, cut) for part in parts))


def _head(text: str) -> str:
    return text[:_MOST]


def _edges(text: str) -> str:
    """Both ends, and how much lies between them."""
    half = _MOST // 2
    return text if len(text) <= _MOST else f"{text[:half]}{len(text)}{text[-half:]}"
