"""What a dashboard shows, put together from sums of the index. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gateway.explorer.index.buckets import percentile
from gateway.explorer.index.sums import Measure

_MOST = 12


class Sum(NamedTuple):
    """Over the tenants that somebody may see."""

    measure: str
    period: str
    word: str
    detail: str
    number: int
    input_tokens: int
    output_tokens: int
    cost: int


@dataclass(frozen=True, slots=True)
class Ranked:
    """A word and how often it came; `parts` says the same by detail. `share` is that of the most frequent one, 0..1."""

    word: str
    number: int
    share: float
    parts: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class ModelUse:
    model: str
    deployment: str
    requests: int
    input_tokens: int
    output_tokens: int
    cost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Series have one value for each period. Durations in ms; None where nothing ended. `cost` in millionths."""

    periods: tuple[str, ...]
    outcomes: Mapping[str, tuple[int, ...]]
    p50: tuple[float | None, ...]
    p95: tuple[float | None, ...]
    first_p50: tuple[float | None, ...]
    input_tokens: tuple[int, ...]
    output_tokens: tuple[int, ...]
    findings: tuple[Ranked, ...]
    denials: tuple[Ranked, ...]
    cache: tuple[Ranked, ...]
    models: tuple[ModelUse, ...]

    @property
    def requests(self) -> int:
        return sum(map(sum, self.outcomes.values()))

    @property
    def denied(self) -> int:
        return sum(self.outcomes.get("denied", ()))

    @property
    def cost(self) -> int:
        return sum(one.cost for one in self.models)

    @property
    def tokens(self) -> tuple[int, int]:
        return sum(self.input_tokens), sum(self.output_tokens)

    @property
    def hit_rate(self) -> float | None:
        """Hits among the exchanges for which the cache was asked; None where it never was."""
        asked = {one.word: one.number for one in self.cache if one.word in ("hit", "miss", "stale")}
        return asked.get("hit", 0) / sum(asked.values()) if asked else None


def board_of(sums: Iterable[Sum], periods: tuple[str, ...]) -> Board:
    by_measure: dict[str, list[Sum]] = {measure.value: [] for measure in Measure}
    for one in sums:
        by_measure.setdefault(one.measure, []).append(one)
    models = by_measure[Measure.MODEL]
    durations = _histograms(by_measure[Measure.DURATION], periods)
    first = _histograms(by_measure[Measure.FIRST_EVENT], periods)
    return Board(
        periods=periods,
        outcomes=_series(by_measure[Measure.OUTCOME], periods),
        p50=tuple(percentile(one, 0.5) for one in durations),
        p95=tuple(percentile(one, 0.95) for one in durations),
        first_p50=tuple(percentile(one, 0.5) for one in first),
        input_tokens=_line(((one.period, one.input_tokens) for one in models), periods),
        output_tokens=_line(((one.period, one.output_tokens) for one in models), periods),
        findings=_ranked(by_measure[Measure.FINDING]),
        denials=_ranked(by_measure[Measure.DENIAL]),
        cache=_ranked(by_measure[Measure.CACHE]),
        models=_models(models),
    )


def _line(values: Iterable[tuple[str, int]], periods: Sequence[str]) -> tuple[int, ...]:
    found: Counter[str] = Counter()
    for period, value in values:
        found[period] += value
    return tuple(found[period] for period in periods)


def _series(sums: Sequence[Sum], periods: Sequence[str]) -> Mapping[str, tuple[int, ...]]:
    words = sorted({one.word for one in sums})
    lines = {word: _line(((one.period, one.number) for one in sums if one.word == word), periods) for word in words}
    return {word: line for word, line in lines.items() if any(line)}


def _histograms(sums: Sequence[Sum], periods: Sequence[str]) -> Sequence[Mapping[int, int]]:
    found: dict[str, Counter[int]] = {period: Counter() for period in periods}
    for one in sums:
        if one.period in found:
            found[one.period][int(one.word)] += one.number
    return [found[period] for period in periods]


def _ranked(sums: Sequence[Sum]) -> tuple[Ranked, ...]:
    """Most frequent first; of many the first ones."""
    totals: Counter[str] = Counter()
    parts: dict[str, Counter[str]] = {}
    for one in sums:
        totals[one.word] += one.number
        parts.setdefault(one.word, Counter())[one.detail] += one.number
    chosen = [(word, number) for word, number in totals.most_common(_MOST) if number > 0]
    most = chosen[0][1] if chosen else 1
    return tuple(Ranked(word, number, number / most, _parts(parts[word])) for word, number in chosen)


def _parts(details: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple((detail, number) for detail, number in details.most_common() if detail and number)


def _models(sums: Sequence[Sum]) -> tuple[ModelUse, ...]:
    found: dict[tuple[str, str], list[int]] = {}
    for one in sums:
        use = found.setdefault((one.word, one.detail), [0, 0, 0, 0])
        for place, value in enumerate((one.number, one.input_tokens, one.output_tokens, one.cost)):
            use[place] += value
    uses = (ModelUse(model, deployment, *use) for (model, deployment), use in found.items() if any(use))
    return tuple(sorted(uses, key=lambda use: (-use.cost, -use.requests, use.model, use.deployment)))
