"""What is claimed of the gateway beside its peers: twice as many requests a second from a core as the best of them. Pure.

A core does 1,000 / CPU-ms requests a second, all processes of a system taken together. A peer counts if it redacts; what it let
through stands beside it, since looking for less costs less.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench.checks import Sight
from bench.plan import WORKLOADS
from bench.table import Row

TARGET = 2.0
"""Times the best peer's requests a second."""

_KINDS = {one.name: f"{one.language} {one.characters:,}" for one in WORKLOADS}


def judged(table: Sequence[Row], sights: Sequence[Sight], *, gateway: str) -> str:
    """For each question the best peer, and how the gateway stands beside it; at the end in how many the target is reached."""
    seen = {(one.system, one.kind): one for one in sights}
    questions = dict.fromkeys(row.question for row in table)
    told = [_told({row.system: row for row in table if row.question == asked}, seen, gateway) for asked in questions]
    known = [one for one in told if one is not None]
    reached = sum(ratio >= TARGET for _, ratio in known)
    head = (
        "Requests a second per core (1,000 / CPU-ms), the gateway beside the best peer that redacts; the target, "
        f"{TARGET:g} times as many, is reached in {reached} of {len(known)} rows:"
    )
    return "\n".join([head, "", *(line for line, _ in known)])


def _told(rows: Mapping[str, Row], seen: Mapping[tuple[str, str], Sight], gateway: str) -> tuple[str, float] | None:
    """One line and the quotient of the rates; None where nothing was measured."""
    own = rows.get(gateway)
    if own is None or not own.cpu_ms:
        return None
    kind = _KINDS[own.question[0]]
    peers = [row for row in rows.values() if row.system != gateway and (row.system, kind) in seen and row.cpu_ratio]
    if not peers:
        return None
    best = min(peers, key=lambda row: row.cpu_ratio or 0.0)
    workload, clients = own.question
    ratio = best.cpu_ratio or 0.0
    passed = f"{_passed(seen, gateway, kind)} got past the gateway and {_passed(seen, best.system, kind)} past the peer"
    asked = f"{workload}, {clients} client{'s' if clients > 1 else ''}"
    rate = f"{1_000 / own.cpu_ms:,.0f}, {ratio:.2f} times as many as {best.system}"
    return f"- {asked}: {rate}; of the planted values {passed}", ratio


def _passed(seen: Mapping[tuple[str, str], Sight], system: str, kind: str) -> str:
    sight = seen.get((system, kind))
    return "?" if sight is None else f"{len(sight.leaked)} of {sight.planted}"
