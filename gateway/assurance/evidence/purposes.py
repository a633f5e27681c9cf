"""What data is processed for, and on which lawful basis: as policy writes it, and what it leaves out. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from gateway.assurance.evidence.document import Block, Source, Table, Term, fact, gap, listed
from gateway.assurance.evidence.drawn import Drawn
from gateway.assurance.evidence.survey import TenantSurvey, placed
from gateway.policy.language.schema import Basis, Purpose

_GDPR: Mapping[Basis, str] = MappingProxyType(
    {
        Basis.CONSENT: "Art. 6(1)(a)",
        Basis.CONTRACT: "Art. 6(1)(b)",
        Basis.LEGAL_OBLIGATION: "Art. 6(1)(c)",
        Basis.VITAL_INTERESTS: "Art. 6(1)(d)",
        Basis.PUBLIC_TASK: "Art. 6(1)(e)",
        Basis.LEGITIMATE_INTERESTS: "Art. 6(1)(f)",
    }
)
_PIPL: Mapping[Basis, str] = MappingProxyType(
    {
        Basis.CONSENT: "Art. 13(1)(1)",
        Basis.CONTRACT: "Art. 13(1)(2)",
        Basis.HR_MANAGEMENT: "Art. 13(1)(2)",
        Basis.LEGAL_OBLIGATION: "Art. 13(1)(3)",
        Basis.PUBLIC_TASK: "Art. 13(1)(3)",
        Basis.VITAL_INTERESTS: "Art. 13(1)(4)",
        Basis.PUBLIC_HEALTH: "Art. 13(1)(4)",
        Basis.NEWS_REPORTING: "Art. 13(1)(5)",
        Basis.DISCLOSED_DATA: "Art. 13(1)(6)",
    }
)
_COLUMNS = ("purpose", "description", "basis", "gdpr", "pipl", "consent", "tenants", "line")


def purposes(drawn: Drawn) -> Iterator[Block]:
    """Those that a tenant here may have; where none is named there is no lawful basis in the policy either."""
    used = purposes_of(drawn)
    rows = tuple(_row(drawn, name, one) for name, one in used.items())
    if rows:
        yield Table("register.purposes.table", _COLUMNS, rows)
    else:
        yield gap("register.purposes.none")
    for name, one in used.items():
        yield from _gaps(name, one, placed(drawn.loaded, "purposes", name))
    for tenant in drawn.tenants:
        if tenant.terms.purposes is None:
            yield gap("register.purposes.not_asked", tenant.at(*tenant.path), tenant=tenant.name)
        else:
            names = listed(sorted(tenant.terms.purposes))
            yield fact(
                "register.purposes.of", tenant.said(lambda t: t.purposes, "purposes"), tenant=tenant.name, purposes=names
            )


def purposes_of(drawn: Drawn) -> Mapping[str, Purpose]:
    """Those that a tenant here may have, in the order of their names."""
    return {name: one for name, one in sorted(drawn.policy.purposes.items()) if _who(drawn.tenants, name)}


def _row(drawn: Drawn, name: str, one: Purpose) -> tuple[str | Term | int | None, ...]:
    who = ", ".join(tenant.name for tenant in _who(drawn.tenants, name))
    consent = Term("consent", "required" if one.needs_consent else "none")
    line = placed(drawn.loaded, "purposes", name).line
    gdpr, pipl = _article(_GDPR, one.basis), _article(_PIPL, one.basis)
    return (name, one.description, Term("lawful", one.basis), gdpr, pipl, consent, who, line)


def _article(articles: Mapping[Basis, str], basis: Basis) -> Term | None:
    return Term("article", articles[basis]) if basis in articles else None


def _who(tenants: Sequence[TenantSurvey], purpose: str) -> list[TenantSurvey]:
    return [one for one in tenants if one.terms.purposes is None or purpose in one.terms.purposes]


def _gaps(name: str, one: Purpose, source: Source) -> Iterator[Block]:
    if one.description is None:
        yield gap("register.purposes.no_description", source, purpose=name)
    for law, articles in (("GDPR", _GDPR), ("PIPL", _PIPL)):
        if one.basis not in articles:
            yield gap(
                "register.purposes.no_article", source, purpose=name, basis=Term("lawful", one.basis), law=Term("law", law)
            )
