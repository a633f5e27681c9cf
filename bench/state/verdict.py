"""From calls and faults to what is printed, and whether the promises held. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bench.state.faults import Felt
from bench.state.load import Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`opened` and `completed` are the calls on the record."""

    calls: Sequence[Call]
    faults: Sequence[Felt]
    leaks: int
    opened: frozenset[str]
    completed: frozenset[str]
    log: str

    @property
    def wrong(self) -> int:
        return sum(call.wrong for call in self.calls)

    @property
    def lost(self) -> int:
        """Calls that a gateway answered from behind its record, and that are not on it."""
        return len(self._answered - self.opened)

    @property
    def unfinished(self) -> int:
        """Answered calls of which the record holds only the beginning: a gateway was killed before it wrote the end."""
        return len((self._answered & self.opened) - self.completed)

    @property
    def holds(self) -> bool:
        return not (self.wrong or self.leaks or self.lost)

    @property
    def _answered(self) -> frozenset[str]:
        return frozenset(call.id for call in self.calls if call.status == 200 and call.id)

    def text(self) -> str:
        failed = sum(call.failed for call in self.calls)
        statuses = Counter(str(call.status or "no answer") for call in self.calls if call.failed)
        why = ", ".join(f"{count} x {status}" for status, count in statuses.most_common())
        hits = sum(call.cache == "hit" for call in self.calls)
        return "\n".join(
            [
                *(self._line(at, felt) for at, felt in enumerate(self.faults)),
                "",
                f"{len(self.calls)} calls, {hits} answered from the cache;"
                f" {failed} failed ({_percent(failed, len(self.calls))}): {why}",
                f"wrong values: {self.wrong}; leaks: {self.leaks}; lost records: {self.lost}"
                f" (and {self.unfinished} without their end, of gateways that were killed)",
                f"the log: {self.log}",
            ]
        )

    def _line(self, at: int, felt: Felt) -> str:
        following = self.faults[at + 1].began if at + 1 < len(self.faults) else float("inf")
        during = [call for call in self.calls if felt.began <= call.began < felt.lifted]
        after = [call for call in self.calls if felt.lifted <= call.began and call.ended < following]
        failed = sum(call.failed for call in during)
        last = max((call.began for call in after if call.failed), default=felt.lifted)
        return (
            f"{felt.name:24} {felt.lifted - felt.began:5.1f} s:"
            f" {len(during):5} calls, {_percent(failed, len(during)):>7} failed;"
            f" whole again {last - felt.lifted:4.1f} s after it was back"
        )


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"
