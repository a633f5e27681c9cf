"""Content that no text recognizer can read: images, audio, files, token ids, and content parts of a kind we do not know."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gateway.protocol.vocabulary import PROTOCOL_KEYS
from gateway.protocol.wire import ContentKind, JsonObject, Path, is_data_uri

_TEXT_PARTS = frozenset(
    {"text", "input_text", "output_text", "refusal", "summary_text", "reasoning_text", "thinking", "message"}
)
_PART_LISTS = frozenset({"content", "output"})
_BY_KEY = {
    "image_url": ContentKind.IMAGE,
    "input_image": ContentKind.IMAGE,
    "video_url": ContentKind.IMAGE,
    "input_audio": ContentKind.AUDIO,
    "audio": ContentKind.AUDIO,
    "file": ContentKind.FILE,
    "file_data": ContentKind.FILE,
    "file_id": ContentKind.FILE,
    "file_url": ContentKind.FILE,
    "encrypted_content": ContentKind.FILE,
}
_BY_WORD = (("image", ContentKind.IMAGE), ("screenshot", ContentKind.IMAGE), ("video", ContentKind.IMAGE))
_TOKEN_FIELDS = ("prompt", "input")
_SAID = frozenset({"messages", "input", "prompt", "prediction"})


def opaque_content(body: JsonObject) -> Iterator[tuple[ContentKind, Path]]:
    """Every place of a request that holds opaque content, and of which kind."""
    for field in _TOKEN_FIELDS:
        if _holds_tokens(body.get(field)):
            yield ContentKind.TOKENS, (field,)
    modalities = body.get("modalities")
    if isinstance(modalities, list) and "audio" in modalities:
        yield ContentKind.AUDIO, ("modalities",)  # the answer would be speech, which nobody here can restore
    for field, value in body.items():
        yield from _within(value, (field,), said=field in _SAID)


def dotted(path: Path) -> str:
    """A path for an error's `param`. Keys that are no protocol words could be personal data, so they are not quoted."""
    return ".".join(str(step) if isinstance(step, int) or step in PROTOCOL_KEYS else "*" for step in path)


def _holds_tokens(field: Any) -> bool:
    if not isinstance(field, list):
        return False
    return any(_is_number(item) or (isinstance(item, list) and any(map(_is_number, item))) for item in field)


def _is_number(item: Any) -> bool:
    return isinstance(item, (int, float))


def _within(node: Any, path: Path, *, said: bool) -> Iterator[tuple[ContentKind, Path]]:
    """Base64 data anywhere, and in what is `said` also content parts; elsewhere (tool schemas) those words are only names."""
    match node:
        case str() if is_data_uri(node):
            yield ContentKind.FILE, path
        case dict():
            kind = _part_kind(node, path) if said else None
            if kind is not None:
                yield kind, path
            else:
                for key, value in node.items():
                    yield from _within(value, (*path, key), said=said and key != "annotations")
        case list():
            for at, value in enumerate(node):
                yield from _within(value, (*path, at), said=said)
        case _:
            pass


def _part_kind(node: JsonObject, path: Path) -> ContentKind | None:
    for key, kind in _BY_KEY.items():
        if node.get(key) is not None:
            return kind
    part = node.get("type")
    if len(path) < 2 or path[-2] not in _PART_LISTS or part in _TEXT_PARTS:
        return None
    if isinstance(part, str):
        return next((kind for word, kind in _BY_WORD if word in part), ContentKind.FILE)
    return None if part is None else ContentKind.FILE
