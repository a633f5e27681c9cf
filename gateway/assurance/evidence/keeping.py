"""How long what is kept, and what protects it (GDPR Art. 30(1)(f), (g), Art. 32; PIPL Art. 19, 51). Pure."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.assurance.evidence.data_flow import lines_protected
from gateway.assurance.evidence.document import Block, Line, Term, fact, gap, listed, to_fill_in
from gateway.assurance.evidence.drawn import Drawn, built_in
from gateway.assurance.evidence.survey import TenantSurvey, placed
from gateway.obligations import CacheMode, PseudonymScope
from gateway.rules.identity import Role

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"))


def time_limits(drawn: Drawn) -> Iterator[Block]:
    for tenant in drawn.tenants:
        yield from _content(tenant)
        yield from _placeholders(tenant)
        yield from _answers(tenant)
        yield from _items(tenant)
        if tenant.terms.writers or tenant.terms.grounding.collections:
            source = tenant.said(lambda terms: (terms.writers, terms.grounding.collections), "knowledge")
            yield gap("register.time.documents", source, tenant=tenant.name)
    yield built_in("register.time.entries")
    yield to_fill_in("register.time.database")


def _content(tenant: TenantSurvey) -> Iterator[Line]:
    terms, who = tenant.terms, tenant.name
    kept = tenant.said(lambda t: t.record_content, "record", "content")
    if not terms.record_content:
        yield fact("register.time.no_content", kept, tenant=who)
        return
    if terms.retention_days is None:
        yield gap("register.time.content_no_end", kept, tenant=who)
    else:
        source = tenant.said(lambda t: t.retention_days, "record", "retention_days")
        yield fact("register.time.content", source, tenant=who, days=terms.retention_days)
    if terms.record_originals:
        source = tenant.said(lambda t: t.record_originals, "record", "originals")
        yield fact("register.time.originals", source, tenant=who)


def _placeholders(tenant: TenantSurvey) -> Iterator[Line]:
    terms, source = tenant.terms, tenant.said(lambda t: (t.pseudonyms, t.pseudonym_ttl_s), "pseudonyms")
    if terms.pseudonyms in (None, PseudonymScope.REQUEST):
        yield fact("register.time.no_vault", source, tenant=tenant.name)
        return
    scope, ttl = Term("scope", str(terms.pseudonyms)), duration(terms.pseudonym_ttl_s or 0)
    yield fact("register.time.vault", source, tenant=tenant.name, scope=scope, ttl=ttl)


def _answers(tenant: TenantSurvey) -> Iterator[Line]:
    terms, source = tenant.terms, tenant.said(lambda t: (t.cache, t.cache_ttl_s), "cache")
    if terms.cache in (None, CacheMode.NONE):
        yield fact("register.time.no_cache", source, tenant=tenant.name)
        return
    share, ttl = Term("share", str(terms.cache)), duration(terms.cache_ttl_s or 0)
    yield fact("register.time.cache", source, tenant=tenant.name, share=share, ttl=ttl)


def _items(tenant: TenantSurvey) -> Iterator[Line]:
    """What most tenants do not have is not denied of each."""
    if tenant.terms.store_s:
        source = tenant.said(lambda t: t.store_s, "reply", "store")
        yield fact("register.time.items", source, tenant=tenant.name, ttl=duration(tenant.terms.store_s))


def duration(seconds: int) -> str:
    """In the largest unit that it is a whole number of; the units' signs are those of the SI brochure."""
    size, unit = next(((size, unit) for size, unit in _UNITS if seconds % size == 0), (1, "s"))
    return f"{seconds // size} {unit}"


def measures(drawn: Drawn) -> Iterator[Block]:
    """What is switched on, and what is so whatever policy says."""
    for key in ("measures.redaction", "measures.closed", "measures.log", "measures.narrow"):
        yield built_in(key)
    lines = lines_protected(drawn)
    whole = placed(drawn.loaded, "deployments")
    yield fact("measures.lines", whole, tls=lines["tls"], here=lines["here"], clear=lines["none"])
    yield from _access(drawn)
    for tenant in drawn.tenants:
        yield from _of_tenant(tenant)


def _access(drawn: Drawn) -> Iterator[Line]:
    identity = drawn.policy.written.identity
    issuers = listed(sorted(name for name, one in identity.jwt.items() if drawn.concerns(one.tenants)))
    concerned = {name: one for name, one in identity.people.items() if drawn.concerns(one.tenants)}
    source = placed(drawn.loaded, "identity")
    if issuers is None:
        yield fact("measures.access_by_key", source, people=len(concerned))
    else:
        yield fact("measures.access", source, issuers=issuers, people=len(concerned))
    for role in Role:
        people = listed(sorted(name for name, one in concerned.items() if role in one.roles))
        if people is not None:
            yield fact(
                "measures.role", placed(drawn.loaded, "identity", "people"), role=Term("role_of_person", role), people=people
            )


def _of_tenant(tenant: TenantSurvey) -> Iterator[Line]:
    terms, who = tenant.terms, tenant.name
    if terms.record_content:
        source = tenant.said(lambda t: t.record_content, "record", "content")
        yield fact("measures.sealed", source, tenant=who)
    if terms.limits:
        kinds = listed(sorted({limit.kind.value for limit in terms.limits}))
        yield fact("measures.limits", tenant.said(lambda t: t.limits, "limits"), tenant=who, kinds=kinds)
    if terms.uninspected:
        kinds = listed(sorted(kind.value for kind in terms.uninspected))
        source = tenant.said(lambda t: t.uninspected, "allow_uninspected")
        yield gap("measures.uninspected", source, tenant=who, kinds=kinds)
    if terms.rules:
        rules = listed([one.id for one in terms.rules])
        yield fact("measures.rules", tenant.said(lambda t: t.rules, "rules"), tenant=who, rules=rules)
