"""Which personal data reaches whom, and as what: categories, recipients, transfers. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

from gateway.assurance.evidence.categories import Category
from gateway.assurance.evidence.document import Block, Line, Table, Term, Value, fact, gap, listed, to_fill_in
from gateway.assurance.evidence.drawn import Drawn
from gateway.assurance.evidence.survey import TenantSurvey, placed
from gateway.obligations import OperatorKind
from gateway.policy.compile import CompiledDeployment

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_TLS = frozenset({"https", "fhes"})


def people(drawn: Drawn) -> Iterator[Block]:
    """Whose data it is no policy knows."""
    yield to_fill_in("register.people")
    for tenant in drawn.tenants:
        yield from categories(tenant)


def categories(tenant: TenantSurvey) -> Iterator[Block]:
    """What is done to each category on its way to a model."""
    default = tenant.terms.request.rules.default
    source = tenant.said(lambda terms: terms.request, "entities")
    yield fact("register.categories.of", source, tenant=tenant.name, default=Term("as", default))
    named = tenant.terms.request.named
    groups: dict[tuple[Category, OperatorKind], list[str]] = {}
    for entity, operator in tenant.operators.items():
        groups.setdefault((tenant.category(entity), operator), []).append(entity)
    order = list(Category)
    rows = tuple(
        (Term("category", category), Term("as", operator), len(found), listed([one for one in found if one in named]))
        for (category, operator), found in sorted(groups.items(), key=lambda one: (order.index(one[0][0]), one[0][1]))
    )
    yield Table("register.categories.table", ("category", "reaches_as", "types", "named"), rows)
    rules = [one.id for one in tenant.terms.rules if one.rule.demand is not None and one.rule.demand.entities]
    if rules:
        where = tenant.said(lambda terms: terms.rules, "rules")
        yield fact("register.categories.rules", where, tenant=tenant.name, rules=listed(rules))


def recipients(drawn: Drawn) -> Iterator[Block]:
    """Every deployment that a tenant here may reach, shadows too."""
    found: dict[CompiledDeployment, list[str]] = {}
    for tenant in drawn.tenants:
        for one in tenant.recipients:
            found.setdefault(one, []).append(tenant.name)
        if not tenant.recipients:
            yield gap("register.recipients.none", tenant.at(*tenant.path), tenant=tenant.name)
    rows = tuple(_row(drawn, one, who) for one, who in sorted(found.items(), key=lambda item: item[0].id))
    columns = ("recipient", "host", "place", "region", "labels", "line_protection", "computes_on", "tenants", "line")
    yield Table("register.recipients.table", columns, rows)
    for one in sorted(found, key=lambda one: one.id):
        yield from _recipient_gaps(drawn, one)


def transfers(drawn: Drawn) -> Iterator[Block]:
    """GDPR Art. 30(1)(e) and Chapter V, PIPL Art. 38 to 40: policy knows premises and regions, not countries."""
    for tenant in drawn.tenants:
        out = [one.id for one in tenant.recipients if one.external]
        source = tenant.said(lambda terms: terms.route.external, "route", "external")
        key = "register.transfers.some" if out else "register.transfers.none"
        yield fact(key, source, tenant=tenant.name, deployments=listed(out))
        if tenant.terms.route.regions is not None:
            regions = listed(sorted(tenant.terms.route.regions))
            where = tenant.said(lambda terms: terms.route.regions, "route", "regions")
            yield fact("register.transfers.regions", where, tenant=tenant.name, regions=regions)
    yield to_fill_in("register.transfers.safeguards")


def protection(one: CompiledDeployment) -> str:
    """Of the line to a deployment: `tls`, `here` on this machine, or `none`."""
    parts = urlsplit(one.base_url)
    if parts.scheme in _TLS:
        return "tls"
    return "here" if parts.hostname in _LOOPBACK else "none"


def _row(drawn: Drawn, one: CompiledDeployment, who: list[str]) -> tuple[Value, ...]:
    """Without path and port: who gets it is what a register asks."""
    place = Term("premises", "external" if one.external else "own")
    computes = Term("computes_on", "ciphertext" if one.kind == "fhe" else "text")
    line = placed(drawn.loaded, "deployments", one.id).line
    host, labels = urlsplit(one.base_url).hostname, listed(sorted(one.labels))
    return (one.id, host, place, one.region, labels, Term("line", protection(one)), computes, ", ".join(who), line)


def _recipient_gaps(drawn: Drawn, one: CompiledDeployment) -> Iterator[Line]:
    source = placed(drawn.loaded, "deployments", one.id)
    if one.region is None:
        yield gap("register.recipients.no_region", source, deployment=one.id)
    if one.external:
        yield to_fill_in("register.recipients.contract", deployment=one.id)


def lines_protected(drawn: Drawn) -> Counter[str]:
    """How many deployments are reached over which kind of line."""
    return Counter(protection(one) for one in {one for tenant in drawn.tenants for one in tenant.recipients})
