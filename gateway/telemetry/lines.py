"""The lines of two logs. The access log says who called; the decision log says what was decided, and why. Pure.

Both are made of the record of an exchange, so they hold what the record holds: identities, rules, counts and codes, and no
content. `call_id` joins them with each other, with the record and, by the span's ids, with the trace.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from opentelemetry.trace import INVALID_SPAN_CONTEXT, SpanContext

from gateway.audit.event import ExchangeRecord, Verdict
from gateway.exchange import CacheState
from gateway.telemetry.attributes import (
    CACHE,
    CALL_ID,
    CLIENT_ADDRESS,
    COUNTED_LOCALLY,
    DEPLOYMENT,
    DURATION,
    ERROR_TYPE,
    EXTERNAL,
    FINDINGS_BY_ENTITY,
    FINDINGS_COUNT,
    HTTP_METHOD,
    HTTP_ROUTE,
    HTTP_STATUS,
    KEY_ID,
    MODEL,
    OUTCOME,
    POLICY_ALLOW,
    POLICY_OBLIGATIONS,
    POLICY_REASON,
    POLICY_RULE,
    POLICY_RULES,
    POLICY_VERSION,
    PRINCIPAL,
    PURPOSE,
    REQUEST_SIZE,
    RESPONSE_SIZE,
    SERVED_DIGEST,
    SERVED_VERSION,
    STREAM,
    SURFACE,
    TENANT,
    Value,
)

Said: TypeAlias = Mapping[str, Value | Mapping[str, int]]


class LogName(StrEnum):
    """The two logs; the instrumentation scopes of their OTLP records."""

    ACCESS = "gateway.access"
    DECISION = "gateway.decision"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a log, about the exchange with this span."""

    log: LogName
    said: Said
    span: SpanContext = INVALID_SPAN_CONTEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One HTTP request, as it went over the wire. `route` is a template (`/v1/models`), never the path that was asked for.

    `status` is None where the caller hung up before an answer began, `peer` where addresses are not logged. Sizes count bytes
    of bodies.
    """

    method: str
    route: str | None
    call_id: str | None
    status: int | None
    received: int
    sent: int
    duration_ms: float
    peer: str | None = None


def access_line(access: Access, record: ExchangeRecord | None, span: SpanContext) -> Line:
    """`record` is what became of the exchange; None for a request that was none, such as one for the list of models."""
    wire: dict[str, Value | None] = {
        CALL_ID: access.call_id,
        HTTP_METHOD: access.method,
        HTTP_ROUTE: access.route,
        HTTP_STATUS: access.status,
        REQUEST_SIZE: access.received,
        RESPONSE_SIZE: access.sent,
        DURATION: access.duration_ms,
        CLIENT_ADDRESS: access.peer,
    }
    return Line(log=LogName.ACCESS, said=_known(wire | (_caller(record) if record else {})), span=span)


def decision_line(record: ExchangeRecord, decision: Verdict, span: SpanContext) -> Line:
    """What policy last said of the exchange."""
    said = {
        CALL_ID: record.call_id,
        TENANT: record.tenant,
        PRINCIPAL: record.principal,
        POLICY_ALLOW: decision.allow,
        POLICY_RULE: decision.rule,
        POLICY_REASON: decision.reason,
        POLICY_RULES: decision.rules,
        POLICY_OBLIGATIONS: decision.obligations,
        POLICY_VERSION: decision.policy_version,
        PURPOSE: record.asked.purpose if record.asked else None,
        FINDINGS_COUNT: sum(found.count for found in record.findings),
        FINDINGS_BY_ENTITY: _by_entity(record),
        DEPLOYMENT: record.deployment,
        **_served(record),
        COUNTED_LOCALLY: record.counted_locally or None,
    }
    return Line(log=LogName.DECISION, said=_known(said), span=span)


def _served(record: ExchangeRecord) -> dict[str, Value | None]:
    """What answered, and whether what was sent left the premises: said only where it did."""
    served = record.served
    if served is None:
        return {}
    return {SERVED_VERSION: served.version, SERVED_DIGEST: served.digest, EXTERNAL: served.external or None}


def _caller(record: ExchangeRecord) -> dict[str, Value | None]:
    return {
        CALL_ID: record.call_id,
        SURFACE: record.surface.value,
        TENANT: record.tenant,
        PRINCIPAL: record.principal,
        KEY_ID: record.key_id,
        MODEL: record.model,
        STREAM: record.stream,
        CACHE: None if record.cache is CacheState.NONE else record.cache.value,
        OUTCOME: record.outcome.value,
        ERROR_TYPE: record.error_code,
    }


def _by_entity(record: ExchangeRecord) -> Mapping[str, int]:
    counts: Counter[str] = Counter()
    for found in record.findings:
        counts[found.entity] += found.count
    return dict(sorted(counts.items()))


def _known(said: Mapping[str, Value | Mapping[str, int] | None]) -> Said:
    return {name: value for name, value in said.items() if value is not None}
