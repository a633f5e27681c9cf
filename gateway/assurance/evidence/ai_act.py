"""What the gateway has for duties of the AI Act, Regulation (EU) 2024/1689, and what is left to whoever runs it. Pure.

Whether the Act applies, and in which role, is for people to say: a proxy is no AI system, but what stands around it may be one.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.assurance.evidence.document import BUILT_IN, Block, Chapter, Document, Table, Term, fact, gap, listed, to_fill_in
from gateway.assurance.evidence.drawn import RECORD, Drawn, basis
from gateway.assurance.evidence.survey import TenantSurvey
from gateway.rules.identity import Role

SIX_MONTHS = 184
"""Days: the longest six months of a year (Art. 19(1), 26(6))."""
_DUTIES = (
    ("Art. 12", "logging", "gateway audit list; gateway audit verify"),
    ("Art. 13", "instructions", "gateway policy explain; docs/coverage.md"),
    ("Art. 14", "oversight", "gateway break-glass list; gateway audit acts"),
    ("Art. 15", "accuracy", "gateway detect eval; gateway assurance fairness; gateway eval set"),
    ("Art. 19(1), 26(6)", "retention", "gateway assurance ai-act --since 184d"),
    ("Art. 26(2)", "people", "gateway assurance ai-act"),
    ("Art. 26(5)", "monitoring", "/explorer; gateway cost report"),
    ("Art. 26(7)", "staff", ""),
    ("Art. 26(9)", "assessment", "gateway assurance assessment"),
    ("Art. 27", "fundamental_rights", "gateway assurance assessment; gateway assurance fairness"),
    ("Art. 50", "transparency", ""),
    ("Art. 86", "explanation", "gateway assurance explain CALL_ID"),
)
_QUESTIONS = ("role", "high_risk", "log_owner", "told", "marked")


def ai_act(drawn: Drawn) -> Document:
    chapters = (
        Chapter("ai_act.duties", (_duties(),)),
        Chapter("ai_act.logs", tuple(_logs(drawn))),
        Chapter("ai_act.oversight", tuple(_oversight(drawn))),
        Chapter("ai_act.questions", tuple(to_fill_in(f"ai_act.question.{name}") for name in _QUESTIONS)),
    )
    return Document("ai_act.title", basis(drawn), chapters)


def _duties() -> Table:
    rows = tuple(
        (Term("article", article), Term("duty", name), Term("duty_met", name), command, Term("duty_left", name))
        for article, name, command in _DUTIES
    )
    return Table("ai_act.duties.table", ("article", "duty", "has", "command", "left_to_you"), rows)


def _logs(drawn: Drawn) -> Iterator[Block]:
    """Entries have no end; what is kept of content may have one, and then it is content that is gone."""
    yield fact("ai_act.logs.entries", BUILT_IN)
    if drawn.recorded is None:
        yield gap("ai_act.logs.not_asked")
    elif drawn.recorded.log.first_at is None:
        yield gap("ai_act.logs.empty", RECORD)
    else:
        yield fact("ai_act.logs.since", RECORD, at=drawn.recorded.log.first_at)
    for tenant in drawn.tenants:
        yield from _content(tenant)


def _content(tenant: TenantSurvey) -> Iterator[Block]:
    terms, days = tenant.terms, tenant.terms.retention_days
    if not terms.record_content:
        source = tenant.said(lambda t: t.record_content, "record", "content")
        yield fact("ai_act.logs.no_content", source, tenant=tenant.name)
    elif days is None:
        source = tenant.said(lambda t: t.record_content, "record", "content")
        yield fact("ai_act.logs.content_no_end", source, tenant=tenant.name)
    else:
        source = tenant.said(lambda t: t.retention_days, "record", "retention_days")
        say, key = (fact, "ai_act.logs.content_long") if days >= SIX_MONTHS else (gap, "ai_act.logs.content_short")
        yield say(key, source, tenant=tenant.name, days=days)


def _oversight(drawn: Drawn) -> Iterator[Block]:
    for tenant in drawn.tenants:
        source = tenant.at("identity", "people")
        for role in (Role.PRIVACY_OFFICER, Role.AUDITOR, Role.OPERATOR):
            if people := tenant.people(role):
                yield fact(
                    "ai_act.oversight.role",
                    source,
                    tenant=tenant.name,
                    role=Term("role_of_person", role),
                    people=listed(people),
                )
            else:
                yield gap("ai_act.oversight.nobody", source, tenant=tenant.name, role=Term("role_of_person", role))
