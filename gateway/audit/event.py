"""What one exchange leaves behind: who, what was decided and found, where it went and how it ended.

Pure data. A record is made of identities, rules, counts and codes; it never holds what a client or a backend wrote. Redacted
content that policy keeps lies sealed beside it, and the record holds its digests. Names that a client or a backend chose (the
model asked for, the reply's id) are kept only in the shape of an identifier.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import orjson

from gateway.audit.known import known
from gateway.audit.nul import without_nul
from gateway.exchange import (
    Attempt,
    CacheState,
    ContentScores,
    FindingCount,
    Likeness,
    Relayed,
    Served,
    Shadowed,
)
from gateway.exchange.content import Hit
from gateway.obligations import OperatorKind
from gateway.protocol.usage import Usage, UsageSource
from gateway.protocol.wire import Surface


class Outcome(StrEnum):
    """How an exchange ended, as its client saw it."""

    INCOMPLETE = "incomplete"  # opened, and not yet (or, after a crash, never) completed
    COMPLETED = "completed"
    DENIED = "denied"  # a rule, or the lack of a valid key, said no
    REJECTED = "rejected"  # the client can mend it, or try again later
    FAILED = "failed"  # the gateway or the backend could not answer
    TRUNCATED = "truncated"  # the same, after a part of the answer had gone out
    ABORTED = "aborted"  # the client hung up


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The decision: what a reader of the log wants to know. `obligations` in words; `rules` are the conditional ones."""

    allow: bool
    rule: str
    reason: str
    policy_version: str
    rules: tuple[str, ...] = ()
    obligations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What policy was asked of the request, so that another policy can be asked the same later. Holds no text.

    `model` and `purpose` are names that the policy knows; `consent` is the client's reference, kept where the purpose needs
    one, in the shape of an identifier. `found` counts findings by type: None where nobody looked. `unread`: nobody but the
    caller can read the exchange, and policy was asked what it says of such. `helpers` are further models that the backend was
    to use; one that the policy does not know is empty.
    """

    model: str | None = None
    purpose: str | None = None
    consent: str | None = None
    messages: int = 0
    tools: int = 0
    bytes: int = 0
    max_tokens: int = 0
    found: dict[str, int] | None = None
    unread: bool = False
    helpers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StageTime:
    """When a stage was entered, and when it was done. Stages lie inside each other: the innermost ends first."""

    stage: str
    start: float
    end: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """Milliseconds since the exchange arrived at the record; None for what it never reached.

    `committed` is when its opening was durable, `first_event` when the first event of the answer went out.
    """

    decided: float | None = None
    committed: float | None = None
    first_event: float | None = None
    total: float | None = None
    stages: tuple[StageTime, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeRecord:
    """One exchange on the record.

    opened_at       ISO 8601 in UTC, to the millisecond
    conversation    an id that the turns of one chat share; None where there is none, or not yet (a first turn has one when its
                    answer has ended)
    request_bytes   size of the body as the client sent it
    content_scores  what the request is about, in 0..1 by label, by each classifier that was asked; the one that decides says so
    route_reason    in words, why this deployment
    attempts        calls to deployments, the last of which gave the answer; times as in `timings_ms`
    served          what the deployment serves, as policy pins it
    counted_locally whether one process counted its limits by itself, because the store that all share did not answer
    cache           what the cache said; `cached_from` is the call whose answer it gave
    shadow          of a copy of another call: which call, and how alike the two answers are
    relayed         of an exchange that only its caller can read: the ciphertexts that passed through, counted
    usage           tokens, and where the counts come from
    grounding       passages of documents that the answer was grounded on, in outline: which they were is sealed beside the
                    record, and goes with it when its time is over; None where it was not to be grounded
    cost            by the policy's price and those counts, in millionths of the policy's currency; None where there are none
                    that can be true, 0 for what the cache answered
    trace_id        of the W3C trace context that the exchange was part of, 32 hex digits
    content         SHA-256, in hex, of each sealed part that is kept beside the record, by `part/nr`; None where none is
    content_missing in words, why content that policy keeps is not there
    """

    call_id: str
    surface: Surface
    opened_at: str
    outcome: Outcome
    tenant: str | None = None
    principal: str | None = None
    team: str | None = None
    roles: tuple[str, ...] = ()
    key_id: str | None = None
    model: str | None = None
    stream: bool = False
    conversation: str | None = None
    request_bytes: int = 0
    asked: Asked | None = None
    decision: Verdict | None = None
    findings: tuple[FindingCount, ...] = ()
    content_scores: tuple[ContentScores, ...] = ()
    deployment: str | None = None
    route_reason: str | None = None
    attempts: tuple[Attempt, ...] = ()
    served: Served | None = None
    counted_locally: bool = False
    cache: CacheState = CacheState.NONE
    cached_from: str | None = None
    shadow: Shadowed | None = None
    grounding: tuple[Hit, ...] | None = None
    relayed: Relayed | None = None
    usage: Usage = field(default_factory=Usage)
    cost: int | None = None
    trace_id: str | None = None
    timings_ms: Timings = field(default_factory=Timings)
    error_code: str | None = None
    status: int | None = None
    content: Mapping[str, str] | None = None
    content_missing: str | None = None

    def to_json(self) -> str:
        return without_nul(orjson.dumps(self).decode())

    @classmethod
    def from_json(cls, text: str | bytes) -> ExchangeRecord:
        """The record that `to_json` wrote, here or in a later version, of which it has what is known here. Raises ValueError on
        anything else.
        """
        try:
            return cls(**_revive(known(orjson.loads(text), cls)))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ValueError("this is no record of an exchange that this version can read") from error

    @classmethod
    def read(cls, text: str | bytes) -> ExchangeRecord | None:
        """The record that `to_json` wrote; None for what this version cannot read, as after a step back to an older one."""
        try:
            return cls.from_json(text)
        except ValueError:
            return None


def _revive(fields: dict[str, Any]) -> dict[str, Any]:
    decision, usage, content = fields["decision"], fields["usage"], fields["content"]
    return fields | {
        "surface": Surface(fields["surface"]),
        "outcome": Outcome(fields["outcome"]),
        "roles": tuple(fields.get("roles", ())),
        "asked": _asked(fields["asked"]) if fields.get("asked") else None,
        "decision": _told(decision) if decision else None,
        "findings": tuple(_finding(count) for count in fields["findings"]),
        "content_scores": tuple(ContentScores(**known(one, ContentScores)) for one in fields.get("content_scores", ())),
        "attempts": tuple(Attempt(**known(attempt, Attempt)) for attempt in fields.get("attempts", ())),
        "served": Served(**known(fields["served"], Served)) if fields.get("served") else None,
        "shadow": _shadow(fields["shadow"]) if fields.get("shadow") else None,
        "relayed": Relayed(**known(fields["relayed"], Relayed)) if fields.get("relayed") else None,
        "grounding": None if fields.get("grounding") is None else hits(fields["grounding"]),
        "usage": _usage(usage),
        "timings_ms": _timings(fields["timings_ms"]),
        "cache": CacheState(fields.get("cache", CacheState.NONE)),
        "content": _digests(content) if content else None,
    }


def _asked(fields: dict[str, Any]) -> Asked:
    return Asked(**known(fields, Asked) | {"helpers": tuple(fields.get("helpers", ()))})


def hits(told: list[dict[str, Any]]) -> tuple[Hit, ...]:
    """Passages as they were written."""
    lists = ("labels", "flagged")
    return tuple(Hit(**known(one, Hit) | {name: tuple(one.get(name, ())) for name in lists}) for one in told)


def _usage(fields: dict[str, Any]) -> Usage:
    """Records of an older gateway have no tokens but those that a backend reported."""
    source = UsageSource(fields.get("source", UsageSource.REPORTED))
    return Usage(**known(fields, Usage) | {"finish_reasons": tuple(fields["finish_reasons"]), "source": source})


def _shadow(fields: dict[str, Any]) -> Shadowed:
    likeness = fields.get("likeness")
    return Shadowed(of=fields["of"], likeness=Likeness(**known(likeness, Likeness)) if likeness else None)


def _digests(content: dict[str, Any]) -> Mapping[str, str] | None:
    """Records of an older gateway held the content itself, under `request` and `reply`."""
    return {part: digest for part, digest in content.items() if "/" in part} or None


def _timings(fields: dict[str, Any]) -> Timings:
    stages = tuple(StageTime(**known(stage, StageTime)) for stage in fields.get("stages", ()))
    return Timings(**known(fields, Timings) | {"stages": stages})


def _told(decision: dict[str, Any]) -> Verdict:
    return Verdict(**known(decision, Verdict) | {name: tuple(decision.get(name, ())) for name in ("rules", "obligations")})


def _finding(count: dict[str, Any]) -> FindingCount:
    return FindingCount(**known(count, FindingCount) | {"operator": OperatorKind(count["operator"])})
