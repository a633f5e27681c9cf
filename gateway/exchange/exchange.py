"""One request on its way, and those whom it shows itself to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from gateway.exchange.answered import Attempt, CacheState, Relayed, Served, Shadowed
from gateway.exchange.content import Content
from gateway.exchange.decision import ContentScores, Decision, Principal
from gateway.exchange.finding import FindingCount
from gateway.exchange.grounded import Grounding
from gateway.exchange.peer import Peer
from gateway.obligations import Obligations
from gateway.protocol.facts import Facts, Stated
from gateway.protocol.usage import Usage
from gateway.protocol.wire import JsonObject, Surface


class Journal(Protocol):
    """The exchange's side of the record; `stages.record` owns the other side."""

    def observe(self, exchange: Exchange) -> None:
        """Take note of the latest state. Never fails and never reads a body."""

    async def commit(self) -> None:
        """Make the record durable; called before the upstream's first byte. Raises as `keep` does."""

    def settle(self, usage: Usage) -> None:
        """Note what the backend said about tokens and finish reasons."""

    @property
    def usage(self) -> Usage:
        """What was settled; complete when the reply's body has ended."""

    def elapsed_ms(self) -> float:
        """Milliseconds since the exchange arrived at the record."""

    def passed(self, stage: str, started_ms: float) -> None:
        """Note that a stage, entered at `started_ms`, is done: it has its reply, or refused."""

    def belongs_to(self, conversation: str) -> None:
        """Note the conversation, where it is known only when the answer has ended."""

    async def keep(self, content: Content) -> None:
        """Seal redacted content and keep it beside the record; later pieces add to it. Only `redact` calls this, and only where
        policy says so; `ground` has it keep which passages there were. Raises AuditUnavailable, or TenantKeyUnusable.
        """


class Intake(Protocol):
    """Reads the request's body, within the limits of the `api` room. Raises InvalidRequest."""

    async def __call__(self) -> bytes: ...


@dataclass(frozen=True, kw_only=True)  # without slots, so that `but` can copy all fields at once
class Exchange:
    """One request on its way. `request` is what the client sent, with the model that policy says is meant; only `redacted` may
    leave the gateway.

    `grounding`: which documents it was given; None where nobody asked for any. `conversation` is an id that turns of one chat
    share. `route_reason` says in words why the deployment was chosen, `attempts` are the calls that it took, in order, and
    `served` what answers. `counted_locally`: its limits were counted by this process alone. `cache` is what the cache said, and
    `cached_from` the call whose answer it gave. `shadow`: it is a copy, whose answer nobody gets. `relayed`: nobody but its
    caller can read it. `trace_id` is the trace's (W3C Trace Context), in
    hex.
    """

    call_id: str
    surface: Surface
    journal: Journal = field(repr=False)
    intake: Intake = field(repr=False)
    credential: str | None = field(default=None, repr=False)
    stated: Stated = field(default=Stated(), repr=False)
    peer: Peer | None = field(default=None, repr=False)
    traceparent: str | None = None
    tracestate: str | None = None
    trace_id: str | None = None

    principal: Principal | None = None
    request: JsonObject | None = field(default=None, repr=False)
    facts: Facts | None = field(default=None, repr=False)
    model: str | None = None
    stream: bool = False
    decision: Decision | None = None
    grounding: Grounding | None = None
    redacted: JsonObject | None = field(default=None, repr=False)
    findings: tuple[FindingCount, ...] = ()
    found: Mapping[str, int] | None = None
    content: tuple[ContentScores, ...] = ()
    conversation: str | None = None
    deployment: str | None = None
    route_reason: str | None = None
    attempts: tuple[Attempt, ...] = ()
    served: Served | None = None
    counted_locally: bool = False
    cache: CacheState = CacheState.NONE
    cached_from: str | None = None
    shadow: Shadowed | None = None
    relayed: Relayed | None = None

    def learn(self, **facts: Any) -> Exchange:
        """A new exchange with these facts, shown to the journal."""
        learned = self.but(**facts)
        self.journal.observe(learned)
        return learned

    def but(self, **facts: Any) -> Exchange:
        """A copy with these facts, as `replace` makes it, which would set thirty fields one by one, ten times a request.

        Raises TypeError for what is no field.
        """
        if not facts.keys() <= self.__dataclass_fields__.keys():
            raise TypeError("an exchange has no such fact")
        copy = object.__new__(Exchange)
        copy.__dict__.update(self.__dict__, **facts)
        return copy

    @property
    def obligations(self) -> Obligations:
        """Policy's obligations. Raises LookupError when no rule allowed this exchange: a stage ran out of order."""
        if self.decision is None or not self.decision.allow or self.decision.obligations is None:
            raise LookupError("no obligations: the exchange has not been authorized")
        return self.decision.obligations
