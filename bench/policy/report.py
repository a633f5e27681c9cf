"""From figures to Markdown. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bench.policy.cost import Cost, Loaded, Met
from bench.policy.policies import Shape


def rules_table(rows: Sequence[tuple[Shape, Met, Cost]]) -> str:
    """A line for each policy, by its rules."""
    head = ["rules", "facing a caller", "decide us", "lowest tenth", "review us", "both us", "first ms", "kept KB"]
    return _table(
        head,
        [[shape.name, str(shape.facing), *_decision(cost), *_caller(met)] for shape, met, cost in rows],
    )


def growth_table(rows: Sequence[tuple[Loaded, Met, Cost]]) -> str:
    """A line for each number of tenants, and one for what the most cost over what the fewest cost."""
    head = ["tenants", "callers", "decide us", "lowest tenth", "review us", "both us", "first ms", "kept KB"]
    head += ["file MB", "load s", "load s/MB", "load ms/tenant", "load KB/tenant"]
    lines = [
        [f"{loaded.tenants:,}", f"{len(met.callers):,}", *_decision(cost), *_caller(met), *_loading(loaded)]
        for loaded, met, cost in rows
    ]
    return _table(head, [*lines, _ratios(rows[0], rows[-1])])


def _ratios(few: tuple[Loaded, Met, Cost], many: tuple[Loaded, Met, Cost]) -> list[str]:
    (small, _, cheap), (large, _, dear) = few, many
    return [
        f"{large.tenants:,} : {small.tenants:,}",
        "",
        _times(dear.decide_us, cheap.decide_us),
        _times(dear.quick_us, cheap.quick_us),
        "" if dear.review_us is None or cheap.review_us is None else _times(dear.review_us, cheap.review_us),
        _times(dear.both_us, cheap.both_us),
        "",
        "",
        _times(large.megabytes, small.megabytes),
        _times(large.load_s, small.load_s),
        _times(large.load_s / large.megabytes, small.load_s / small.megabytes),
        _times(large.load_s / large.tenants, small.load_s / small.tenants),
        "",
    ]


def _times(many: float, few: float) -> str:
    return f"{number(many / few)} x"


def _decision(cost: Cost) -> list[str]:
    return [
        number(cost.decide_us),
        number(cost.quick_us),
        "" if cost.review_us is None else number(cost.review_us),
        number(cost.both_us),
    ]


def _caller(met: Met) -> list[str]:
    return [number(met.first_ms), number(met.standing_kb)]


def _loading(one: Loaded) -> list[str]:
    each = (one.load_s * 1e3 / one.tenants, one.load_kb / one.tenants)
    return [*map(number, (one.megabytes, one.load_s, one.load_s / one.megabytes, *each))]


def number(value: float) -> str:
    """Two decimals below ten, one below a hundred, none above: more would be noise."""
    return f"{value:,.{2 if value < 10 else 1 if value < 100 else 0}f}"


def _table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    rule = [":--" if at == 0 else "--:" for at in range(len(head))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [head, rule, *lines])
