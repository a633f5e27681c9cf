"""Which requests may be answered from the cache. Pure.

Only a question whose answer depends on nothing but itself: not on what the backend remembers, and not on what it looks up.
"""

from __future__ import annotations

import re
from typing import Any

from gateway.caching.question import texts
from gateway.protocol.opaque import opaque_content
from gateway.protocol.tools import backend_acts
from gateway.protocol.wire import ContentKind, JsonObject, Path, Surface

_REMEMBERED = ("previous_response_id", "conversation", "background", "prompt")
"""Fields of `responses` by which an answer builds on what the backend keeps. (`prompt` names a template there.)"""

_ANY_SEED = frozenset({2**32 - 1})
"""llama.cpp's word for a random seed, beside every negative number (LLAMA_DEFAULT_SEED)."""
_ADDRESS = re.compile(r"\s*(?!data:)[a-z][a-z0-9+.-]*:", re.IGNORECASE)
"""`file:/srv/now.jpg` is one as well. Base64 has no colon."""


def may_be_cached(body: JsonObject, surface: Surface, *, always: bool, uninspected: bool = False) -> bool:
    """`always`: also where the same question need not have the same answer. `uninspected`: where policy lets through images and
    the like, some of which a backend fetches.
    """
    if not _stands_alone(body, surface) or not (always or is_deterministic(body, surface)):
        return False
    return not uninspected or not _is_fetched(body)


def is_deterministic(body: JsonObject, surface: Surface) -> bool:
    """Whether the caller asked for the same answer to the same question: no sampling, or a seed for it."""
    return not surface.speaks or _is_zero(body.get("temperature")) or _is_seed(body.get("seed"))


def _stands_alone(body: JsonObject, surface: Surface) -> bool:
    """What the backend is to store is not cached: its id would lead nowhere. For `responses` that is what nobody declined."""
    if surface is Surface.RESPONSES:
        alone = body.get("store") is False and not any(body.get(name) for name in _REMEMBERED)
    else:
        alone = not body.get("store")
    return alone and not backend_acts(body)


def _is_fetched(body: JsonObject) -> bool:
    """Whether any of what nobody inspected is named by an id or an address: behind it there may be something else by then."""
    return any(kind is ContentKind.STORED or _has_address(_at(body, path)) for kind, path in opaque_content(body))


def _has_address(part: Any) -> bool:
    return any(map(_ADDRESS.match, texts(part)))


def _at(body: Any, path: Path) -> Any:
    for step in path:
        body = body[step]
    return body


def _is_zero(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == 0


def _is_seed(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0 and value not in _ANY_SEED
