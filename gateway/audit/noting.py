"""An exchange as it goes on record: which of it, and in which shape. Pure.

What a client or a backend chose freely is kept only where it looks like an identifier; text never is.
"""

from __future__ import annotations

from collections.abc import Mapping

from gateway.audit.event import Asked, ExchangeRecord, Outcome, Timings, Verdict
from gateway.errors import GatewayError, InvalidRequest, PolicyDenied, RateLimited, Unauthenticated
from gateway.exchange import CacheState, Decision, Exchange
from gateway.exchange.explanation import obligations_in_words
from gateway.protocol.identifiers import identifier
from gateway.protocol.usage import Usage


def record_of(
    exchange: Exchange,
    *,
    opened_at: str,
    outcome: Outcome,
    usage: Usage,
    timings_ms: Timings,
    error_code: str | None = None,
    status: int | None = None,
    content: Mapping[str, str] | None = None,
    content_missing: str | None = None,
) -> ExchangeRecord:
    """The record of an exchange. Reads neither its bodies nor its credential."""
    caller, decision = exchange.principal, exchange.decision
    return ExchangeRecord(
        call_id=exchange.call_id,
        surface=exchange.surface,
        opened_at=opened_at,
        outcome=outcome,
        tenant=caller.tenant if caller else None,
        principal=caller.id if caller else None,
        team=caller.team if caller else None,
        roles=tuple(sorted(map(_writable, caller.roles))) if caller else (),
        key_id=caller.key_id if caller else None,
        model=_allowed_model(exchange),
        stream=exchange.stream,
        conversation=exchange.conversation,
        request_bytes=exchange.facts.bytes if exchange.facts else 0,
        asked=_asked(exchange),
        decision=_verdict(decision) if decision else None,
        findings=exchange.findings,
        content_scores=exchange.content,
        deployment=exchange.deployment,
        route_reason=exchange.route_reason,
        attempts=exchange.attempts,
        served=exchange.served,
        counted_locally=exchange.counted_locally,
        cache=exchange.cache,
        cached_from=exchange.cached_from,
        shadow=exchange.shadow,
        grounding=None if exchange.grounding is None else tuple(hit.outline for hit in exchange.grounding.hits),
        relayed=exchange.relayed,
        usage=usage.vetted,
        cost=_cost(exchange, usage),
        trace_id=exchange.trace_id,
        timings_ms=timings_ms,
        error_code=error_code,
        status=status,
        content=content or None,
        content_missing=content_missing,
    )


def outcome_of(error: GatewayError, *, delivered: bool) -> Outcome:
    """How an exchange ended that this error ended; `delivered` when a part of the answer had gone out."""
    if isinstance(error, PolicyDenied | Unauthenticated):
        return Outcome.DENIED
    if isinstance(error, InvalidRequest | RateLimited):
        return Outcome.REJECTED
    return Outcome.TRUNCATED if delivered else Outcome.FAILED


def outcome_of_status(status: int) -> Outcome:
    """How an exchange ended whose answer was whole: a backend may also have answered with an error of its own."""
    if status >= 500:
        return Outcome.FAILED
    return Outcome.REJECTED if status >= 400 else Outcome.COMPLETED


def _allowed_model(exchange: Exchange) -> str | None:
    """The model, once a rule has allowed it. Until then it is free text of the client's."""
    allowed = exchange.decision is not None and exchange.decision.allow
    return identifier(exchange.model) if allowed else None


def _verdict(decision: Decision) -> Verdict:
    return Verdict(
        allow=decision.allow,
        rule=decision.rule,
        reason=decision.reason,
        policy_version=decision.policy_version,
        rules=decision.rules,
        obligations=obligations_in_words(decision.obligations) if decision.obligations else (),
    )


def _asked(exchange: Exchange) -> Asked | None:
    facts, decision = exchange.facts, exchange.decision
    if facts is None or decision is None:
        return None
    return Asked(
        model=decision.model,
        purpose=decision.purpose,
        consent=identifier(facts.consent) if decision.needs_consent else None,
        messages=facts.messages,
        tools=facts.tools,
        bytes=facts.bytes,
        max_tokens=facts.max_tokens,
        found=None if exchange.found is None else dict(exchange.found),
        unread=decision.unread,
        helpers=decision.helpers,
    )


def _cost(exchange: Exchange, usage: Usage) -> int | None:
    decision = exchange.decision
    if exchange.cache is CacheState.HIT and usage.output_tokens is None:
        return 0  # one that has tokens took a shared call over from whoever hung up, and pays for it
    if exchange.shadow is not None or decision is None or decision.obligations is None or not usage.is_believable:
        return None
    return decision.obligations.price.spend(usage.input_tokens or 0, usage.output_tokens or 0)


def _writable(role: str) -> str:
    """JSON from an issuer may hold lone surrogates, which are no UTF-8: a record that cannot be written would be missing."""
    return role.encode("utf-8", "replace").decode()
