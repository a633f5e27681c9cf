"""An annex for an impact assessment: GDPR Art. 35(7), PIPL Art. 55 and 56. It finds risks by rules; people judge them. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from gateway.assurance.evidence import risks_of_policy, risks_of_terms
from gateway.assurance.evidence.data_flow import people, recipients, transfers
from gateway.assurance.evidence.document import BUILT_IN, Block, Chapter, Document, Table, Term, fact, gap, listed, to_fill_in
from gateway.assurance.evidence.drawn import RECORD, Drawn, basis
from gateway.assurance.evidence.keeping import measures, time_limits
from gateway.assurance.evidence.purposes import purposes, purposes_of
from gateway.assurance.evidence.risk import Risk
from gateway.assurance.evidence.survey import TenantSurvey
from gateway.dp.budget import Budget
from gateway.obligations import OperatorKind
from gateway.policy.language.schema import Basis

_QUESTIONS = (
    "trigger",
    "necessity",
    "alternatives",
    "people_asked",
    "officer_asked",
    "affected",
    "residual",
    "authority",
    "review",
)


def assessment(drawn: Drawn, budgets: Sequence[Budget] = ()) -> Document:
    """`budgets` are those of differential privacy, where the record was asked."""
    described = (*purposes(drawn), *people(drawn), *recipients(drawn), *transfers(drawn))
    chapters = (
        Chapter("assessment.description", described),
        Chapter("assessment.necessity", tuple(_necessity(drawn))),
        Chapter("assessment.risks", tuple(_risks(drawn, budgets))),
        Chapter("assessment.measures", (*measures(drawn), *time_limits(drawn))),
        Chapter("assessment.questions", tuple(to_fill_in(f"assessment.question.{name}") for name in _QUESTIONS)),
    )
    return Document("assessment.title", basis(drawn), chapters)


def risks(drawn: Drawn, budgets: Sequence[Budget] = ()) -> Iterator[Risk]:
    """All that the rules find, by tenant, in the order of the rules."""
    yield from risks_of_policy.of_all(drawn)
    for tenant in drawn.tenants:
        for rule in risks_of_terms.RULES:
            yield from rule.found(tenant)
        yield from risks_of_policy.of_tenant(tenant)
    yield from risks_of_policy.of_budgets(budgets, frozenset(tenant.name for tenant in drawn.tenants))


def _necessity(drawn: Drawn) -> Iterator[Block]:
    """What reaches models as it is, and what callers get back: each wants a reason that people write."""
    for tenant in drawn.tenants:
        operators = Counter(tenant.operators.values())
        source = tenant.said(lambda terms: terms.request, "entities")
        kept = [entity for entity, operator in tenant.operators.items() if operator is OperatorKind.KEEP]
        of = operators.total()
        if kept:
            replaced = of - len(kept)
            yield fact("assessment.necessity.kept", source, tenant=tenant.name, replaced=replaced, of=of, kept=listed(kept))
        else:
            yield fact("assessment.necessity.none_kept", source, tenant=tenant.name, of=of)
        key = "assessment.necessity.restored" if tenant.terms.restore else "assessment.necessity.not_restored"
        yield fact(key, tenant.said(lambda terms: terms.restore, "reply", "restore"), tenant=tenant.name)
        yield from _when_unavailable(tenant)
    for name, one in purposes_of(drawn).items():
        if one.basis is Basis.LEGITIMATE_INTERESTS:
            yield to_fill_in("assessment.necessity.interests", purpose=name)
    yield from _unused(drawn)


def _when_unavailable(tenant: TenantSurvey) -> Iterator[Block]:
    source = tenant.said(lambda terms: terms.limits_locally, "limits", "when_unavailable")
    if tenant.terms.limits and source == BUILT_IN:
        yield gap("assessment.when_unavailable", tenant.said(lambda terms: terms.limits, "limits"), tenant=tenant.name)


def _unused(drawn: Drawn) -> Iterator[Block]:
    """Purposes that nobody stated in all that time may not be necessary."""
    if drawn.recorded is None:
        return
    stated = {(tenant, purpose) for tenant, purpose in drawn.recorded.counted.tallies}
    for tenant in drawn.tenants:
        never = sorted(one for one in tenant.terms.purposes or () if (tenant.name, one) not in stated)
        if never:
            yield gap("assessment.necessity.unused", RECORD, tenant=tenant.name, purposes=listed(never))


def _risks(drawn: Drawn, budgets: Sequence[Budget]) -> Iterator[Block]:
    """Each with where it stands; then a table in which people say what they make of it."""
    found = list(risks(drawn, budgets))
    for risk in found:
        yield from risk.lines()
    rows = tuple((Term("risk_name", one.key.removeprefix("risk.")), one.values.get("tenant"), "", "", "", "") for one in found)
    columns = ("risk", "tenant", "likelihood", "severity", "decision", "decided_by")
    yield Table("assessment.judgement", columns, rows)
