"""Cuts a document into chunks, by its structure: sections, then paragraphs and rows, then sentences. Pure.

Size is in *units*, about four of which are one token of a multilingual model: a letter counts one, a Chinese, Japanese or
Korean character three. (multilingual-e5: 4.3 letters, 1.5 Chinese characters a token.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gateway.knowledge.formats.document import Block

SIZE = 800
OVERLAP = 120
_WIDE = re.compile(r"[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")
_SENTENCE = re.compile(r"(?<=[。！？；])|(?<=[.!?;])\s+|\n+")
_ATOM = re.compile(r"<[A-Z][A-Z0-9_]*[_#][0-9a-f]+>|\s+|[^\s<]{1,40}|<")
"""What a sentence that is too long is cut between; never inside a placeholder."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """`section` is the headings above it, the widest first. `blocks` are the positions of all that it has text of."""

    text: str = field(repr=False)
    section: tuple[str, ...] = field(default=(), repr=False)
    page: int | None = None
    blocks: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str = field(repr=False)
    units: int
    block: int
    page: int | None
    joint: str
    """What stands before it, unless it comes first."""


def units(text: str) -> int:
    return len(text) + 2 * len(_WIDE.findall(text))


def chunks(blocks: Sequence[Block], *, size: int = SIZE, overlap: int = OVERLAP) -> Iterator[Chunk]:
    """In order. Within a section the last sentences of a chunk, up to `overlap`, come again in the next one."""
    headings: dict[int, tuple[str, int]] = {}
    gathered: list[_Piece] = []
    for at, block in enumerate(blocks):
        if block.level or block.alone:
            yield from _packed(gathered, headings, size, overlap)
            gathered = []
        if block.level:
            headings = {level: told for level, told in headings.items() if level < block.level}
            headings[block.level] = (block.text, at)
        else:
            gathered.extend(_pieces(at, block, size))
        if block.alone:
            yield from _packed(gathered, headings, size, overlap)
            gathered = []
    yield from _packed(gathered, headings, size, overlap)


def _packed(pieces: Sequence[_Piece], headings: dict[int, tuple[str, int]], size: int, overlap: int) -> Iterator[Chunk]:
    """Pieces together as long as they fit."""
    held: list[_Piece] = []
    for piece in pieces:
        if held and sum(one.units for one in held) + piece.units > size:
            yield _chunk(held, headings)
            held = _carried(held, min(overlap, size - piece.units))
        held.append(piece)
    if held:
        yield _chunk(held, headings)


def _carried(held: Sequence[_Piece], room: int) -> list[_Piece]:
    """The last pieces that fit into the room."""
    taken: list[_Piece] = []
    for piece in reversed(held):
        room -= piece.units
        if room < 0:
            break
        taken.insert(0, piece)
    return taken


def _chunk(held: Sequence[_Piece], headings: dict[int, tuple[str, int]]) -> Chunk:
    text = held[0].text + "".join(piece.joint + piece.text for piece in held[1:])
    told = [headings[level] for level in sorted(headings)]
    blocks = frozenset(piece.block for piece in held) | frozenset(at for _, at in told)
    return Chunk(text.strip(), tuple(heading for heading, _ in told), held[0].page, blocks)


def _pieces(at: int, block: Block, size: int) -> Iterator[_Piece]:
    opening = True
    for text, before in _sentences(block.text):
        joint = "\n" if opening else before
        for part in _cut(text, size):
            yield _Piece(part, units(part), at, block.page, joint)
            joint = ""
        opening = False


def _sentences(text: str) -> Iterator[tuple[str, str]]:
    """Each sentence, and the white space before it."""
    end, before = 0, ""
    for found in _SENTENCE.finditer(text):
        if found.start() > end:
            yield text[end : found.start()], before
            before = found.group()
        end = found.end()
    if end < len(text):
        yield text[end:], before


def _cut(text: str, size: int) -> Iterator[str]:
    """A sentence that is longer than a chunk may be, in parts."""
    if units(text) <= size:
        yield text
        return
    part, room = "", size
    for atom in _ATOM.findall(text):
        weight = units(atom)
        if part and weight > room:
            yield part
            part, room = "", size
        part += atom
        room -= weight
    if part:
        yield part
