"""Where the annotations of a finished answer point once its text is restored: they count characters of that. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import deepcopy
from typing import Any

from gateway.protocol.segments import Edit
from gateway.protocol.wire import JsonObject, Path

_ANNOTATIONS = "annotations"
_TEXTS = ("text", "content")


def point_anew(answer: JsonObject, restored: JsonObject, edits_of: Callable[[Path, str], Sequence[Edit]]) -> None:
    """Mend `restored`, a copy of `answer`, in place. `edits_of` is told where a text stands and the text: what restored it?"""
    for path in _annotated(answer):
        node = _at(answer, path)
        key = next((key for key in _TEXTS if isinstance(node.get(key), str)), None)
        if key is not None and (edits := edits_of((*path, key), node[key])):
            for annotation in _at(restored, path)[_ANNOTATIONS]:
                _move(annotation, edits)


def pointed(event: JsonObject, places: Iterable[tuple[Path, Sequence[Edit]]]) -> JsonObject:
    """An event of a stream with its annotations at these places moved by what has restored their texts so far. A copy."""
    event = deepcopy(event)
    for path, edits in places:
        found = _at(event, path)
        for annotation in found if isinstance(found, list) else [found]:
            _move(annotation, edits)
    return event


def moved(at: int, edits: Sequence[Edit], *, is_end: bool) -> int:
    """Where a place of a text is after its edits; one within an edit is at that end of it which its range has."""
    shift = 0
    for start, end, text in edits:
        if end <= at:
            shift += len(text) - (end - start)
        elif start < at:
            return start + shift + (len(text) if is_end else 0)
    return at + shift


def _annotated(answer: JsonObject) -> Iterator[Path]:
    """The messages of choices, and the parts of items, that have annotations."""
    for at, choice in enumerate(_list(answer.get("choices"))):
        if isinstance(choice, dict):
            yield from _if_annotated(choice.get("message"), ("choices", at, "message"))
    yield from _if_annotated(answer.get("part"), ("part",))
    yield from _of_item(answer.get("item"), ("item",))
    response = answer.get("response")
    outer: Path = ("response",) if isinstance(response, dict) else ()
    for at, item in enumerate(_list((response if isinstance(response, dict) else answer).get("output"))):
        yield from _of_item(item, (*outer, "output", at))


def _of_item(item: Any, path: Path) -> Iterator[Path]:
    for at, part in enumerate(_list(item.get("content")) if isinstance(item, dict) else ()):
        yield from _if_annotated(part, (*path, "content", at))


def _if_annotated(node: Any, path: Path) -> Iterator[Path]:
    if isinstance(node, dict) and _list(node.get(_ANNOTATIONS)):
        yield path


def _move(annotation: Any, edits: Sequence[Edit]) -> None:
    """In chats the places stand one level further in."""
    if not isinstance(annotation, dict):
        return
    for holder in (annotation, *(value for value in annotation.values() if isinstance(value, dict))):
        for name, is_end in (("start_index", False), ("end_index", True)):
            if isinstance(place := holder.get(name), int):
                holder[name] = moved(place, edits, is_end=is_end)


def _list(node: Any) -> list[Any]:
    return node if isinstance(node, list) else []


def _at(node: Any, path: Path) -> Any:
    for step in path:
        node = node[step]
    return node
