"""What a request names by an id and a backend keeps: files, containers of code, vector stores, skills, speech, voices,
reasoning, tunnels to servers.

A backend tells by its key whose these are, and all tenants of a gateway share that key: with an id of somebody else's, one
could read what another tenant keeps there. The gateway's own files and stores are searched before, for their own tenant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from gateway.protocol.wire import JsonObject, Path

_IDS = frozenset(
    {"file_id", "file_ids", "vector_store_id", "vector_store_ids", "container", "container_id", "skill_id", "tunnel_id"}
)
_SPEECH = "audio"
"""Of an assistant's earlier answer, in a chat."""
STORED_KEYS = _IDS | {_SPEECH}
_NEW = ("", "auto")
"""In place of an id: the backend makes one. vLLM calls all of its containers `auto`."""
_OF_THE_CLIENT = ("function", "custom", "namespace")
_SCHEMAS = frozenset({"parameters", "input_schema"})
"""Of tools: in them these words are names, or examples of what a tool could be given."""
_CITATIONS = frozenset({"annotations", "results"})
"""They tell of files that were read."""


_WHOLE_WITH: Mapping[Any, tuple[str, ...]] = MappingProxyType(
    {"image_generation_call": ("result",), "reasoning": ("content", "encrypted_content")}
)
"""Items that hold by one of these fields what they are about. A summary is no reasoning: OpenAI fetches that by the id."""


def names_stored(key: str, value: Any) -> bool:
    """Whether what stands under one of STORED_KEYS names such a thing."""
    if key == _SPEECH:
        return isinstance(value, dict) and bool(value.get("id"))
    named = value if isinstance(value, list) else [value]
    return any(isinstance(one, str) and one not in _NEW for one in named)


def stored_voice(body: JsonObject) -> Path | None:
    """Where a chat names a voice that somebody had made, as against one that the backend has for everybody."""
    speech = body.get(_SPEECH)
    voice = speech.get("voice") if isinstance(speech, dict) else None
    return (_SPEECH, "voice", "id") if isinstance(voice, dict) and voice.get("id") else None


def stored_by_itself(node: JsonObject) -> bool:
    """Whether an item is an image or the reasoning of an earlier answer, which is not in it: then its own id names that."""
    whole = _WHOLE_WITH.get(kind, ()) if isinstance(kind := node.get("type"), str) else ()
    return bool(whole) and bool(node.get("id")) and not any(node.get(field) for field in whole)


def stored_in_tools(body: JsonObject) -> Iterator[Path]:
    """Where tools of a backend name such things. A client's own tools have schemas, in which these words are only names, and so
    have those that state no type."""
    tools = body.get("tools")
    for at, tool in enumerate(tools if isinstance(tools, list) else ()):
        if isinstance(tool, dict) and tool.get("type") not in _OF_THE_CLIENT:
            yield from stored_in(tool if tool.get("type") else _without_schemas(tool), ("tools", at))


def _without_schemas(tool: JsonObject) -> JsonObject:
    return {
        key: _without_schemas(value) if key == "function" and isinstance(value, dict) else value
        for key, value in tool.items()
        if key not in _SCHEMAS
    }


def stored_in(node: Any, path: Path) -> Iterator[Path]:
    """Where anything within a node, which is at this path, names such things."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in STORED_KEYS and names_stored(key, value):
                yield (*path, key)
            elif key not in _CITATIONS:
                yield from stored_in(value, (*path, key))
    elif isinstance(node, list):
        for at, value in enumerate(node):
            yield from stored_in(value, (*path, at))
