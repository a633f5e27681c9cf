"""Where an answer cites passages, and how a client is told: by annotations in the shapes of OpenAI. Pure.

A model cites by `[1]`, and models that write Chinese also by `【1】`. Only numbers that passages have become annotations;
whatever else stands in brackets is text. Positions count code points of the text that the client gets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from gateway.protocol.wire import JsonObject

_MARKER = re.compile(r"[\[【［]\s{0,2}(\d{1,2}(?:\s{0,2}[,，、;；]\s{0,2}\d{1,2}){0,9})\s{0,2}[\]】］]")
_NUMBER = re.compile(r"\d{1,2}")


@dataclass(frozen=True, slots=True)
class File:
    """A document as its reader may know it. `text` is the passage, for those who ask for results."""

    id: str
    name: str = field(repr=False)
    text: str = field(default="", repr=False)
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Citation:
    """A marker in a text, from `start` to before `end`, and the file that it names."""

    start: int
    end: int
    file: File

    @property
    def in_chat(self) -> JsonObject:
        """As `url_citation` of chat completions, whose shape it has, with the kind that assistants have for files."""
        told = {"file_id": self.file.id, "filename": self.file.name, "start_index": self.start, "end_index": self.end}
        return {"type": "file_citation", "file_citation": told}

    @property
    def in_response(self) -> JsonObject:
        return {"type": "file_citation", "file_id": self.file.id, "filename": self.file.name, "index": self.start}


def citations(text: str, files: Mapping[int, File]) -> Iterator[Citation]:
    """From left to right; `files` are by the number of their passage."""
    for marker in _MARKER.finditer(text):
        for number in _NUMBER.findall(marker[1]):
            if (file := files.get(int(number))) is not None:
                yield Citation(marker.start(), marker.end(), file)
