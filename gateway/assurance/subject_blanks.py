"""An item of an answer as a person may see it: what was found in it is blanked, and the person's own values are told. Pure.

Of what an item mentions there are tags, and no values. Each value is found again by tagging what stands between the borders of
words: so all that was found when the item was kept is blanked, and no recognizer, which may be another one by now, is asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from unicodedata import normalize

from gateway.protocol.opaque import without_opaque
from gateway.protocol.segments import Replacement, Segment, splice
from gateway.protocol.text_slots import read_slots, write_slots
from gateway.protocol.wire import JsonObject

_WORD = re.compile(r"\s+|[0-9]+|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|.", re.DOTALL)
"""Values begin and end with one: redaction knows no more borders (`gateway.detection.literals.is_edge`), but for such humps as
`annaSchmidt` has, which recognizers know in names of fields."""
_MOST_WORDS, _MOST_CHARACTERS = 60, 120
"""Of a value, spaces and signs with it. One that is longer is not found again."""
_STOPS = frozenset("。｡︒、､︑﹑")
"""Nor is one that has any of these: they equal nothing else when values are compared, so no place of such a value is found."""
_PAUSES = frozenset("，！？；")
_AS_PAUSES = frozenset(",!?;")
"""What they equal. Values that have one are looked for only where there are such: in Chinese it takes many times as long."""
_INPUT = "input"

Tag = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class Blanked:
    """An item with placeholders, and what the person's own stand for."""

    item: JsonObject = field(repr=False)
    own: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Hit:
    start: int
    end: int
    tag: bytes


def blanked(item: JsonObject, tag: Tag, mentioned: Collection[bytes], own: Collection[bytes]) -> Blanked | None:
    """`mentioned` are the tags of all that was found in the item, `own` the person's.

    None where one that is mentioned is not found again: then nobody can tell where somebody else's value stands.
    """
    body = without_opaque({_INPUT: [item]})
    slots = read_slots(body)
    texts = [segment.text for slot in slots for segment in slot.segments]
    found = _found(texts, tag, mentioned)
    if found is None:
        return None
    blanks, hits = _Blanks(frozenset(own), _names(texts)), iter(found)
    raws = [splice(slot.raw, [one for segment in slot.segments for one in blanks.of(segment, next(hits))]) for slot in slots]
    return Blanked(write_slots(body, slots, raws)[_INPUT][0], blanks.own)


class _Blanks:
    """Gives each value a placeholder, the same wherever it stands in the item."""

    def __init__(self, tags: frozenset[bytes], names: Iterator[str]) -> None:
        self._tags = tags
        self._names = names
        self._given: dict[str, str] = {}
        self.own: dict[str, str] = {}

    def of(self, segment: Segment, hits: Sequence[_Hit]) -> Iterator[Replacement]:
        """What overlaps is blanked together, and is the person's where one value of theirs is all of it."""
        for start, end, within in _joined(hits):
            value = segment.text[start:end]
            if value not in self._given:
                self._given[value] = next(self._names)
            name = self._given[value]
            if any((hit.start, hit.end) == (start, end) and hit.tag in self._tags for hit in within):
                self.own[name] = value
            yield Replacement(segment, start, end, name)


def _found(texts: Sequence[str], tag: Tag, mentioned: Collection[bytes]) -> Sequence[Sequence[_Hit]] | None:
    """Where these stand in each text; None where one of them stands nowhere."""
    hits = [list(_hits(text, tag, mentioned, _STOPS | _PAUSES)) for text in texts]
    if _lacks(hits, mentioned) or any(_pauses(text, of_text) for text, of_text in zip(texts, hits, strict=True)):
        hits = [list(_hits(text, tag, mentioned, _STOPS)) for text in texts]
    return None if _lacks(hits, mentioned) else hits


def _lacks(hits: Sequence[Sequence[_Hit]], mentioned: Collection[bytes]) -> bool:
    return not {hit.tag for of_text in hits for hit in of_text}.issuperset(mentioned)


def _pauses(text: str, hits: Sequence[_Hit]) -> bool:
    return any(not _AS_PAUSES.isdisjoint(normalize("NFKC", text[hit.start : hit.end])) for hit in hits)


def _hits(text: str, tag: Tag, mentioned: Collection[bytes], stops: Collection[str]) -> Iterator[_Hit]:
    borders = [0, *(word.end() for word in _WORD.finditer(text))]
    for at, start in enumerate(borders):
        for end in borders[at + 1 : at + 1 + _MOST_WORDS]:
            if end - start > _MOST_CHARACTERS or text[end - 1] in stops:
                break
            if text[start].isspace() or text[end - 1].isspace():
                continue
            found = tag(text[start:end])
            if found in mentioned:
                yield _Hit(start, end, found)


def _joined(hits: Sequence[_Hit]) -> Iterator[tuple[int, int, Sequence[_Hit]]]:
    """Hits that overlap, with where the first begins and the last ends."""
    within: list[_Hit] = []
    end = 0
    for hit in sorted(hits, key=lambda hit: hit.start):
        if within and hit.start >= end:
            yield within[0].start, end, within
            within = []
        within.append(hit)
        end = max(end, hit.end)
    if within:
        yield within[0].start, end, within


def _names(texts: Iterable[str]) -> Iterator[str]:
    """Placeholders that nobody wrote there."""
    written = "\n".join(texts)
    return (f"<VALUE_{number}>" for number in count(1) if f"VALUE_{number}" not in written)
