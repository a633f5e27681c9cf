"""Content that no text recognizer can read: images, audio, files, token ids, content parts of a kind we do not know, and what a
backend keeps, named by an id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gateway.protocol.stored import STORED_KEYS, names_stored, stored_by_itself, stored_in, stored_in_tools, stored_voice
from gateway.protocol.text_slots import is_somebodys_number
from gateway.protocol.vocabulary import PROTOCOL_KEYS, SCHEMA_FIELDS, TOKEN_SETTINGS
from gateway.protocol.wire import ContentKind, JsonObject, Path, holds_bytes

_TEXT_PARTS = frozenset(
    {"text", "input_text", "output_text", "refusal", "summary_text", "reasoning_text", "thinking", "message", "logs"}
)
_PART_LISTS = frozenset({"content", "output", "outputs"})
_BY_KEY = {
    "images": ContentKind.IMAGE,
    "videos": ContentKind.IMAGE,
    "audios": ContentKind.AUDIO,
    "image_url": ContentKind.IMAGE,
    "input_image": ContentKind.IMAGE,
    "image_embeds": ContentKind.IMAGE,
    "image_pil": ContentKind.IMAGE,
    "video_url": ContentKind.IMAGE,
    "input_audio": ContentKind.AUDIO,
    "audio": ContentKind.AUDIO,
    "audio_url": ContentKind.AUDIO,
    "audio_embeds": ContentKind.AUDIO,
    "file": ContentKind.FILE,
    "file_data": ContentKind.FILE,
    "file_id": ContentKind.FILE,
    "file_url": ContentKind.FILE,
    "encrypted_content": ContentKind.FILE,
}
"""vLLM goes by these keys where a part has no type, or has a `uuid`."""
_BY_WORD = (
    ("image", ContentKind.IMAGE),
    ("screenshot", ContentKind.IMAGE),
    ("video", ContentKind.IMAGE),
    ("audio", ContentKind.AUDIO),
)
_TOKEN_FIELDS = ("prompt", "input")
_TOKEN_KEYS = frozenset({"prompt_embeds", "input_embeds"})
_SCHEMAS = frozenset((field,) for field in SCHEMA_FIELDS)
_TOOLS = "tools"
_OF_TOOLS = frozenset({_TOOLS, "arguments"})
"""In items of what is said: schemas, and what a tool is given where that is an object. Their words are a tool's own."""
_FORMAT_OF_AN_ITEM = ("text", "format")
_MASK = "input_image_mask"
_UUID = "uuid"
"""vLLM's, in a part that has one of the keys above: it keeps the image or sound under this name, and takes what it keeps in the
place of what is sent, whoever's it was."""
_PLAIN_KEYS = frozenset({"role", "name", "content"})
_SAID = frozenset({"messages", "input", "prompt", "prediction", "attachments", "tool_resources"}) | STORED_KEYS - {"audio"}


def opaque_content(body: JsonObject) -> Iterator[tuple[ContentKind, Path]]:
    """Every place of a request that holds opaque content, and of which kind."""
    for field in _TOKEN_FIELDS:
        if _holds_tokens(body.get(field)):
            yield ContentKind.TOKENS, (field,)
    modalities = body.get("modalities")
    if isinstance(modalities, list) and "audio" in modalities:
        yield ContentKind.AUDIO, ("modalities",)  # the answer would be speech, which nobody here can restore
    for path in stored_in_tools(body):
        yield ContentKind.STORED, path
    if (voice := stored_voice(body)) is not None:
        yield ContentKind.STORED, voice
    yield from _masks(body, ())
    for field, value in body.items():
        yield from _within_object({field: value}, (), said=field in _SAID)


def without_opaque(body: JsonObject) -> JsonObject:
    """The body for the record: what nobody could inspect, policy let through to the backend and not into the log."""
    opaque = ((kind, path) for kind, path in opaque_content(body) if kind is not ContentKind.STORED)
    places = {path: f"[{kind.value} not recorded]" for kind, path in opaque}
    if not places:
        return body
    blanked: JsonObject = _blanked(body, (), places)
    return blanked


def _blanked(node: Any, path: Path, places: Mapping[Path, str]) -> Any:
    if path in places:
        return places[path]
    if isinstance(node, dict):
        return {
            key if not holds_bytes(key) else places[*path, key]: _blanked(value, (*path, key), places)
            for key, value in node.items()
        }
    if isinstance(node, list):
        return [_blanked(value, (*path, at), places) for at, value in enumerate(node)]
    return node


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
    """Base64 data and token ids anywhere, and in what is `said` also content parts, whose words are only names elsewhere (in
    tool schemas)."""
    match node:
        case str() if holds_bytes(node):
            yield ContentKind.FILE, path
        case dict():
            yield from _within_part(node, path) if said else _within_object(node, path, said=False)
        case list() if _is_unreadable_row(node, path):
            yield ContentKind.TOKENS, path
        case list():
            for at, value in enumerate(node):
                if not _is_plain_message(value):
                    yield from _within(value, (*path, at), said=said)
        case _:
            pass


def _within_part(node: JsonObject, path: Path) -> Iterator[tuple[ContentKind, Path]]:
    if node.get(_UUID) is not None and not node.keys().isdisjoint(_BY_KEY):
        yield ContentKind.STORED, (*path, _UUID)
    kinds = _part_kinds(node, path)
    if not kinds:
        yield from _within_object(node, path, said=True)
        return
    yield from ((kind, path) for kind in kinds)
    held = {key: value for key, value in node.items() if key in _BY_KEY}
    for named in stored_in(held or node, path):
        yield ContentKind.STORED, named
    if held:  # a message with an image beside its parts: policy may let that kind through and not theirs
        yield from _within_object({key: value for key, value in node.items() if key not in held}, path, said=True)


def _is_plain_message(node: Any) -> bool:
    """Nothing but texts that hold no bytes: most messages of a long chat are such."""
    if not isinstance(node, dict) or not node.keys() <= _PLAIN_KEYS:
        return False
    return all(isinstance(value, str) and not holds_bytes(value) for value in node.values())


def _within_object(node: JsonObject, path: Path, *, said: bool) -> Iterator[tuple[ContentKind, Path]]:
    if node.get("type") == "base64" and node.get("data"):
        yield ContentKind.FILE, (*path, "data")
    if said and stored_by_itself(node):
        yield ContentKind.STORED, (*path, "id")
    for key, value in node.items():
        if holds_bytes(key):
            yield ContentKind.FILE, (*path, key)
        if key in _TOKEN_KEYS and value and not _in_schemas(path):
            yield ContentKind.TOKENS, (*path, key)
        if said and key in STORED_KEYS and names_stored(key, value):
            yield ContentKind.STORED, (*path, key)
        if said and key == _TOOLS:
            yield from ((ContentKind.STORED, (*path, *named)) for named in stored_in_tools(node))
            yield from _masks(node, path)
        is_said = said and key not in _OF_TOOLS and not _only_cites(node, key) and not _only_asks(node, key)
        yield from _within(value, (*path, key), said=is_said)


def _only_asks(node: JsonObject, key: str) -> bool:
    """Whether what stands under this key is a format, with a schema perhaps, that is wanted from here on."""
    return key == "text" and node.get("type") == "configuration_update"


def _masks(node: JsonObject, path: Path) -> Iterator[tuple[ContentKind, Path]]:
    """Images within tools: what a backend that makes images is to change of one."""
    tools = node.get(_TOOLS)
    for at, tool in enumerate(tools if isinstance(tools, list) else ()):
        if isinstance(tool, dict) and tool.get("type") == "image_generation" and tool.get(_MASK):
            yield ContentKind.IMAGE, (*path, _TOOLS, at, _MASK)


def _only_cites(node: JsonObject, key: str) -> bool:
    """Whether what stands under this key tells of files, beside text of theirs, and is no file."""
    return key == "annotations" or (key == "results" and node.get("type") == "file_search_call")


def _is_unreadable_row(node: list[Any], path: Path) -> bool:
    """Nothing but numbers: token ids, embeddings, bytes. Large numbers are read one by one; lists in schemas are choices."""
    if not node or _in_schemas(path) or path[-1] in TOKEN_SETTINGS:
        return False
    read = (isinstance(item, bool) or is_somebodys_number(item, (*path, 0)) for item in node)
    return all(map(_is_number, node)) and not all(read)


def _in_schemas(path: Path) -> bool:
    return path[:1] in _SCHEMAS or path[2:4] == _FORMAT_OF_AN_ITEM or not _OF_TOOLS.isdisjoint(path)


def _part_kinds(node: JsonObject, path: Path) -> Sequence[ContentKind]:
    """By what it holds, each kind of it, in one order everywhere; or else by its type."""
    held = {kind: None for key, kind in _BY_KEY.items() if node.get(key) not in (None, [])}
    kind = None if held else _kind_by_type(node, path)
    return tuple(held) if kind is None else (kind,)


def _kind_by_type(node: JsonObject, path: Path) -> ContentKind | None:
    part = node.get("type")
    if len(path) < 2 or path[-2] not in _PART_LISTS:
        return _kind_by_word(part) if node.get("result") else None
    if part is None or (isinstance(part, str) and part in _TEXT_PARTS):
        return None
    return _kind_by_word(part) or ContentKind.FILE


def _kind_by_word(part: Any) -> ContentKind | None:
    return next((kind for word, kind in _BY_WORD if isinstance(part, str) and word in part), None)
