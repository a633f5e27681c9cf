"""The surfaces we serve and the JSON that travels on them.

Bodies stay plain JSON objects: fields that we do not know pass through unchanged, which a closed model could not promise.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any, TypeAlias

JsonObject: TypeAlias = dict[str, Any]

Path: TypeAlias = tuple[str | int, ...]
"""Where a value stands in a body: keys and list positions, from the root."""


class Surface(StrEnum):
    """An OpenAI endpoint, named by its path below `/v1/`."""

    CHAT = "chat/completions"
    COMPLETIONS = "completions"
    EMBEDDINGS = "embeddings"
    RESPONSES = "responses"

    @property
    def operation(self) -> str:
        """The `gen_ai.operation.name` of OpenTelemetry's GenAI conventions."""
        return _OPERATIONS[self]


_OPERATIONS = {
    Surface.CHAT: "chat",
    Surface.COMPLETIONS: "text_completion",
    Surface.EMBEDDINGS: "embeddings",
    Surface.RESPONSES: "chat",
}

_DATA_URI = re.compile(r"(?i:data:)[\w.+/-]{0,80}(?:;[\w.+=-]{1,80}){0,4};base64,[A-Za-z0-9+/_=\s-]*", re.ASCII)


class ContentKind(StrEnum):
    """Content that no recognizer of ours can read; refused unless policy lets it through."""

    IMAGE = "image"
    AUDIO = "audio"
    FILE = "file"
    TOKENS = "tokens"


def is_data_uri(text: str) -> bool:
    """Whether the whole text is RFC 2397 data in base64: bytes, not text."""
    return text[:5].lower() == "data:" and _DATA_URI.fullmatch(text) is not None
