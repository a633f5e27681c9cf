"""What travels through the pipeline: frozen, and changed only by making a new one.

An `Exchange` starts with what the `api` room knows (who knocks, on which surface) and each stage *learns* one thing more.
`learn` shows every new state to the journal, so that the record, which is outermost, knows how far an exchange came even
when a stage inside it raises.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Protocol, TypeAlias

from gateway.content import Content, Hit
from gateway.obligations import GroundingTerms, Obligations, OperatorKind
from gateway.peer import Peer
from gateway.protocol.facts import Facts, Stated
from gateway.protocol.usage import Tally, Usage
from gateway.protocol.wire import JsonObject, Path, Surface

Body: TypeAlias = AsyncGenerator[JsonObject, None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """The caller: an identity inside a tenant. `key_id` is the public prefix of the virtual key used, if any.

    `team` and `roles` are what policy or the identity provider says of it.
    """

    tenant: str
    id: str
    key_id: str | None = None
    team: str | None = None
    roles: frozenset[str] = frozenset()


class Review(Protocol):
    """Decides again, under the same policy, when it is known how many findings of each entity type the request has, and what
    its content scores, label by label; None where nobody judged it.
    """

    def __call__(self, findings: Mapping[str, int], content: Mapping[str, float] | None = None) -> Decision: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentScores:
    """What a request is about, in 0..1 by label, as one classifier sees it. `weights` is the beginning of their digest;
    `decides`: it is by these that policy decides. Holds no text.
    """

    weights: str
    scores: Mapping[str, float]
    decides: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Allow or deny, the rule that said so (its path in the policy file) and the reason in words.

    `rules` are the conditional rules that applied. `model` and `purpose` are those of the request, where the policy knows them;
    `serves` is the model that is meant where `model` is an alias, and else the same.
    `review` is None where no rule depends on findings.
    """

    allow: bool
    rule: str
    reason: str
    policy_version: str
    obligations: Obligations | None = None
    rules: tuple[str, ...] = ()
    model: str | None = None
    serves: str | None = None
    purpose: str | None = None
    needs_consent: bool = False
    review: Review | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A span of personal data in one text; `start` and `end` count code points, `score` lies in 0..1."""

    start: int
    end: int
    entity: str
    score: float
    recognizer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingCount:
    """How many findings of one kind an exchange had, and what was done to them. Holds no text."""

    entity: str
    operator: OperatorKind
    recognizer: str
    count: int
    max_score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One call to one deployment. `result` is `answered`, `abandoned` (another was quicker), or the code of what went wrong."""

    deployment: str
    result: str
    started_ms: float
    ended_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What a deployment serves, as policy pins it: the backend's name of the model, its version, the digest of its weights."""

    model: str | None = None
    version: str | None = None
    digest: str | None = None
    external: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """How alike two answers are, in 0..1: `length` by characters, `overlap` by words. Whether they are `equal`, and how much
    they overlap, is told only where policy keeps what they say.
    """

    length: float
    equal: bool | None = None
    overlap: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Relayed:
    """Ciphertexts that passed through an exchange whose caller holds the key: frames and bytes towards the server (`up`) and
    back. `degree` and `modulus_bits` are the encryption's parameters, `model` is the SHA-256 of what is served, in hex.
    """

    degree: int
    modulus_bits: int
    model: str
    frames_up: int = 0
    frames_down: int = 0
    bytes_up: int = 0
    bytes_down: int = 0


@dataclass(frozen=True, slots=True)
class Laid:
    """A string of the request that the gateway put together. `findings` are personal data for certain. Each of `parts`, which
    are ranges of code points, is a text of its own to recognizers; what lies between them is the gateway's own words.
    """

    findings: tuple[Finding, ...] = ()
    parts: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounding:
    """What an exchange was given of documents, under which terms. `laid` are the strings that hold passages, by path."""

    terms: GroundingTerms
    hits: tuple[Hit, ...] = ()
    laid: Mapping[Path, Laid] = field(default_factory=dict, repr=False)


COPY = ".shadow"
"""How the call id of a copy ends, behind that of its original."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadowed:
    """What makes an exchange a copy `of` another call, for comparison. `likeness` is there when both answers are."""

    of: str
    likeness: Likeness | None = None


class CacheState(StrEnum):
    """What the cache had to do with an answer: `stale` where what it held was too old, `none` where nobody asked it."""

    HIT = "hit"
    MISS = "miss"
    BYPASS = "bypass"
    STALE = "stale"
    NONE = "none"


class Journal(Protocol):
    """The exchange's side of the record; `stages.record` owns the other side."""

    def observe(self, exchange: Exchange) -> None:
        """Take note of the latest state. Never fails and never reads a body."""

    async def commit(self) -> None:
        """Make the record durable; called before the upstream's first byte. Raises AuditUnavailable."""

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
        policy says so; `ground` has it keep which passages there were. Raises AuditUnavailable.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The answer. `body` yields JSON objects: the events of a stream, or the one object of a plain answer.

    `retry_after` (seconds) is the backend's, where it refused for now. `headers` are the gateway's own, in lower case. `tally`,
    where there is one, sees more than `body` yields: usage that the gateway asked for and the client did not. `unsupported`: a
    refusal of what this backend cannot do, and another one may.
    """

    status: int
    streaming: bool
    body: Body = field(repr=False)
    retry_after: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    tally: Tally | None = field(default=None, repr=False)
    unsupported: bool = False

    def through(self, change: Callable[[Body], Body]) -> Reply:
        """A reply whose body passes through `change`, and which still closes this one, started or not."""
        return replace(self, body=_Linked(change(self.body), self.body))


class _Linked(AsyncGenerator[JsonObject, None]):
    """An outer body and the inner one that it reads. A generator that never started ignores `aclose()`, so the inner one,
    with its connection to a backend, has to be closed by somebody else."""

    def __init__(self, outer: Body, inner: Body) -> None:
        self._outer = outer
        self._inner = inner

    # Not coroutines but the outer body's own: each event passes here several times.

    def __anext__(self) -> Coroutine[Any, Any, JsonObject]:
        return self._outer.__anext__()

    def asend(self, value: None) -> Coroutine[Any, Any, JsonObject]:
        return self._outer.asend(value)

    def athrow(self, *error: Any) -> Coroutine[Any, Any, JsonObject]:
        return self._outer.athrow(*error)

    async def aclose(self) -> None:
        await self._outer.aclose()
        await self._inner.aclose()
