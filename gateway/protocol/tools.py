"""Whose tools a request names: the caller's own, which it carries out itself, or the backend's, which acts by them. Pure."""

from __future__ import annotations

from typing import Any

from gateway.protocol.wire import JsonObject

_OWN = ("function", "custom")
_SEARCH = "web_search_options"
"""By which a chat has the backend search, without a tool."""


def backend_acts(body: JsonObject) -> bool:
    """Whether a backend may look something up, or change something, while it answers: search, run code, ask other servers."""
    if body.get(_SEARCH) is not None:  # {} asks for a search as well
        return True
    tools = body.get("tools")
    return not all(map(_is_own, tools if isinstance(tools, list) else ()))


def _is_own(tool: Any) -> bool:
    return isinstance(tool, dict) and tool.get("type", "function") in _OWN
