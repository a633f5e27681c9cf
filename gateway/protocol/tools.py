"""Which tools a request names, and whose they are: the caller's own, which it carries out itself, or the backend's, which acts
by them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gateway.protocol.wire import JsonObject

_OWN = ("function", "custom")
_NAMESPACE = "namespace"
_SEARCH = "web_search_options"
"""By which a chat has the backend search, without a tool."""
_ITEMS = ("messages", "input")
_TOLD = "mcp_list_tools"
"""An item that tells which tools a server of an earlier answer had."""


def tools_of(body: JsonObject) -> Iterator[Any]:
    """Every tool that a request puts at a model's hand: at its root, in what is said (`additional_tools`,
    `tool_search_output`), and those in namespaces. Whatever else stands in these lists counts as one."""
    yield from _each(body.get("tools"))
    for field in _ITEMS:
        items = body.get(field)
        for item in items if isinstance(items, list) else ():
            if isinstance(item, dict) and "tools" in item and item.get("type") != _TOLD:
                yield from _each(item["tools"])


def has_search(body: JsonObject) -> bool:
    """Whether a chat asks for a search without a tool; {} asks for one as well."""
    return body.get(_SEARCH) is not None


def backend_acts(body: JsonObject) -> bool:
    """Whether a backend may look something up, or change something, while it answers: search, run code, ask other servers."""
    return has_search(body) or not all(map(_is_own, tools_of(body)))


def helpers_of(body: JsonObject) -> tuple[str, ...]:
    """The models that help the one that answers, at the same backend: those that its own tools name, and that of `moderation`.
    Each once, in order.
    """
    return tuple({part["model"]: None for part in naming_models(body)})


def naming_models(body: JsonObject) -> Iterator[JsonObject]:
    """The parts of a request whose `model` is such a one."""
    parts = (body.get("moderation"), *(part for tool in tools_of(body) if not _is_own(tool) for part in _parts(tool)))
    return (part for part in parts if isinstance(part, dict) and isinstance(part.get("model"), str))


def _parts(tool: Any) -> Iterator[Any]:
    """A tool, and what stands right within it (`svg`): headers for another server name no models."""
    if isinstance(tool, dict):
        yield from (tool, *(part for key, part in tool.items() if key != "headers"))


def _each(tools: Any) -> Iterator[Any]:
    for tool in tools if isinstance(tools, list) else ():
        if isinstance(tool, dict) and tool.get("type") == _NAMESPACE:
            yield from _each(tool.get("tools"))
        else:
            yield tool


def _is_own(tool: Any) -> bool:
    return isinstance(tool, dict) and tool.get("type", "function") in _OWN
