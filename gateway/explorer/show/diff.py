"""What was sent to the model, what came back, and what the client was given: texts cut where findings stood.

What is shown is the redacted content as it is kept; offsets count code points. Marks that do not fit their text, as in a
record that somebody edited, cut nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from gateway.exchange.content import Content, Mark
from gateway.obligations import OperatorKind
from gateway.protocol.text_slots import Place, TextSlot, read_slots
from gateway.protocol.wire import JsonObject

_REVERSIBLE = frozenset({OperatorKind.PLACEHOLDER, OperatorKind.SURROGATE})


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text; `mark` is the number of the finding that stood here, from 1, and `original` what it was, where known."""

    text: str = field(repr=False)
    mark: int | None = None
    original: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Passage:
    """One text of the request: where it stands (RFC 6901), and who says it, if it is part of a message. `spoken`: whether it is
    part of what is said, and not a field around it.
    """

    pointer: str
    role: str | None
    runs: tuple[Run, ...]
    spoken: bool = True

    @property
    def marked(self) -> bool:
        return any(run.mark is not None for run in self.runs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """`restored` is None where the client was given what the model wrote; in it, what is not known to us is a run without
    `original`.
    """

    sent: tuple[Passage, ...] = ()
    received: tuple[Run, ...] | None = None
    restored: tuple[Run, ...] | None = None
    marks: tuple[Mark, ...] = ()


def diff_of(content: Content, *, restores: bool) -> Diff:
    """`restores`: whether policy gave the client its own values back."""
    request = content.request or {}
    numbered = {id(mark): number for number, mark in enumerate(content.marks, 1)}
    by_pointer = _by_pointer(content.marks)
    sent = tuple(_passage(slot, request, by_pointer, numbered) for slot in read_slots(request) if slot.place is not Place.KEY)
    stand_ins = _stand_ins(sent, content.marks)
    received = None if content.reply is None else tuple(_cut(content.reply, stand_ins))
    restored = received if restores and received and any(run.mark for run in received) else None
    return Diff(
        sent=sent,
        received=received,
        restored=None if restored is None else tuple(_revealed(run, content.originals) for run in restored),
        marks=content.marks,
    )


def pointer_of(path: Sequence[str | int]) -> str:
    """RFC 6901."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)


def _by_pointer(marks: Sequence[Mark]) -> Mapping[str, list[Mark]]:
    ordered = sorted(marks, key=lambda mark: (mark.pointer, mark.start, mark.end))
    return {pointer: list(group) for pointer, group in groupby(ordered, key=lambda mark: mark.pointer)}


def _passage(slot: TextSlot, request: JsonObject, marks: Mapping[str, list[Mark]], numbered: Mapping[int, int]) -> Passage:
    pointer = pointer_of(slot.path)
    runs = tuple(_marked(slot.raw, marks.get(pointer, ()), numbered))
    return Passage(pointer, _role(slot, request), runs, slot.in_conversation)


def _marked(text: str, marks: Sequence[Mark], numbered: Mapping[int, int]) -> Iterator[Run]:
    at = 0
    for mark in marks:
        if not at <= mark.start <= mark.end <= len(text):
            continue
        if mark.start > at:
            yield Run(text[at : mark.start])
        yield Run(text[mark.start : mark.end], numbered[id(mark)])
        at = mark.end
    if at < len(text):
        yield Run(text[at:])


def _role(slot: TextSlot, request: JsonObject) -> str | None:
    match slot.path, request.get(slot.path[0]) if isinstance(slot.path[0], str) else None:
        case (_, int(number), *_), list(items) if number < len(items) and isinstance(items[number], dict):
            role = items[number].get("role")
            return role if isinstance(role, str) else None
    return None


def _stand_ins(sent: Sequence[Passage], marks: Sequence[Mark]) -> Mapping[str, int]:
    """What comes back in a reply stands for a finding of the request, by its text; the first such finding."""
    found: dict[str, int] = {}
    for run in (run for passage in sent for run in passage.runs):
        if run.mark is not None and run.text and marks[run.mark - 1].operator in _REVERSIBLE:
            found.setdefault(run.text, run.mark)
    return found


def _cut(text: str, stand_ins: Mapping[str, int]) -> Iterator[Run]:
    if not stand_ins:
        yield Run(text)
        return
    longest_first = sorted(stand_ins, key=len, reverse=True)
    for piece in re.split(f"({'|'.join(map(re.escape, longest_first))})", text):
        if piece:
            yield Run(piece, stand_ins.get(piece))


def _revealed(run: Run, originals: Mapping[str, str]) -> Run:
    return run if run.mark is None else Run(run.text, run.mark, originals.get(run.text))
