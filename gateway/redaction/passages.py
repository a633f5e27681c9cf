"""How the texts of a body are laid out for detection, and how findings come back to where they belong.

A long text has pages of its own, one for each of its parts. Short ones (names, keys, numbers, arguments) share a page, a line
each, after the key that they stand under: one recognizer call serves many, and `phone:` or `name:` tells a recognizer what it
looks at. Between lines stands a wall, so that a text is read as if it were alone.

Pages are shared within a message or a field and not beyond, so that a message more makes pages more and changes none: what was
found on a page can be remembered over the turns of a chat.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from types import MappingProxyType

from gateway.detection.recognizers.patterns import WALL
from gateway.detection.service.paragraphs import paragraphs
from gateway.exchange import Finding
from gateway.protocol.segments import Segment
from gateway.protocol.text_slots import TextSlot
from gateway.protocol.wire import Path

_SHORT = 40
_PAGE = 2_000
_LONG = 46
"""Characters of a key from whose beginning a word still reaches a value behind `: `, as far as the widest context goes."""
_HALF = 14
"""Characters that a longer key keeps on either side: from both of them words reach a telephone number."""
_TELLING = 4
"""Characters of half a value that are worth hiding: fewer tell nobody's, and would be hidden wherever they stand."""
_HUMP = re.compile("(?<=[a-z0-9])(?=[A-Z])")
_BORDER = re.compile(rf"\b|(?<=_)(?!_)|(?<!_)(?=_)|(?=[\u3400-\u9fff])|{_HUMP.pattern}")
"""Where a word of a key may begin or end."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One readable text of a body: a segment and the slot that it is in (by position).

    `group` is the message or field that it is part of; texts of one group may share a page.
    """

    slot: int
    segment: Segment
    is_prose: bool
    label: str = field(default="", repr=False)
    group: Path = field(default=(), repr=False)

    @property
    def text(self) -> str:
        return self.segment.text


@dataclass
class Page:
    """A text given to the detector, and where each passage starts in it: before the page, where it holds a later part.

    Of a page that joins two passages only what lies over its `seam` counts; what lies beside it is on other pages too.
    """

    text: str = field(default="", repr=False)
    parts: list[tuple[int, int]] = field(default_factory=list)
    seam: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether the page begins with one passage and has no other, nor a wall that a finding could run into."""
        return len(self.parts) == 1 and self.parts[0][1] == 0 and not self.text.endswith(WALL)

    def add(self, index: int, passage: Passage) -> None:
        """A line more: `label: text .`"""
        self.text += f"{passage.label}: " if passage.label else ""
        self.parts.append((index, len(self.text)))
        self.text += passage.text + WALL


def passages(slots: Sequence[TextSlot]) -> list[Passage]:
    """The texts of all slots, what is said before what surrounds it, so that numbering is stable over the turns of a chat."""
    order = sorted(range(len(slots)), key=lambda at: not slots[at].in_conversation)
    return [passage for at in order for passage in _of_slot(at, slots[at])]


def pages(found: Sequence[Passage], apart: Mapping[int, Sequence[tuple[int, int]]] = MappingProxyType({})) -> list[Page]:
    """Lay passages out for detection. `apart` are ranges of some, by position, that are texts of their own."""
    laid: list[Page] = []
    for _, group in groupby(enumerate(found), key=lambda numbered: numbered[1].group):
        shared: Page | None = None
        for index, passage in group:
            if index in apart:
                laid.extend(page for start, end in apart[index] for page in _pages_of(index, passage.text[start:end], start))
                continue
            if len(passage.text) > _SHORT:
                laid.extend(_pages_of(index, passage.text))
                continue
            if shared is None or len(shared.text) > _PAGE:
                shared = Page()
                laid.append(shared)
            shared.add(index, passage)
    return laid


def _pages_of(index: int, text: str, start: int = 0) -> Iterator[Page]:
    """`start` is where the text stands in its passage."""
    return (Page(part, [(index, -start - offset)]) for offset, part in paragraphs(text))


def by_passage(found: Sequence[Passage], laid: Sequence[Page], findings: Sequence[Iterable[Finding]]) -> list[list[Finding]]:
    """The findings of pages as findings of passages; one that runs over the end of a passage is cut there."""
    result: list[list[Finding]] = [[] for _ in found]
    for page, on_page in zip(laid, findings, strict=True):
        if page.is_whole:
            result[page.parts[0][0]].extend(on_page)
            continue
        for finding in on_page:
            if page.seam and not finding.start < page.seam < finding.end:
                continue
            for index, piece in _pieces(found, page, finding):
                if not page.seam or piece.end - piece.start >= _TELLING:
                    result[index].append(piece)
    return result


def _pieces(found: Sequence[Passage], page: Page, finding: Finding) -> Iterator[tuple[int, Finding]]:
    first = max(bisect_right(page.parts, finding.start, key=_offset) - 1, 0)
    last = bisect_left(page.parts, finding.end, key=_offset)
    for index, offset in page.parts[first:last]:
        start = max(finding.start - offset, 0)
        end = min(finding.end - offset, len(found[index].text))
        if start < end:
            yield index, replace(finding, start=start, end=end)


def _offset(part: tuple[int, int]) -> int:
    return part[1]


def _of_slot(at: int, slot: TextSlot) -> Iterator[Passage]:
    group = _group(slot)
    if not slot.is_json:  # one text
        [segment] = slot.segments
        if segment.text and not segment.text.isspace():
            yield Passage(at, segment, slot.is_prose, _brief(slot.label), group)
        return
    for key, run in groupby(slot.segments, key=_label):  # the numbers of an array have one key
        label = _brief(key)
        for segment in run:
            if segment.text and not segment.text.isspace():
                yield Passage(at, segment, slot.is_prose, label, group)


def _label(segment: Segment) -> str:
    return segment.label


def _brief(key: str) -> str:
    """A key that is short enough to stand before each of many values: of a long one, the first words and the last.

    The word that says what a value is stands at either end: `phone_number_of_...`, `..._phone_number`.
    """
    if len(key) <= _LONG:
        return key
    first, last = key[: _HALF + 1], key[-_HALF - 1 :]
    end = max((border for border in _borders(first) if border <= _HALF), default=0)
    start = min((border for border in _borders(last) if 0 < border <= _HALF), default=1)
    return _HUMP.sub(" ", f"{first[:end].strip(' _')} {last[start:].strip(' _')}".strip())


def _borders(key: str) -> Iterator[int]:
    return (border.start() for border in _BORDER.finditer(key))


def _group(slot: TextSlot) -> Path:
    """One message of a chat, else the top-level field: a list of plain strings is one field."""
    return slot.path[:2] if slot.in_conversation and len(slot.path) > 2 else slot.path[:1]
