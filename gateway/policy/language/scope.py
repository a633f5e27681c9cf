"""What every level of a policy may say: the organisation, a tenant, a team, a principal.

An inner level can only add protection. Where it says nothing, the outer one holds; where it asks for less, the file is refused.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, StrictBool, model_validator

from gateway.obligations import OperatorKind
from gateway.policy.language.caching import Cache
from gateway.policy.language.grounding import Knowledge
from gateway.policy.language.part import Part, refuse
from gateway.policy.language.pseudonyms import Pseudonyms
from gateway.policy.language.words import (
    Concurrent,
    Days,
    DurationOrNone,
    Id,
    Instruction,
    Label,
    ModelName,
    Prefix,
    Rate,
    RecordOperator,
    ReplyOperator,
    Sentence,
    SpendRate,
)
from gateway.protocol.wire import ContentKind


class Reply(Part):
    """What is done with the answer on its way to the caller."""

    restore: StrictBool | None = Field(
        default=None,
        description="true: put the caller's own values back in place of placeholders and surrogates. Default: as further "
        "out, and false where nobody says so.",
    )
    store: DurationOrNone | None = Field(
        default=None,
        description="How long the items of an answer of `responses` are kept, sealed, for their caller to name in a later turn "
        "(item_reference), such as 12h; the shortest holds. Default: as further out; none.",
    )
    entities: dict[str, ReplyOperator] = Field(
        default={},
        description=(
            "Operator for each type of personal data that the model itself wrote. Default: keep, because the caller is "
            "to get the answer that the model would have given without a gateway. Nothing here can be restored."
        ),
    )


class Record(Part):
    """What the record keeps besides who, what and when."""

    content: Literal["none", "redacted"] | None = Field(
        default=None,
        description="Keep no content, or the redacted request and reply, never the originals. Default: as further out; none.",
    )
    originals: Literal["none", "sealed"] | None = Field(
        default=None,
        description="Beside `content: redacted`: keep no originals, or keep them sealed, each under a key of its own, for "
        "break-glass: two privacy officers, a reason, a time limit. Default: as further out; none.",
    )
    entities: dict[str, RecordOperator] = Field(
        default={},
        description="Operator for each type in the content that is kept, where it is to be stricter than in the request.",
    )
    retention_days: Days | None = Field(
        default=None, description="Days after which the record's content is to be erased; the shortest holds. Default: never."
    )


class Route(Part):
    """Where exchanges may go. Every demand has to be met; a model that no deployment can serve then is denied."""

    regions: tuple[Label, ...] | None = Field(
        default=None, min_length=1, description="Only to deployments in one of these regions."
    )
    labels: tuple[Label, ...] = Field(default=(), description="Only to deployments that carry all of these labels.")
    kinds: tuple[Literal["openai", "litellm", "fhe"], ...] | None = Field(
        default=None, min_length=1, description="Only to deployments of these kinds; [fhe] is: encrypted or not at all."
    )
    external: StrictBool | None = Field(
        default=None,
        description="true: also to deployments that are marked as external, which means off the premises. Default: as further "
        "out, and false where nobody says so.",
    )
    priority: Literal["high", "normal", "low"] | None = Field(
        default=None,
        description="Which exchanges go first where some have to wait for a free place; the lowest holds. Not in rules. "
        "Default: normal.",
    )


class Limits(Part):
    """Counted for everything below the level where they are written, together; all levels' limits hold."""

    requests: Rate | None = Field(default=None, description="Requests in a time, such as 60/minute.")
    tokens: Rate | None = Field(
        default=None, description="Tokens in and out in a time, such as 100000/hour: estimated before, settled after."
    )
    spend: SpendRate | None = Field(
        default=None, description="Cost in a time, such as 25.50/day, by the models' prices: estimated before, settled after."
    )
    concurrent: Concurrent | None = Field(default=None, description="Exchanges open at once, streams among them.")
    when_unavailable: Literal["refuse", "count_locally"] | None = Field(
        default=None,
        description="What is done while the Redis that all processes count on does not answer: refuse, or count_locally, which "
        "is each process by itself. Default: as further out, or refuse.",
    )


class Guide(Part):
    """A way to guide free prompts. Embeddings and moderations are not guided."""

    system: Instruction | None = Field(
        default=None,
        description="Put before the conversation as the system's words, the organisation's first. {tenant}, {team}, "
        "{principal}, {model} and {purpose} are filled in; write {{ and }} for braces.",
    )
    prefixes: tuple[Prefix, ...] = Field(
        default=(), description="The last text of the user has to begin with one of these. Default: with anything."
    )


class Demands(Part):
    """What a rule asks for when it applies, beside what holds anyway. It can only add protection."""

    entities: dict[str, OperatorKind] = Field(default={}, description="Operator for each type in the request.")
    reply: Reply = Field(default_factory=Reply, description="What is done with the answer.")
    record: Record = Field(default_factory=Record, description="What the record keeps of the exchange.")
    knowledge: Knowledge = Field(default_factory=Knowledge, description="What is done with documents.")
    route: Route = Field(default_factory=Route, description="Where the exchange may go.")
    cache: Cache | None = Field(default=None, description="Who may be given a cached answer, and for how long.")
    pseudonyms: Pseudonyms = Field(default_factory=Pseudonyms, description="Where values keep their placeholders.")


class Rule(Part):
    """If its condition holds, the exchange is denied, or more is demanded of it. Rules have no order: all that apply do."""

    when: str = Field(
        min_length=1,
        max_length=2_000,
        description="A condition in CEL over principal.*, request.* and findings.*, which is how many there are of a type.",
    )
    deny: Sentence | None = Field(default=None, description="Refuse the exchange; this is the reason that its caller reads.")
    demand: Demands | None = Field(default=None, description="Demand this as well.")
    reason: Sentence | None = Field(default=None, description="Why there is this rule, for whoever reads a decision.")

    @model_validator(mode="after")
    def _one_effect(self) -> Rule:
        if (self.deny is None) == (self.demand is None):
            raise refuse("not one effect", "write either 'deny: the reason' or 'demand:' with what is asked for")
        if self.deny is not None and self.reason is not None:
            raise refuse("reason beside deny", "remove reason: what stands after deny is the reason")
        return self


class Scope(Part):
    """One level."""

    models: tuple[ModelName, ...] | None = Field(
        default=None, description="Models that may be used. Default: as further out, and none where nobody names any."
    )
    purposes: tuple[Id, ...] | None = Field(
        default=None,
        min_length=1,
        description="Purposes that a request may have; where there are several, it has to state one. Default: as further out.",
    )
    entities: dict[str, OperatorKind] = Field(
        default={},
        description="Operator for each type of personal data in requests; `default` is for types that are not named "
        "(placeholder, unless somebody writes another).",
    )
    reply: Reply = Field(default_factory=Reply, description="What is done with answers.")
    record: Record = Field(default_factory=Record, description="What the record keeps of an exchange.")
    knowledge: Knowledge = Field(default_factory=Knowledge, description="What is done with documents; which ground answers.")
    route: Route = Field(default_factory=Route, description="Where exchanges may go, and which go first.")
    cache: Cache | None = Field(
        default=None,
        description="Who may be given a cached answer: none, principal or tenant, or at length. Default: as further out; none.",
    )
    pseudonyms: Pseudonyms = Field(
        default_factory=Pseudonyms, description="Where a value keeps its placeholder, and for how long."
    )
    limits: Limits = Field(default_factory=Limits, description="How much there may be of it.")
    guide: Guide = Field(
        default_factory=Guide, description="What is said before the caller speaks, and how a caller has to begin."
    )
    allow_uninspected: tuple[ContentKind, ...] | None = Field(
        default=None,
        description="Kinds of content let through although nothing can look inside. Default: as further out, or none.",
    )
    rules: dict[Id, Rule] = Field(default={}, description="Conditional rules, by id.")
