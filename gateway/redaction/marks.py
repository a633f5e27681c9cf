"""Where findings stand in a body once every operator was applied: for whoever reads the record beside what was sent. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate

from gateway.exchange.content import Mark
from gateway.protocol.segments import Edit, Segment, edits_of
from gateway.protocol.text_slots import Place, TextSlot
from gateway.protocol.wire import Path
from gateway.redaction.redactor import Inspection, Redaction
from gateway.redaction.verdict import Judged


def marks(inspection: Inspection, redaction: Redaction) -> tuple[Mark, ...]:
    """A mark for each finding. A number that was left as it is has none: it is no text."""
    return tuple(_marks(inspection, redaction))


def pointer(path: Path, named: Mapping[Path, str] | None = None) -> str:
    """A path as a JSON pointer (RFC 6901); `named` are new names of keys, by the path that leads to each."""
    renamed = named or {}
    steps = (renamed.get(path[: at + 1], str(step)) for at, step in enumerate(path))
    return "".join(f"/{step.replace('~', '~0').replace('/', '~1')}" for step in steps)


class _Moved:
    """Where ranges of a raw string are after its edits."""

    def __init__(self, edits: Sequence[Edit] = ()) -> None:
        self._edits = edits
        self._starts = [edit.start for edit in edits]
        self._shifts = list(accumulate((len(edit.text) - (edit.end - edit.start) for edit in edits), initial=0))

    def span(self, start: int, end: int) -> tuple[int, int]:
        """What stands in the place of a range, or the range itself where nothing does."""
        at = bisect_right(self._starts, start)
        edit = self._edits[at - 1] if at else None
        if edit is not None and start < edit.end:
            moved = edit.start + self._shifts[at - 1]
            return moved, moved + len(edit.text)
        return start + self._shifts[at], end + self._shifts[at]


def _marks(inspection: Inspection, redaction: Redaction) -> Iterator[Mark]:
    slots, raws = inspection.slots, redaction.raws
    moved = {at: _Moved(edits_of(own)) for at, own in redaction.replacements.items()}
    named = {slot.path: raw for slot, raw in zip(slots, raws, strict=True) if slot.place is Place.KEY and raw != slot.raw}
    for passage, own in zip(inspection.passages, inspection.judged, strict=True):
        slot = slots[passage.slot]
        if own and (slot.place is not Place.NUMBER or raws[passage.slot] != slot.raw):
            where = pointer(slot.path, named)
            yield from (_mark(where, slot, passage.segment, one, moved.get(passage.slot, _Moved())) for one in own)


def _mark(where: str, slot: TextSlot, segment: Segment, judged: Judged, moved: _Moved) -> Mark:
    finding, verdict = judged.finding, judged.verdict
    start, end = moved.span(*segment.raw_span(finding.start, finding.end))
    return Mark(
        pointer=where,
        start=start,
        end=end,
        entity=verdict.entity,
        operator=verdict.operator,
        recognizer=finding.recognizer,
        score=finding.score,
        in_key=slot.place is Place.KEY,
    )
