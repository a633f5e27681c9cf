"""Which requests may be answered from the cache. Pure.

Only a question whose answer depends on nothing but itself: not on what the backend remembers, and not on what it looks up.
"""

from __future__ import annotations

from typing import Any

from gateway.protocol.wire import JsonObject, Surface

_REMEMBERED = ("previous_response_id", "conversation", "background", "prompt")
"""Fields of `responses` by which an answer builds on what the backend keeps. (`prompt` names a template there.)"""

_OWN_TOOLS = frozenset({"function", "custom"})
_ANY_SEED = frozenset({2**32 - 1})
"""llama.cpp's word for a random seed, beside every negative number (LLAMA_DEFAULT_SEED)."""


def may_be_cached(body: JsonObject, surface: Surface, *, always: bool) -> bool:
    """`always`: also where the same question need not have the same answer."""
    return _stands_alone(body, surface) and (always or is_deterministic(body, surface))


def is_deterministic(body: JsonObject, surface: Surface) -> bool:
    """Whether the caller asked for the same answer to the same question: no sampling, or a seed for it."""
    return surface is Surface.EMBEDDINGS or _is_zero(body.get("temperature")) or _is_seed(body.get("seed"))


def _stands_alone(body: JsonObject, surface: Surface) -> bool:
    """What the backend is to store is not cached: its id would lead nowhere. For `responses` that is what nobody declined."""
    if surface is Surface.RESPONSES:
        alone = body.get("store") is False and not any(body.get(name) for name in _REMEMBERED)
    else:
        alone = not body.get("store") and not body.get("web_search_options")
    return alone and all(map(_is_own, _tools(body)))


def _tools(body: JsonObject) -> list[Any]:
    tools = body.get("tools")
    return tools if isinstance(tools, list) else []


def _is_own(tool: Any) -> bool:
    """The caller's own to carry out; the others are the backend's, and look something up."""
    return isinstance(tool, dict) and tool.get("type", "function") in _OWN_TOOLS


def _is_zero(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == 0


def _is_seed(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0 and value not in _ANY_SEED
