"""What the record counted, as a chapter. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from gateway.assurance.evidence.counted import Counted
from gateway.assurance.evidence.document import Block, Share, Table, Term, fact, gap, listed
from gateway.assurance.evidence.drawn import RECORD, Drawn
from gateway.assurance.evidence.survey import TenantSurvey


def counts(drawn: Drawn) -> Iterator[Block]:
    """For each tenant and purpose how many exchanges there were, and for each tenant what was found in them."""
    if drawn.recorded is None:
        yield gap("counts.not_asked")
        return
    counted = drawn.recorded.counted
    yield _exchanges(drawn, counted)
    for tenant in drawn.tenants:
        yield from _found(tenant, counted)
    yield fact("counts.aside", RECORD, unknown=counted.unknown_callers, copies=counted.copies)
    strangers = sorted({tenant for tenant, _ in counted.tallies} - drawn.policy.written.tenants.keys())
    if strangers and drawn.whole:
        yield gap("counts.strangers", RECORD, tenants=listed(strangers))


def _exchanges(drawn: Drawn, counted: Counted) -> Table:
    rows = tuple(
        (tenant.name, purpose, own.exchanges, own.refused, own.failed, own.left)
        for tenant in drawn.tenants
        for purpose, own in counted.of(tenant.name)
    )
    return Table("counts.exchanges", ("tenant", "purpose", "exchanges", "refused", "failed", "left"), rows)


def _found(tenant: TenantSurvey, counted: Counted) -> Iterator[Block]:
    found, kept, without = Counter[str](), Counter[str](), 0
    for purpose, own in counted.of(tenant.name):
        found += own.found
        kept += own.kept
        without += own.exchanges if purpose is None else 0
    total = found.total()
    rows = tuple(
        (entity, Term("category", tenant.category(entity)), count, Share(count / total), kept[entity])
        for entity, count in sorted(found.items(), key=lambda one: (-one[1], one[0]))
    )
    if rows:
        yield fact("counts.found", RECORD, tenant=tenant.name)
        yield Table("counts.types", ("type", "category", "found", "share", "unchanged"), rows)
    if without:
        yield gap("counts.no_purpose", RECORD, tenant=tenant.name, exchanges=without)
