"""Streamed text: which fragments of a delta belong together, and when such a *channel* has come to its end.

A placeholder may be cut between two deltas, so restoration keeps state per channel: per choice and field in chat completions
and completions, per tool call, and per output item and part in responses. All functions are pure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from enum import Enum
from typing import Any, NamedTuple, TypeAlias

from gateway.protocol.wire import JsonObject, Path, Surface

Channel: TypeAlias = tuple[str | int, ...]

_WHOLE = frozenset({"role", "id", "type", "name", "finish_reason", "call_id", "item_id", "format", "annotations", "images"})
"""What stands under these is said at once, and the next delta does not go on with it."""
_PLACE = ("item_id", "output_index", "content_index", "summary_index", "command_index")
"""Of an event in responses: which text it is a piece of."""
_ANNOTATED = ".annotation.added"
_ENVELOPE = frozenset(
    {"id", "object", "created", "model", "system_fingerprint", "service_tier", "type", "sequence_number", *_PLACE}
)
"""Fields of a delta that say where it belongs."""


class TextKind(Enum):
    """What a channel carries: a tool call's JSON, the answer itself (JSON where the client asked for it), or other text."""

    ARGUMENTS = "arguments"
    CONTENT = "content"
    OTHER = "other"


class Fragment(NamedTuple):
    """A piece of streamed text inside a delta: where it stands, which channel it continues, and what it is part of."""

    channel: Channel
    path: Path
    text: str
    kind: TextKind


def fragments(surface: Surface, delta: JsonObject) -> list[Fragment]:
    """The streamed pieces of one delta."""
    found: list[Fragment] = []
    if surface is Surface.RESPONSES:
        _add_event(delta, found)
        return found
    field = "text" if surface is Surface.COMPLETIONS else "delta"
    for at, choice in _choices(delta):
        if field in choice:
            _add_leaves(choice[field], (_index(choice, at), field), ("choices", at, field), found)
    return found


def content_channel(choice: int) -> Channel:
    """The channel of what a chat's choice says, by the choice's index."""
    return (choice, "delta", "content")


def annotated(surface: Surface, event: JsonObject) -> Iterator[tuple[Channel, Path]]:
    """Where annotations stand that come while a text is streamed, and the channel of the text whose characters they count."""
    if surface is Surface.RESPONSES:
        name = str(event.get("type"))
        if name.endswith(_ANNOTATED):
            yield _event_channel(event, name.removesuffix(_ANNOTATED)), ("annotation",)
        return
    for at, choice in _choices(event):
        if isinstance(choice.get("delta"), dict) and choice["delta"].get("annotations"):
            yield content_channel(_index(choice, at)), ("choices", at, "delta", "annotations")


def speaking(delta: JsonObject) -> set[int]:
    """The choices of a chat in which something is said, or a tool called; a call may begin with its name alone. Citations are
    told amid the text that they are about."""
    said = ((_index(choice, at), choice.get("delta")) for at, choice in _choices(delta))
    return {index for index, piece in said if isinstance(piece, dict) and any(piece[key] for key in piece.keys() - _WHOLE)}


def closed(surface: Surface, delta: JsonObject, open_channels: Collection[Channel]) -> list[Channel]:
    """The open channels that end with this delta."""
    if surface is Surface.RESPONSES:
        return _closed_by_event(delta, open_channels)
    finished = {_index(choice, at) for at, choice in _choices(delta) if choice.get("finish_reason")}
    return [channel for channel in open_channels if channel[0] in finished] if finished else []


def continuation(template: JsonObject, fragment: Fragment, text: str) -> JsonObject:
    """A delta that carries only `text`, as the next piece of `fragment`'s channel; `template` is the delta it came in."""
    envelope = {key: value for key, value in template.items() if key in _ENVELOPE}
    if fragment.path[0] != "choices":
        none: JsonObject = {"logprobs": []} if "logprobs" in template else {}  # typed clients want the field
        return {**envelope, **none, **_only(template, fragment.path, text)}
    choice = template["choices"][fragment.path[1]]
    return {**envelope, "choices": [{**_only(choice, fragment.path[2:], text), "finish_reason": None}]}


def _choices(delta: JsonObject) -> list[tuple[int, JsonObject]]:
    choices = delta.get("choices")
    if not isinstance(choices, list):
        return []
    return [(at, choice) for at, choice in enumerate(choices) if isinstance(choice, dict)]


def _add_leaves(node: Any, channel: Channel, path: Path, found: list[Fragment], kind: TextKind | None = None) -> None:
    """`kind` is that of every text in the node; without it, each has the one that its channel says."""
    if isinstance(node, str):
        found.append(Fragment(channel, path, node, kind or _kind(channel)))
    elif isinstance(node, dict):
        for key, value in node.items():
            if value is not None and key not in _WHOLE:
                _add_leaves(value, (*channel, key), (*path, key), found, kind)
    elif isinstance(node, list):
        for at, value in enumerate(node):
            _add_leaves(value, (*channel, _index(value, at)), (*path, at), found, kind)


def _kind(channel: Channel) -> TextKind:
    if channel[-1] == "arguments":
        return TextKind.ARGUMENTS
    return TextKind.CONTENT if channel[1:2] == ("text",) or "content" in channel else TextKind.OTHER


def _index(node: Any, at: int) -> int:
    """The `index` that a list element carries itself; fragments of one tool call may stand at any position."""
    index = node.get("index") if isinstance(node, dict) else None
    return index if isinstance(index, int) else at


def _add_event(event: JsonObject, found: list[Fragment]) -> None:
    name = event.get("type")
    if isinstance(name, str) and name.endswith(".delta"):
        prefix = name.removesuffix(".delta")
        _add_leaves(event.get("delta"), _event_channel(event, prefix), ("delta",), found, _event_kind(prefix))


def _event_kind(prefix: str) -> TextKind:
    if "arguments" in prefix:
        return TextKind.ARGUMENTS
    return TextKind.CONTENT if prefix.endswith("output_text") else TextKind.OTHER


def _event_channel(event: JsonObject, prefix: str) -> Channel:
    place = (event.get(key) for key in _PLACE)
    return (prefix, *(part if isinstance(part, (str, int)) else -1 for part in place))


def _closed_by_event(event: JsonObject, open_channels: Collection[Channel]) -> list[Channel]:
    name = event.get("type")
    if not isinstance(name, str):
        return []
    if name in {"response.completed", "response.failed", "response.incomplete"}:
        return list(open_channels)
    if name.endswith(".done"):
        channel = _event_channel(event, name.removesuffix(".done"))
        item = event["item"].get("id") if isinstance(event.get("item"), dict) else None
        ended = len(channel)
        return [one for one in open_channels if one[:ended] == channel or (item is not None and one[1] == item)]
    return []


def _only(node: Any, path: Path, text: str) -> Any:
    """A copy of `node` with the leaf at `path`, what leads to it, and the indexes and types on the way."""
    if not path:
        return text
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        return [_only(node[step], rest, text)]
    kept = {key: node[key] for key in ("index", "type") if key in node and key != step}
    return {**kept, step: _only(node[step], rest, text)}
