"""What policy demands of an exchange that it allows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Protocol

from gateway.protocol.wire import ContentKind
from gateway.rules.detection import DetectionRules
from gateway.rules.sensitivity import ContentTerms


class DeploymentRef(Protocol):
    """A deployment as policy knows it, by value: an exchange that one policy allowed never goes where another one points.

    Hashable; equal ones are the same place.
    """

    @property
    def id(self) -> str: ...

    @property
    def model(self) -> str | None:
        """The name that the backend knows the model by; None: the client's."""

    @property
    def version(self) -> str | None:
        """What policy says is served there."""

    @property
    def digest(self) -> str | None:
        """The digest of the weights that policy says are served there: `sha256:` and hex."""

    @property
    def external(self) -> bool:
        """Whether what is sent there leaves the premises."""

    @property
    def concurrent(self) -> int | None:
        """The most calls that it should have at once; None: policy names no bound."""

    def __hash__(self) -> int: ...


class OperatorKind(StrEnum):
    """What is done to a finding. `placeholder` and `surrogate` are reversible, the others are not."""

    PLACEHOLDER = "placeholder"
    SURROGATE = "surrogate"
    MASK = "mask"
    HASH = "hash"
    DROP = "drop"
    BLOCK = "block"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class EntityRules:
    """An operator for each entity type, and one for every type that is not named."""

    default: OperatorKind
    by_entity: Mapping[str, OperatorKind] = field(default_factory=dict)

    def operator(self, entity: str) -> OperatorKind:
        return self.by_entity.get(entity, self.default)

    @property
    def keeps_everything(self) -> bool:
        return self.default is OperatorKind.KEEP and all(op is OperatorKind.KEEP for op in self.by_entity.values())


class CacheMode(StrEnum):
    """Who may be given an answer that the cache holds: nobody, the principal who asked before, anybody in the tenant."""

    NONE = "none"
    PRINCIPAL = "principal"
    TENANT = "tenant"


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheTerms:
    """Which answers the cache may hold. `ttl_s`: how old one may be. `always`: also where the same request need not have the
    same answer. `max_bytes`: no larger one is kept. `semantic`: also for the same question in other words.
    """

    ttl_s: int = 600
    always: bool = False
    max_bytes: int = 2**20
    semantic: bool = False


class PseudonymScope(StrEnum):
    """Where a value keeps its placeholder. Only `request` stores nothing."""

    REQUEST = "request"
    CONVERSATION = "conversation"
    PRINCIPAL = "principal"
    TENANT = "tenant"


@dataclass(frozen=True, slots=True, kw_only=True)
class PseudonymTerms:
    """`ttl_s`: how long after its last use a placeholder of a wider scope stands for its value."""

    scope: PseudonymScope = PseudonymScope.REQUEST
    ttl_s: int = 30 * 86_400


class LimitKind(StrEnum):
    """What a limit counts. `concurrent` counts exchanges that are open at once; `spend` millionths of the policy's currency."""

    REQUESTS = "requests"
    TOKENS = "tokens"
    SPEND = "spend"
    CONCURRENT = "concurrent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most `amount` in `period_s` seconds, counted together for all that stands under `scope`, a path of the policy.

    `period_s` is 0 for what is counted at once. Equal scopes and kinds share a count, whatever their amounts were before.
    """

    scope: str
    kind: LimitKind
    amount: int
    period_s: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Of a model, in the policy's currency for a million tokens, which is millionths for one."""

    input: float = 0.0
    output: float = 0.0

    def spend(self, input_tokens: int, output_tokens: int) -> int:
        """What so many tokens cost, in millionths of the currency, rounded up."""
        if not self.input and not self.output:
            return 0
        # The number as it is written: the float nearest to 0.1 is a little more, and would be rounded up.
        exact = Fraction(str(self.input)) * input_tokens + Fraction(str(self.output)) * output_tokens
        return math.ceil(exact)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """What the company says to the model before the caller does, and how a caller's text has to begin.

    `system` holds texts, the widest scope's first. Of each of `prefixes` one must begin the last text of the user.
    """

    system: tuple[str, ...] = ()
    prefixes: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundingTerms:
    """Which documents ground answers. `collections`: None are all of the tenant's. `labels` are those of documents that the
    caller may see. `passages` and their `tokens` are the most for one answer. `always`: also where nobody asks for it.
    `says_so`: where nothing fits, the answer is just that.
    """

    collections: frozenset[str] | None = None
    labels: frozenset[str] = frozenset()
    passages: int = 5
    tokens: int = 1_500
    always: bool = False
    says_so: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """A deployment that gets a part of the exchanges: `percent` lies in 0..100."""

    deployment: DeploymentRef
    percent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteTerms:
    """How one of the deployments is chosen that policy lets through.

    `tiers` holds equals together, the preferred ones first; `weights` are by id, 1 where nothing is said. `canary` answers its
    share, `shadow` gets a copy of its share and answers nobody; `left_out` names such a one that policy does not let through,
    as `canary gpu-3`. `retries` are calls beyond the first. `hedge_after_s`: a second deployment is asked when the first has
    said nothing for so long; None: never. `queue_s` is the longest wait for a free place; of those who wait, the greater
    `priority` goes first. `demanded`: policy demands something of where the exchange goes, so its texts go nowhere else either.
    """

    tiers: tuple[tuple[DeploymentRef, ...], ...] = ()
    weights: Mapping[str, float] = field(default_factory=dict)
    canary: Share | None = None
    shadow: Share | None = None
    left_out: tuple[str, ...] = ()
    retries: int = 2
    hedge_after_s: float | None = None
    queue_s: float = 10.0
    priority: int = 0
    demanded: bool = False

    def weight(self, deployment: DeploymentRef) -> float:
        return self.weights.get(deployment.id, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligations:
    """What must be done with an exchange that policy allows.

    `request`, `reply`, `record` and `knowledge` say what happens to personal data on each of its ways. `deployments` are
    those that every demand on the route lets through, preferred first, a canary last; `routing` is how one of them is chosen.
    `store_s`: so long items of an answer are kept for their caller to name; 0: not at all.
    `sought` are the types whose findings policy asks for, also where they are kept. `content` says what judges what the request
    is about; None where no rule asks. `record_originals` never stands without `record_content`. `retention_days`: None keeps
    content for good. `grounding`: None grants no documents. `limits_locally`: while the store on which all processes count does
    not answer, each may count by itself.
    """

    request: EntityRules
    reply: EntityRules
    restore: bool
    store_s: int = 0
    record: EntityRules | None = None
    knowledge: EntityRules | None = None
    detection: DetectionRules = DetectionRules()
    sought: frozenset[str] = frozenset()
    content: ContentTerms | None = None
    uninspected: frozenset[ContentKind] = frozenset()
    record_content: bool = False
    record_originals: bool = False
    deployments: tuple[DeploymentRef, ...] = ()
    routing: RouteTerms = RouteTerms()
    cache: CacheMode = CacheMode.NONE
    caching: CacheTerms = CacheTerms()
    pseudonyms: PseudonymTerms = PseudonymTerms()
    retention_days: int | None = None
    guide: Guide = Guide()
    grounding: GroundingTerms | None = None
    limits: tuple[Limit, ...] = ()
    limits_locally: bool = False
    price: Price = Price()
