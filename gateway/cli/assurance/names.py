"""Names of groups through the gateway's own engine. Imported when it is asked for: it loads the recognizers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from gateway.assurance.evidence.document import Document
from gateway.assurance.fairness.detection_report import Measured, names_report
from gateway.assurance.fairness.lexicons import Lists
from gateway.assurance.fairness.names import LANGUAGES, Cohort, carriers
from gateway.assurance.fairness.trials import Tried, tried
from gateway.cli.common.progress import Bar
from gateway.cli.detect.engine import Workbench, obligations
from gateway.exchange import Finding
from gateway.obligations import Obligations, OperatorKind
from gateway.policy.reading.load import read_bytes, version_of


def measured(cohorts: Sequence[Cohort], samples: int, policy: Path | None, tenant: str | None) -> Document:
    """Raises PolicyError, DetectionUnavailable."""
    own = obligations(policy, tenant, None)
    plan = list(_plan(cohorts))
    results: dict[tuple[str, str], list[Tried]] = {}
    with Bar(len(plan)) as bar:
        reader = _Reader(own)
        for language, form, cohort in plan:
            names = cohort.full if form == "full" else cohort.given
            one = tried(cohort, names, carriers(language), samples, reader.find, reader.protects)
            results.setdefault((language, form), []).append(one)
            bar.advance(1)
    lists = Lists()
    return names_report(
        Measured(
            version=None if policy is None else version_of(read_bytes(policy)),
            samples=samples,
            results=results,
            listed={(cohort.group, cohort.gender): lists.known(cohort) for cohort in cohorts},
        )
    )


def _plan(cohorts: Sequence[Cohort]) -> Iterator[tuple[str, str, Cohort]]:
    """Which names stand in sentences of which language; first names alone in English ones."""
    for language, scripts in LANGUAGES.items():
        yield from ((language, "full", cohort) for cohort in cohorts if cohort.script in scripts)
    yield from (("en", "given", cohort) for cohort in cohorts if cohort.given)


class _Reader:
    """One engine under some obligations."""

    def __init__(self, own: Obligations) -> None:
        self._own = own
        self._bench = Workbench(own)

    def find(self, text: str) -> Sequence[Finding]:
        return self._bench.findings(text, lambda _: None)

    def protects(self, entity: str) -> bool:
        return self._own.request.operator(entity) is not OperatorKind.KEEP
