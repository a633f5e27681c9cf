"""A decision in words: for response headers, the record and the command line. Pure; names only what policy names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import quote

from gateway.exchange import Decision
from gateway.obligations import CacheMode, EntityRules, Limit, LimitKind, Obligations, OperatorKind

_LONGEST_HEADER = 1_500
_SAFE = " /:;=,.@<>-_()+*"


def headers(decision: Decision | None) -> Mapping[str, str]:
    """What a caller reads beside the answer. Header values are ASCII: other characters are percent-encoded (RFC 3986)."""
    if decision is None:
        return {}
    told = {
        "x-gateway-decision": "allow" if decision.allow else "deny",
        "x-gateway-rule": decision.rule,
        "x-gateway-rules": ", ".join(decision.rules),
        "x-gateway-purpose": decision.purpose or "",
        "x-gateway-obligations": "; ".join(obligations_in_words(decision.obligations)) if decision.obligations else "",
        "x-gateway-policy": decision.policy_version,
    }
    return {name: _bounded(quote(value, safe=_SAFE)) for name, value in told.items() if value}


def _bounded(value: str) -> str:
    """Proxies and clients refuse headers of some kilobytes; the record has all of it."""
    return value if len(value) <= _LONGEST_HEADER else f"{value[:_LONGEST_HEADER]}..."


def obligations_in_words(obligations: Obligations) -> tuple[str, ...]:
    """Each obligation in a few words, in one order: request, reply, record, route, cache, retention."""
    return tuple(_words(obligations))


def _words(own: Obligations) -> Iterator[str]:
    yield f"request {rules_in_words(own.request)}"
    yield "reply restored" if own.restore else "reply not restored"
    if not own.reply.keeps_everything:
        yield f"reply {rules_in_words(own.reply)}"
    if own.record_content:
        yield f"record redacted {rules_in_words(own.record)}" if own.record else "record redacted"
    if own.knowledge is not None:
        yield f"knowledge {rules_in_words(own.knowledge)}"
    yield f"route {' or '.join(place.id for place in own.deployments) or 'nowhere'}"
    if own.cache is not CacheMode.NONE:
        yield f"cache {own.cache}"
    if own.retention_days is not None:
        yield f"retention {own.retention_days} days"
    if own.guide.system or own.guide.prefixes:
        yield "guided"
    yield from (limit_in_words(limit) for limit in own.limits)


def rules_in_words(rules: EntityRules) -> str:
    """Operators with their types, the default last: `CREDIT_CARD=mask DATE_TIME=keep *=placeholder`."""
    named = (f"{entity}={operator}" for entity, operator in sorted(rules.by_entity.items()) if operator is not rules.default)
    return " ".join((*named, f"*={OperatorKind(rules.default)}"))


def limit_in_words(limit: Limit) -> str:
    """`limit tenants.bank 60 requests/60s`; spending in the policy's currency."""
    amount = f"{limit.amount / 1_000_000:g}" if limit.kind is LimitKind.SPEND else str(limit.amount)
    per = f"/{limit.period_s}s" if limit.period_s else " at once"
    return f"limit {limit.scope} {amount} {limit.kind}{per}"
