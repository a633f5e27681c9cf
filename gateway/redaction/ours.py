"""What an answer has from the exchange itself: it is no news, whatever a recognizer takes it for. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.redaction.passages import Passage
from gateway.redaction.restore import Restorer
from gateway.redaction.verdict import Judged


class Ours:
    """Stand-ins in the texts of an answer's slots: in what the texts say, and as they are spelled. `CORP\\fbradley@example.com`
    is read as if a form feed stood before `bradley`, and is our `fbradley@example.com` nevertheless.
    """

    def __init__(self, stand_ins: Restorer, raws: Sequence[str]) -> None:
        self._stand_ins = stand_ins
        self._raws = raws
        self._spelled: dict[int, bytearray] = {}

    def left_alone(self, passage: Passage, judged: Sequence[Judged]) -> list[Judged]:
        """Those that touch nothing of ours."""
        if not judged:
            return []
        said, spelled = self._marked(passage.text), self._as_spelled(passage.slot)

        def touches(one: Judged) -> bool:
            start, end = one.finding.start, one.finding.end
            return 1 in said[start:end] or (spelled is not None and 1 in spelled[slice(*passage.segment.raw_span(start, end))])

        return [one for one in judged if not touches(one)]

    def _as_spelled(self, slot: int) -> bytearray | None:
        """None where texts say what is written."""
        if "\\" not in self._raws[slot]:
            return None
        if slot not in self._spelled:
            self._spelled[slot] = self._marked(self._raws[slot])
        return self._spelled[slot]

    def _marked(self, text: str) -> bytearray:
        marks = bytearray(len(text))
        for start, end, _ in self._stand_ins.spans(text):
            marks[start:end] = b"\1" * (end - start)
        return marks
