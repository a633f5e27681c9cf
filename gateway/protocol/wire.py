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
    MODERATIONS = "moderations"

    @property
    def operation(self) -> str:
        """The `gen_ai.operation.name` of OpenTelemetry's GenAI conventions."""
        return _OPERATIONS[self]

    @property
    def speaks(self) -> bool:
        """Whether a model answers in words, as against in numbers."""
        return self not in _WORDLESS


class Beside(StrEnum):
    """An OpenAI endpoint that asks no model, named in the same way; as policy knows it."""

    FILES = "files"
    STORES = "vector_stores"
    SEARCH = "vector_stores/search"


_OPERATIONS = {
    Surface.CHAT: "chat",
    Surface.COMPLETIONS: "text_completion",
    Surface.EMBEDDINGS: "embeddings",
    Surface.RESPONSES: "chat",
    Surface.MODERATIONS: "moderation",
}
"""The last is not among the conventions' own, which allow others."""
_WORDLESS = frozenset({Surface.EMBEDDINGS, Surface.MODERATIONS})

_MARK = ";base64,"
_LONG = 1024
_DATA_HEAD = rf"(?i:data:)[\w.+/\\-]{{0,80}}(?:;[\w.+=-]{{1,80}}){{0,4}}{_MARK}"
_DATA_URI = re.compile(_DATA_HEAD + r"[A-Za-z0-9+/_=\s-]*", re.ASCII)
_EMBEDDED_DATA = re.compile(_DATA_HEAD + r"\s*[A-Za-z0-9+/_=\\-]{64}", re.ASCII)
_LONG_RUN = re.compile(rf"(?<![A-Za-z0-9+/_\\-])[A-Za-z0-9+/_\\-]{{{_LONG},}}+")
_BASE64_SIGNS = 20  # different ones in a long run; a ruler such as `Step1-----` has few, bytes in base64 have many


class ContentKind(StrEnum):
    """Content that no recognizer of ours can read; refused unless policy lets it through.

    `stored` is what a backend keeps and a request names by an id: whose it is, only the backend knows.
    """

    IMAGE = "image"
    AUDIO = "audio"
    FILE = "file"
    TOKENS = "tokens"
    STORED = "stored"


def is_data_uri(text: str) -> bool:
    """Whether the whole text is RFC 2397 data in base64: bytes, not text."""
    if _MARK not in text:
        return False
    text = text.strip()
    return text[:5].lower() == "data:" and _DATA_URI.fullmatch(text) is not None


def holds_bytes(text: str) -> bool:
    """Whether bytes in base64 stand anywhere in a text: as RFC 2397 data, or as a run that no prose and no hex number has."""
    if _MARK in text and (is_data_uri(text) or _EMBEDDED_DATA.search(text)):
        return True
    return len(text) >= _LONG and any(_looks_like_base64(run.group()) for run in _LONG_RUN.finditer(text))


def _looks_like_base64(run: str) -> bool:
    signs = set(run)
    kinds = (str.isupper, str.islower, str.isdigit)
    return len(signs) >= _BASE64_SIGNS and all(any(map(kind, signs)) for kind in kinds)
