"""A risk that a rule found in the policy or the record: where it stands, and the key of what would mend it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from gateway.assurance.evidence.document import Kind, Line, Source, Value, listed
from gateway.assurance.evidence.survey import Pick, TenantSurvey
from gateway.policy.terms import Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """`key` is that of its sentence; `key.remedy` says what would mend it. `not_for` are places where it does not hold."""

    key: str
    source: Source
    values: Mapping[str, Value] = field(default_factory=dict)
    not_for: tuple[str, ...] = ()

    def lines(self) -> Iterator[Line]:
        yield Line(Kind.RISK, self.key, self.source, self.values)
        if self.not_for:
            yield Line(Kind.EXCEPTION, "risk.not_for", None, {"places": listed(self.not_for)})
        yield Line(Kind.REMEDY, f"{self.key}.remedy", None, self.values)


@dataclass(frozen=True, slots=True)
class TermsRule:
    """Finds a risk in what holds for a tenant. `pick` and `path` lead to the line of the policy that says so."""

    name: str
    holds: Callable[[Terms], bool]
    pick: Pick
    path: tuple[str, ...]
    told: Callable[[Terms], Mapping[str, Value]] = lambda _: {}

    def found(self, tenant: TenantSurvey) -> Iterator[Risk]:
        if self.holds(tenant.terms):
            yield Risk(
                key=f"risk.{self.name}",
                source=tenant.said(self.pick, *self.path),
                values={"tenant": tenant.name, **self.told(tenant.terms)},
                not_for=tenant.narrower(self.holds),
            )
