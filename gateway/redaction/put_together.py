"""Strings of a request that the gateway put together itself, such as passages of documents before a question. Pure.

What is known of them needs no recognizer: where a value stands that was replaced when the document was read. And each of their
texts is read by itself, as it would be alone: neighbours in another language change what a recognizer sees.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TypeAlias

from gateway.exchange import Finding, Laid
from gateway.obligations import EntityRules
from gateway.protocol.text_slots import TextSlot
from gateway.protocol.wire import Path
from gateway.redaction.operators import STRICTEST_FIRST
from gateway.redaction.passages import Passage

PutTogether: TypeAlias = Mapping[Path, Laid]
"""By the path of a string in the body; positions count code points of that string."""

NOTHING: PutTogether = MappingProxyType({})
NOWHERE: Mapping[int, Laid] = MappingProxyType({})


def placed_in(found: Sequence[Passage], slots: Sequence[TextSlot], strings: PutTogether) -> Mapping[int, Laid]:
    """The same by the position of their passage, whose text may spell escapes out. Raises LookupError for a path that leads to
    no text: its values would go out as they are.
    """
    placed: dict[int, Laid] = {}
    for path, laid in strings.items():
        at = next((index for index, passage in enumerate(found) if slots[passage.slot].path == path), None)
        if at is None:
            raise LookupError("a string that was put together is no text of the body")
        placed[at] = _read(found[at], laid)
    return placed


def beside(found: Sequence[Sequence[Finding]], known: Mapping[int, Laid]) -> Sequence[Sequence[Finding]]:
    """What is known, and of what recognizers found what lies outside of it."""
    if not known:
        return found
    return [_with(own, known[at].findings) if at in known else own for at, own in enumerate(found)]


def strictest(rules: EntityRules, other: EntityRules) -> EntityRules:
    """The stricter operator of two, for each type."""
    named = rules.by_entity.keys() | other.by_entity.keys()
    both = {entity: min(rules.operator(entity), other.operator(entity), key=STRICTEST_FIRST.index) for entity in named}
    return EntityRules(min(rules.default, other.default, key=STRICTEST_FIRST.index), both)


def _read(passage: Passage, laid: Laid) -> Laid:
    segment = passage.segment

    def at(raw: int) -> int:
        return raw - segment.start if segment.offsets is None else bisect_left(segment.offsets, raw)

    findings = (replace(one, start=at(one.start), end=at(one.end)) for one in laid.findings)
    return Laid(tuple(findings), tuple((at(start), at(end)) for start, end in laid.parts))


def _with(own: Sequence[Finding], known: Sequence[Finding]) -> list[Finding]:
    return [*known, *(piece for one in own for piece in _outside(one, known))]


def _outside(finding: Finding, taken: Sequence[Finding]) -> Iterator[Finding]:
    """The parts of a finding that nothing else covers; `taken` is in order."""
    at = finding.start
    for one in taken:
        if one.end <= at or one.start >= finding.end:
            continue
        if one.start > at:
            yield replace(finding, start=at, end=one.start)
        at = one.end
    if at < finding.end:
        yield replace(finding, start=at, end=finding.end)
