"""The only home of the names of attributes and metrics, and what a record says in them.

OpenTelemetry's GenAI semantic conventions are "in development" and moved to a repository of their own
(https://github.com/open-telemetry/semantic-conventions-genai); the constants of the installed package are deprecated,
so the names are written here and a test compares them. Ours begin with `gateway.`. No attribute holds content; those of
metrics hold in addition nothing that a caller or a backend may choose, and no principal: each value opens a new series.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from gateway.audit.event import ExchangeRecord, Outcome
from gateway.exchange import CacheState
from gateway.protocol.wire import Surface

Value: TypeAlias = str | bool | int | float | tuple[str, ...]
Attributes: TypeAlias = dict[str, Value]

OPERATION_NAME = "gen_ai.operation.name"
PROVIDER_NAME = "gen_ai.provider.name"
REQUEST_MODEL = "gen_ai.request.model"
REQUEST_STREAM = "gen_ai.request.stream"
RESPONSE_MODEL = "gen_ai.response.model"
RESPONSE_ID = "gen_ai.response.id"
RESPONSE_FINISH_REASONS = "gen_ai.response.finish_reasons"
RESPONSE_TIME_TO_FIRST_CHUNK = "gen_ai.response.time_to_first_chunk"
USAGE_INPUT_TOKENS = "gen_ai.usage.input_tokens"
USAGE_OUTPUT_TOKENS = "gen_ai.usage.output_tokens"
TYPE_OF_TOKENS = "gen_ai.token.type"
ERROR_TYPE = "error.type"
EXCEPTION_TYPE = "exception.type"
SERVER_ADDRESS = "server.address"
SERVER_PORT = "server.port"
CLIENT_ADDRESS = "client.address"
HTTP_METHOD = "http.request.method"
HTTP_ROUTE = "http.route"
HTTP_STATUS = "http.response.status_code"
REQUEST_SIZE = "http.request.body.size"
RESPONSE_SIZE = "http.response.body.size"

CALL_ID = "gateway.call_id"
TENANT = "gateway.tenant"
PRINCIPAL = "gateway.principal"
KEY_ID = "gateway.key_id"
OUTCOME = "gateway.outcome"
SURFACE = "gateway.surface"
MODEL = "gateway.model"
STREAM = "gateway.stream"
DURATION = "gateway.duration_ms"
CACHE = "gateway.cache"
COUNTED_LOCALLY = "gateway.limits.counted_locally"
COST = "gateway.cost"
PURPOSE = "gateway.purpose"
DEPLOYMENT = "gateway.deployment"
SERVED_VERSION = "gateway.served.version"
SERVED_DIGEST = "gateway.served.digest"
EXTERNAL = "gateway.served.external"
POLICY_ALLOW = "gateway.policy.allow"
POLICY_RULE = "gateway.policy.rule"
POLICY_REASON = "gateway.policy.reason"
POLICY_RULES = "gateway.policy.rules"
POLICY_OBLIGATIONS = "gateway.policy.obligations"
POLICY_VERSION = "gateway.policy.version"
POLICY_OUTCOME = "gateway.policy.outcome"
FINDINGS_COUNT = "gateway.findings.count"
FINDINGS_ENTITIES = "gateway.findings.entities"
FINDINGS_BY_ENTITY = "gateway.findings.by_entity"
ENTITY = "gateway.entity"
OPERATOR = "gateway.operator"
WORK = "gateway.background.work"
SIGNAL = "gateway.telemetry.signal"

OPERATION_DURATION_METRIC = "gen_ai.client.operation.duration"
USAGE_METRIC = "gen_ai.client.token.usage"
FIRST_CHUNK_METRIC = "gen_ai.client.operation.time_to_first_chunk"
EXCHANGES_METRIC = "gateway.exchanges"
FINDINGS_METRIC = "gateway.findings"
CACHE_METRIC = "gateway.cache.answers"
LOCAL_LIMITS_METRIC = "gateway.limits.local"
COST_METRIC = "gateway.spend"
LOST_METRIC = "gateway.telemetry.lost"
STRANGERS_METRIC = "gateway.record.strangers_counted"
BACKGROUND_METRIC = "gateway.background.faults"
POLICY_RELOADS_METRIC = "gateway.policy.reloads"
POLICY_STALE_METRIC = "gateway.policy.stale"
POLICY_AGE_METRIC = "gateway.policy.age"

# The conventions: the flavour of the protocol, "openai" also for the many backends that are compatible with it.
_PROVIDER = "openai"


def operation_of(surface: Surface) -> Attributes:
    """What GenAI's spans and metrics begin with."""
    return {OPERATION_NAME: surface.operation, PROVIDER_NAME: _PROVIDER}


def route_of(surface: Surface) -> str:
    """The `http.route` of a surface."""
    return f"/v1/{surface.value}"


def known(said: Mapping[str, Value | None]) -> Attributes:
    """Without what is not known."""
    return {name: value for name, value in said.items() if value is not None}


def attributes_of(record: ExchangeRecord) -> Attributes:
    """The attributes of the exchange's span: HTTP's and ours. Those of GenAI stand at the span of the call to the backend:
    whoever adds up tokens over spans would count them twice.
    """
    return known(_request(record)) | known(_reply(record)) | known(_decision(record))


def exchange_labels(record: ExchangeRecord) -> Attributes:
    """What exchanges are counted by. A caller that was not recognised has no tenant."""
    labels: Attributes = {OUTCOME: record.outcome.value, SURFACE: record.surface.value}
    return labels | tenant_label(record)


def tenant_label(record: ExchangeRecord) -> Attributes:
    """Nothing for a caller that was not recognised."""
    return {} if record.tenant is None else {TENANT: record.tenant}


def spend_labels(record: ExchangeRecord) -> Attributes:
    """Whom and what money was spent on."""
    return tenant_label(record) if record.model is None else tenant_label(record) | {REQUEST_MODEL: record.model}


def operation_labels(record: ExchangeRecord) -> Attributes:
    """What the model's work is measured by. The model is the one that policy names, not the one a backend says it is."""
    labels = operation_of(record.surface)
    return labels if record.model is None else labels | {REQUEST_MODEL: record.model}


def error_label(record: ExchangeRecord) -> Attributes:
    """How an operation failed: our code, or else the backend's status, or else `aborted`; nothing where it did not."""
    if record.outcome is Outcome.COMPLETED:
        return {}
    refused = record.status is not None and record.status >= 400
    return {ERROR_TYPE: record.error_code or (str(record.status) if refused else record.outcome.value)}


def _request(record: ExchangeRecord) -> dict[str, Value | None]:
    return {
        HTTP_METHOD: "POST",
        HTTP_ROUTE: route_of(record.surface),
        CALL_ID: record.call_id,
        TENANT: record.tenant,
        PRINCIPAL: record.principal,
        MODEL: record.model,
        STREAM: record.stream,
        DEPLOYMENT: record.deployment,
        FINDINGS_COUNT: sum(found.count for found in record.findings),
        FINDINGS_ENTITIES: tuple(sorted({found.entity for found in record.findings})),
    }


def _reply(record: ExchangeRecord) -> dict[str, Value | None]:
    return {
        HTTP_STATUS: record.status,
        ERROR_TYPE: record.error_code,
        OUTCOME: record.outcome.value,
        CACHE: None if record.cache is CacheState.NONE else record.cache.value,
        COST: record.cost,
    }


def _decision(record: ExchangeRecord) -> dict[str, str | bool | None]:
    if record.decision is None:
        return {}
    return {
        POLICY_ALLOW: record.decision.allow,
        POLICY_RULE: record.decision.rule,
        POLICY_VERSION: record.decision.policy_version,
    }
