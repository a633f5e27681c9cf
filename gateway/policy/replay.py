"""Recorded exchanges through another policy: what was asked then, what would be said now, and where the two differ. Pure.

The record holds names, counts and codes, and that is all a policy asks for; what it does not hold, such as findings where
nobody looked, is unknown. An answer that depends on it is unknown too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from gateway.audit.event import Asked, ExchangeRecord, Verdict
from gateway.exchange import Principal
from gateway.exchange.explanation import obligations_in_words
from gateway.obligations import OperatorKind
from gateway.policy.answer import Answer, answer
from gateway.policy.compile import CompiledPolicy
from gateway.protocol.facts import Facts

UNKNOWN = "unknown"
_MODEL = "the model's name was not recorded, because the policy of that day did not know it"
_FINDINGS = "it depends on findings, and nobody looked"
_CONTENT = "it depends on what the request is about, and nobody judged it"
_CONSENT = "it depends on a consent, and no purpose needed one that day"
_BLOCKED = "entity_blocked"
_KEPT_ALL = "request *=keep"
_SOME_CONSENT = "recorded"


class Change(StrEnum):
    """How an exchange fares under the new policy."""

    SAME = "same"
    DECISION = "decision"  # allowed and would be refused, or the other way round
    RULE = "rule"  # the same answer, given by another rule
    OBLIGATIONS = "obligations"  # allowed both times, and something else is to be done
    UNKNOWN = "unknown"  # the record does not hold what the new policy asks for


@dataclass(frozen=True, slots=True)
class Replayed:
    """One exchange. `old` and `new` are `allow RULE`, `deny RULE`, `block TYPE`, or unknown; obligations are in words."""

    record: ExchangeRecord = field(repr=False)
    change: Change
    old: str
    new: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unplaced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What a record says that policy was asked."""

    principal: Principal
    facts: Facts
    findings: Mapping[str, int] | None
    consent_is_known: bool
    content: Mapping[str, float] | None = None
    unread: bool = False


def recorded(record: ExchangeRecord) -> Recorded | None:
    """None where policy was never asked: the exchange ended before that, or is the copy of another."""
    asked, verdict = (record.asked, record.decision) if record.shadow is None else (None, None)
    if asked is None or verdict is None or record.tenant is None or record.principal is None:
        return None
    facts = Facts(
        model=asked.model or "",
        surface=record.surface,
        stream=record.stream,
        purpose=asked.purpose,
        consent=asked.consent,
        messages=asked.messages,
        tools=asked.tools,
        bytes=asked.bytes,
        max_tokens=asked.max_tokens,
        helpers=asked.helpers,
    )
    return Recorded(
        principal=Principal(
            tenant=record.tenant,
            id=record.principal,
            key_id=record.key_id,
            team=record.team,
            roles=frozenset(record.roles),
        ),
        facts=facts,
        findings=_found(asked, verdict),
        content=next((one.scores for one in record.content_scores if one.decides), None),
        consent_is_known=asked.consent is not None or verdict.rule == f"purposes.{asked.purpose}.consent",
        unread=asked.unread or record.relayed is not None,
    )


def replayed(record: ExchangeRecord, policy: CompiledPolicy) -> Replayed | None:
    """An exchange under another policy; None where policy was never asked."""
    asked, verdict = recorded(record), record.decision
    if asked is None or verdict is None:
        return None
    old = _old(record, verdict)
    if policy.place(asked.principal) is None:
        told = next(_possible(replace(asked, findings=None), policy))
        return _compared(record, verdict, old, told, unplaced=True)
    if "" in (asked.facts.model, *asked.facts.helpers):
        return Replayed(record, Change.UNKNOWN, old, f"{UNKNOWN}: {_MODEL}")
    answers = list(_possible(asked, policy))
    if not asked.unread and asked.findings is None and any(_waits(told, verdict) for told in answers):
        return Replayed(record, Change.UNKNOWN, old, f"{UNKNOWN}: {_FINDINGS}")
    if not asked.unread and asked.content is None and _asks_what_about(policy, asked.principal):
        return Replayed(record, Change.UNKNOWN, old, f"{UNKNOWN}: {_CONTENT}")
    if len({(_new(told), _words(told)) for told in answers}) > 1:
        return Replayed(record, Change.UNKNOWN, old, f"{UNKNOWN}: {_CONSENT}")
    return _compared(record, verdict, old, answers[0])


def _possible(asked: Recorded, policy: CompiledPolicy) -> Iterator[Answer]:
    """The answers for everything that may have been the case."""
    consents = (asked.facts.consent,) if asked.consent_is_known else (None, _SOME_CONSENT)
    for consent in consents:
        facts = replace(asked.facts, consent=consent)
        yield answer(policy, asked.principal, facts, asked.findings, asked.content, unread=asked.unread)


def _asks_what_about(policy: CompiledPolicy, principal: Principal) -> bool:
    standing = policy.standing(principal)
    return standing is not None and bool(standing.conditions.judged)


def _waits(told: Answer, verdict: Verdict) -> bool:
    """Whether an answer depends on findings that nobody counted."""
    decision = told.decision
    if decision.obligations is None:
        return False
    words = obligations_in_words(decision.obligations)
    rules = decision.obligations.request
    blocks = OperatorKind.BLOCK in (rules.default, *rules.by_entity.values())
    return decision.review is not None or (blocks and words[0] not in verdict.obligations)


def _compared(record: ExchangeRecord, verdict: Verdict, old: str, told: Answer, *, unplaced: bool = False) -> Replayed:
    new = _new(told)
    was_through, is_through = old.startswith("allow "), told.lets_through
    if was_through != is_through:
        return Replayed(record, Change.DECISION, old, new, unplaced=unplaced)
    before, after = (verdict.obligations, _words(told)) if is_through else ((), ())
    added = tuple(word for word in after if word not in before)
    removed = tuple(word for word in before if word not in after)
    change = Change.OBLIGATIONS if added or removed else Change.SAME if old == new else Change.RULE
    return Replayed(record, change, old, new, added, removed, unplaced)


def _old(record: ExchangeRecord, verdict: Verdict) -> str:
    blocked = sorted({one.entity for one in record.findings if one.operator is OperatorKind.BLOCK})
    if verdict.allow and record.error_code == _BLOCKED:
        return f"block {' '.join(blocked)}".strip()
    return f"{'allow' if verdict.allow else 'deny'} {verdict.rule}"


def _new(told: Answer) -> str:
    if told.decision.allow and told.blocked:
        return f"block {' '.join(told.blocked)}"
    return f"{'allow' if told.decision.allow else 'deny'} {told.decision.rule}"


def _words(told: Answer) -> tuple[str, ...]:
    return obligations_in_words(told.decision.obligations) if told.decision.obligations else ()


def _found(asked: Asked, verdict: Verdict) -> Mapping[str, int] | None:
    """What was found. Where every type was kept nobody looked, although nothing is what was counted."""
    if not asked.found and _KEPT_ALL in verdict.obligations:
        return None
    return asked.found
