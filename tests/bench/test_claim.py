"""What is claimed of the peers is read off the table, and not more."""

from __future__ import annotations

from bench.checks import Sight
from bench.peers.claim import judged
from bench.table import Measurement, rows


def cell(system: str, cpu_ms: float | None, question: str = "English 200") -> Measurement:
    return Measurement(
        round=0,
        question=(question, 16),
        system=system,
        requests=10,
        failed=0,
        cpu_ms=cpu_ms,
        p50_ms=1.0,
        p99_ms=1.0,
        ttft_ms=None,
        per_s=100.0,
    )


def sight(system: str, leaked: int, kind: str = "en 200") -> Sight:
    names = frozenset(f"value {number}" for number in range(leaked))
    return Sight(system=system, kind=kind, planted=4, leaked=names, whole=True, whole_streamed=True)


def claim(*cells: Measurement) -> list[str]:
    sights = [sight("ours", 0), sight("slow", 0), sight("fast", 3), sight("ours", 0, "zh 200"), sight("slow", 1, "zh 200")]
    return judged(rows(cells, direct="direct", reference="ours"), sights, gateway="ours").splitlines()


def test_the_best_peer_is_the_cheapest_that_redacts() -> None:
    told = claim(cell("direct", None), cell("ours", 8.0), cell("slow", 64.0), cell("fast", 2.0), cell("redacts nothing", 1.0))
    assert "is reached in 0 of 1 rows" in told[0]
    assert told[2:] == [
        "- English 200, 16 clients: 125, 0.25 times as many as fast; of the planted values 0 of 4 got past the gateway and "
        "3 of 4 past the peer"
    ]


def test_rows_that_reach_the_target_are_counted_and_those_without_a_peer_left_out() -> None:
    told = claim(
        cell("ours", 8.0),
        cell("slow", 64.0),
        cell("ours", 10.0, "Chinese 200"),
        cell("slow", 19.9, "Chinese 200"),
        cell("ours", 5.0, "Chinese 4,000"),
    )
    assert "is reached in 1 of 2 rows" in told[0]
    assert [line.partition(";")[0] for line in told[2:]] == [
        "- English 200, 16 clients: 125, 8.00 times as many as slow",
        "- Chinese 200, 16 clients: 100, 1.99 times as many as slow",
    ]
