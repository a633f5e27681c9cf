"""Whose names are found, as a document. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gateway.assurance.evidence.document import (
    BUILT_IN,
    Between,
    Block,
    Chapter,
    Document,
    Kind,
    Line,
    Share,
    Table,
    Term,
    Value,
    fact,
    gap,
)
from gateway.assurance.fairness.intervals import FOUR_FIFTHS, Rate, ratio
from gateway.assurance.fairness.trials import Tried

_COLUMNS = ("group", "gender", "tried", "recall", "recall_interval", "ratio", "leak", "leak_interval", "listed", "mark")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """By language and form (`full`, `given`), each group's trials; `listed` by group and gender, where lists are known."""

    version: str | None
    samples: int
    results: Mapping[tuple[str, str], Sequence[Tried]]
    listed: Mapping[tuple[str, str | None], Rate] = field(default_factory=dict)


def names_report(measured: Measured) -> Document:
    chapters = tuple(
        Chapter(f"fairness.{form}.{language}", tuple(_chapter(measured, results)))
        for (language, form), results in measured.results.items()
        if results
    )
    return Document("fairness.names.title", tuple(_basis(measured)), chapters)


def _basis(measured: Measured) -> Iterator[Line]:
    if measured.version is None:
        yield fact("fairness.default_engine", BUILT_IN)
    else:
        yield Line(Kind.FACT, "fairness.of_policy", None, {"version": measured.version})
    yield Line(Kind.FACT, "fairness.how", None, {"samples": measured.samples})
    yield Line(Kind.FACT, "fairness.words")
    yield Line(Kind.FACT, "fairness.four_fifths", None, {"mark": Share(FOUR_FIFTHS)})


def _chapter(measured: Measured, results: Sequence[Tried]) -> Iterator[Block]:
    best = max(one.found.share for one in results)
    worst = min(results, key=lambda one: one.found.share)
    whole = Rate(sum(one.found.hits for one in results), sum(one.found.n for one in results))
    yield Line(
        Kind.FACT,
        "fairness.spread",
        None,
        {
            "all": Share(whole.share),
            "best": Share(best),
            "group": Term("group", worst.cohort.group),
            "worst": Share(worst.found.share),
        },
    )
    yield Table("fairness.table", _COLUMNS, tuple(_row(measured, one, best) for one in results))
    low = [one for one in results if ratio(one.found.share, best) < FOUR_FIFTHS]
    for one in low:
        yield gap("fairness.below", None, group=_group(one), gender=_gender(one), recall=Share(one.found.share))


def _row(measured: Measured, one: Tried, best: float) -> tuple[Value, ...]:
    known = measured.listed.get((one.cohort.group, one.cohort.gender))
    share = ratio(one.found.share, best)
    return (
        _group(one),
        _gender(one),
        one.found.n,
        Share(one.found.share),
        interval(one.found),
        round(share, 2),
        Share(one.leaked.share),
        interval(one.leaked),
        None if known is None or not known.n else Share(known.share),
        Term("fairness_mark", "below") if share < FOUR_FIFTHS else "",
    )


def interval(rate: Rate) -> Between:
    low, high = rate.interval
    return Between(low, high, shares=True)


def _group(one: Tried) -> Value:
    return Term("group", one.cohort.group)


def _gender(one: Tried) -> Value:
    return None if one.cohort.gender is None else Term("gender", one.cohort.gender)
