"""What a document is drawn from, as it says itself. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gateway.assurance.evidence.counted import Counted
from gateway.assurance.evidence.document import BUILT_IN, Kind, Line, Origin, Source, fact, gap
from gateway.assurance.evidence.log_state import LogState
from gateway.assurance.evidence.survey import TenantSurvey
from gateway.policy.compile import CompiledPolicy
from gateway.policy.reading.load import LoadedPolicy

RECORD = Source(Origin.RECORD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What the record says of a time, and how far the log has come."""

    counted: Counted
    log: LogState


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A policy, the tenants of it that the document is about, and the record where it was asked."""

    loaded: LoadedPolicy
    policy: CompiledPolicy
    tenants: tuple[TenantSurvey, ...]
    recorded: Recorded | None = None

    @property
    def whole(self) -> bool:
        """Whether it is about every tenant of the policy."""
        return len(self.tenants) == len(self.policy.written.tenants)

    def concerns(self, tenants: Iterable[str] | None) -> bool:
        """Whether what is for these tenants, or for all, is for one that the document is about."""
        return self.whole or tenants is None or not {one.name for one in self.tenants}.isdisjoint(tenants)


def basis(drawn: Drawn) -> tuple[Line, ...]:
    """The first lines of every document."""
    return tuple(_basis(drawn))


def _basis(drawn: Drawn) -> Iterator[Line]:
    yield fact("basis.policy", Source(Origin.POLICY, str(drawn.loaded.path)), version=drawn.loaded.version)
    if drawn.recorded is None:
        yield Line(Kind.FACT, "basis.no_record")
    else:
        yield fact("basis.since", RECORD, since=drawn.recorded.counted.since)
        yield from log_lines(drawn.recorded.log)
        yield from _versions(drawn, drawn.recorded.counted)
    yield Line(Kind.FACT, "basis.no_advice")


def log_lines(log: LogState) -> Iterator[Line]:
    """The checkpoint that the counts lie under."""
    if log.signed is None:
        yield gap("basis.unsigned", RECORD, entries=log.entries)
        return
    own = log.signed
    yield fact("basis.signed", RECORD, origin=own.origin, size=own.size, root=own.root, entries=log.entries)


def _versions(drawn: Drawn, counted: Counted) -> Iterator[Line]:
    sums = Counter[str]()
    for (tenant, name), count in counted.versions.items():
        sums[name] += count if drawn.concerns([tenant]) else 0
    here = sums.pop(drawn.loaded.version, 0)
    if others := +sums:
        told = ", ".join(f"{name}: {count}" for name, count in sorted(others.items()))
        yield gap("basis.other_versions", RECORD, here=here, version=drawn.loaded.version, others=told)


def built_in(key: str) -> Line:
    """What holds whatever policy says."""
    return fact(key, BUILT_IN)
