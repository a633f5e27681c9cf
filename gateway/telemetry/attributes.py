"""The only home of the names of attributes and metrics, and what a record says in them.

OpenTelemetry's GenAI semantic conventions are "in development" and moved to a repository of their own
(https://github.com/open-telemetry/semantic-conventions-genai); the constants of the installed package are deprecated,
so the names are written here and a test compares them. Ours begin with `gateway.`. No attribute holds content; those of
metrics hold in addition nothing that a caller or a backend may choose, and no principal: each value opens a new series.
"""

from __future__ import annotations

from typing import TypeAlias

from gateway.audit.event import ExchangeRecord, Outcome

Attributes: TypeAlias = dict[str, str | bool | int | float | tuple[str, ...]]

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
HTTP_STATUS = "http.response.status_code"

CALL_ID = "gateway.call_id"
TENANT = "gateway.tenant"
PRINCIPAL = "gateway.principal"
OUTCOME = "gateway.outcome"
SURFACE = "gateway.surface"
DEPLOYMENT = "gateway.deployment"
POLICY_ALLOW = "gateway.policy.allow"
POLICY_RULE = "gateway.policy.rule"
POLICY_VERSION = "gateway.policy.version"
POLICY_OUTCOME = "gateway.policy.outcome"
FINDINGS_COUNT = "gateway.findings.count"
FINDINGS_ENTITIES = "gateway.findings.entities"

OPERATION_DURATION_METRIC = "gen_ai.client.operation.duration"
USAGE_METRIC = "gen_ai.client.token.usage"
EXCHANGES_METRIC = "gateway.exchanges"
POLICY_RELOADS_METRIC = "gateway.policy.reloads"
POLICY_STALE_METRIC = "gateway.policy.stale"
POLICY_AGE_METRIC = "gateway.policy.age"

# The conventions: the flavour of the protocol, "openai" also for the many backends that are compatible with it.
_PROVIDER = "openai"


def attributes_of(record: ExchangeRecord) -> Attributes:
    """The attributes of the exchange's span. What the record does not know is left out."""
    known = _request(record) | _reply(record) | _decision(record)
    return {name: value for name, value in known.items() if value is not None}


def exchange_labels(record: ExchangeRecord) -> Attributes:
    """What exchanges are counted by. A caller that was not recognised has no tenant."""
    labels: Attributes = {OUTCOME: record.outcome.value, SURFACE: record.surface.value}
    return labels if record.tenant is None else labels | {TENANT: record.tenant}


def operation_labels(record: ExchangeRecord) -> Attributes:
    """What the model's work is measured by. The model is the one that policy names, not the one a backend says it is."""
    labels: Attributes = {OPERATION_NAME: record.surface.operation, PROVIDER_NAME: _PROVIDER}
    return labels if record.model is None else labels | {REQUEST_MODEL: record.model}


def error_label(record: ExchangeRecord) -> Attributes:
    """How an operation failed: our code, or else the backend's status, or else `aborted`; nothing where it did not."""
    if record.outcome is Outcome.COMPLETED:
        return {}
    refused = record.status is not None and record.status >= 400
    return {ERROR_TYPE: record.error_code or (str(record.status) if refused else record.outcome.value)}


def _request(record: ExchangeRecord) -> dict[str, str | bool | int | tuple[str, ...] | None]:
    return {
        OPERATION_NAME: record.surface.operation,
        PROVIDER_NAME: _PROVIDER,
        REQUEST_MODEL: record.model,
        REQUEST_STREAM: record.stream,
        CALL_ID: record.call_id,
        TENANT: record.tenant,
        PRINCIPAL: record.principal,
        DEPLOYMENT: record.deployment,
        FINDINGS_COUNT: sum(found.count for found in record.findings),
        FINDINGS_ENTITIES: tuple(sorted({found.entity for found in record.findings})),
    }


def _reply(record: ExchangeRecord) -> dict[str, str | int | float | tuple[str, ...] | None]:
    first = record.timings_ms.first_event if record.stream else None
    return {
        RESPONSE_MODEL: record.usage.response_model,
        RESPONSE_ID: record.usage.response_id,
        RESPONSE_FINISH_REASONS: record.usage.finish_reasons or None,
        RESPONSE_TIME_TO_FIRST_CHUNK: first / 1000 if first is not None else None,  # seconds
        USAGE_INPUT_TOKENS: record.usage.input_tokens,
        USAGE_OUTPUT_TOKENS: record.usage.output_tokens,
        HTTP_STATUS: record.status,
        ERROR_TYPE: record.error_code,
        OUTCOME: record.outcome.value,
    }


def _decision(record: ExchangeRecord) -> dict[str, str | bool | None]:
    if record.decision is None:
        return {}
    return {
        POLICY_ALLOW: record.decision.allow,
        POLICY_RULE: record.decision.rule,
        POLICY_VERSION: record.decision.policy_version,
    }
