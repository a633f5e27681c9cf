"""Who is refused how often, as a document. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gateway.assurance.evidence.document import Between, Block, Chapter, Document, Kind, Line, Share, Table, Value, fact
from gateway.assurance.evidence.drawn import RECORD, log_lines
from gateway.assurance.evidence.log_state import LogState
from gateway.assurance.fairness.detection_report import interval
from gateway.assurance.fairness.intervals import ratio
from gateway.assurance.fairness.treatment import FEWEST, Treated, Treatment

_COLUMNS = (
    "whose",
    "exchanges",
    "refusals",
    "refusals_interval",
    "to_the_least",
    "failures",
    "failures_interval",
    "density",
    "density_interval",
)


def treatment_report(treatments: Sequence[Treatment], since: str, log: LogState) -> Document:
    chapters = tuple(Chapter(f"treatment.{one.by}", tuple(_chapter(one))) for one in treatments)
    basis = (
        fact("basis.since", RECORD, since=since),
        *log_lines(log),
        Line(Kind.FACT, "treatment.how", None, {"fewest": FEWEST}),
        Line(Kind.FACT, "treatment.no_cause"),
    )
    return Document("treatment.title", basis, chapters)


def _chapter(one: Treatment) -> Iterator[Block]:
    """Whoever is let through most often is what others are compared with."""
    most = max((1 - own.refusals.share for _, own in one.groups), default=1.0)
    yield Table("treatment.table", _COLUMNS, tuple(_row(name, own, most) for name, own in one.groups))
    if one.hidden:
        yield fact("treatment.hidden", RECORD, groups=one.hidden, fewest=FEWEST)


def _row(name: str, own: Treated, most: float) -> tuple[Value, ...]:
    density, around = own.density.value, own.density.interval
    return (
        name,
        own.n,
        Share(own.refusals.share),
        interval(own.refusals),
        round(ratio(1 - own.refusals.share, most), 2),
        Share(own.failures.share),
        interval(own.failures),
        density,
        None if around is None else Between(*around),
    )
