"""What a reader makes of a file: a title, and blocks of text in the order in which people read them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum


class Refusal(StrEnum):
    """Why one file is left out, while the others go on."""

    UNKNOWN_KIND = "unknown kind"  # no reader for such files
    TOO_LARGE = "too large"  # as a file, or as the text in it
    BOMB = "unpacks to far more than it is"
    BROKEN = "broken"  # not what its name says
    ENCRYPTED = "encrypted"
    MACROS = "has macros"
    ENTITIES = "declares entities or a document type"  # XML that may name other files
    EMPTY = "no text"  # scanned pages, for instance
    SLOW = "takes too long, or too much memory, to read"
    NOT_A_FILE = "not a regular file"
    OUTSIDE = "leads out of its folder"  # a symbolic link
    UNREADABLE = "cannot be opened"
    BLOCKED = "holds what policy blocks"
    ELSEWHERE = "is there already, from another source and with other labels"


class Refused(Exception):
    """A file that is refused alone. It says nothing of what stands in it."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a heading, a row. `level` is 1 to 6 for headings; `page` counts from 1, where there are pages.

    `alone`: a chunk by itself, such as a bookmark or a line of JSON.
    """

    text: str = field(repr=False)
    level: int = 0
    page: int | None = None
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """`title` is empty where the file names none."""

    title: str = field(repr=False)
    blocks: tuple[Block, ...] = field(repr=False)


MOST_CHARACTERS = 5_000_000
"""Of text in one document: about 2,500 pages."""
MOST_BLOCKS = 200_000


def document(title: str, blocks: Iterable[Block]) -> Document:
    """With what is empty left out. Raises Refused for more text than a document may have, and for none."""
    kept = tuple(_counted(block for block in blocks if block.text.strip()))
    if not any(not block.level for block in kept):
        raise Refused(Refusal.EMPTY)
    return Document(" ".join(title.split())[:500], kept)


def _counted(blocks: Iterable[Block]) -> Iterator[Block]:
    characters = 0
    for number, block in enumerate(blocks):
        characters += len(block.text)
        if characters > MOST_CHARACTERS or number >= MOST_BLOCKS:
            raise Refused(Refusal.TOO_LARGE)
        yield block
