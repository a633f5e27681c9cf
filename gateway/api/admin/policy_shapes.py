"""The policy as this API shows it: its state, its problems, and what comes of it for a caller."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from pydantic import Field, StrictBool, StringConstraints

from gateway.api.admin.limit_shapes import Quota
from gateway.api.admin.shapes import Count, Id, Shape, Text
from gateway.obligations import CacheMode, OperatorKind, PseudonymScope
from gateway.policy.language.schema import Basis
from gateway.protocol.wire import ContentKind, Surface
from gateway.sensitivity.labels import Label

EntityName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{0,63}$")]


Findings: TypeAlias = Annotated[
    dict[EntityName, Count], Field(max_length=500, json_schema_extra={"additionalProperties": False})
]


class PolicyState(Shape):
    """The policy in force. `path` and `problem` may name any tenant: a person bound to tenants is not shown them."""

    version: str = Field(description="The start of the SHA-256 of the file.", examples=["9f2c4b7a1e03"])
    loaded_at: str = Field(description="ISO 8601, UTC.", examples=["2026-01-02T03:04:05.678Z"])
    last_attempt: str = Field(description="ISO 8601, UTC.")
    stale: bool = Field(description="Whether the file was refused since, so that an older policy stays in force.")
    path: str | None
    problem: str | None = Field(description="Why the file was refused.")


class PolicyText(Shape):
    """A policy to be checked. Nothing of it is kept."""

    text: Text = Field(description="The content of a policy file.", examples=["version: 1\n"])


class PolicyProblem(Shape):
    line: int = Field(description="From 1.")
    column: int = Field(description="From 1, in characters.")
    key: str = Field(description="The way to it: `tenants.bank.models[0]`. Empty where the text could not be read so far.")
    message: str
    fix: str


class PolicyCheck(Shape):
    """What is wrong with a policy; `valid` where nothing is. Backends' keys and plugins' files are not looked for."""

    valid: bool
    version: str = Field(description="The version that this text would have.")
    problems: tuple[PolicyProblem, ...]


class EffectiveOperators(Shape):
    """What is done to personal data, by type."""

    default: OperatorKind | None = Field(description="For types that are not named; None: as in the request.")
    named: dict[str, OperatorKind]


class EffectivePurpose(Shape):
    id: str
    basis: Basis
    description: str | None
    needs_consent: bool


class EffectiveRoute(Shape):
    """Demands on deployments; None demands nothing. `external`: whether anything may leave the premises."""

    regions: tuple[str, ...] | None
    labels: tuple[str, ...]
    kinds: tuple[str, ...] | None
    external: bool


class EffectiveRule(Shape):
    """A conditional rule: it denies for `deny`, or demands more."""

    id: str = Field(examples=["tenants.bank.rules.many-people"])
    when: str
    deny: str | None
    demand: dict[str, Any] | None
    reason: str | None


class EffectiveGrounding(Shape):
    """Which documents ground answers, and when; a model, or an alias by which it is asked for, may narrow it further."""

    collections: tuple[str, ...] | None = Field(description="None: all of the tenant's.")
    labels: tuple[str, ...]
    passages: int
    tokens: int
    always: bool = Field(description="Also where nobody asks for it.")
    says_so: bool = Field(description="Where nothing fits, the answer is just that.")


class EffectivePolicy(Shape):
    """What holds for a tenant, or for one principal of it, when all levels have spoken."""

    version: str
    tenant: str
    principal: str | None
    models: tuple[str, ...]
    purposes: tuple[EffectivePurpose, ...] | None = Field(description="None: no purpose is asked for.")
    request: EffectiveOperators
    reply: EffectiveOperators
    record: EffectiveOperators
    knowledge: EffectiveOperators
    grounding: EffectiveGrounding | None = Field(description="None: no documents are granted.")
    writers: tuple[str, ...] = Field(description="Roles that may upload files and keep vector stores; `*` is every caller.")
    restore: bool
    store_s: int = Field(description="Seconds for which items of answers are kept for their callers; 0: not at all.")
    record_content: bool
    record_originals: bool
    retention_days: int | None
    route: EffectiveRoute
    cache: CacheMode
    pseudonyms: PseudonymScope = Field(description="Where a value keeps its placeholder.")
    allow_uninspected: tuple[ContentKind, ...]
    system: tuple[str, ...]
    prefixes: tuple[tuple[str, ...], ...]
    limits: tuple[Quota, ...]
    rules: tuple[EffectiveRule, ...]


class StatedFacts(Shape):
    """One request as policy sees it: counts, flags and names, never its text."""

    model: Text = Field(min_length=1, max_length=200, examples=["assistant"])
    surface: Surface = Surface.CHAT
    stream: StrictBool = False
    purpose: Text | None = Field(default=None, max_length=200)
    consent: Text | None = Field(default=None, max_length=200)
    messages: Count = 1
    tools: Count = 0
    bytes: Count = 0
    max_tokens: Count = 0
    helpers: tuple[Annotated[Text, Field(min_length=1, max_length=200)], ...] = Field(
        default=(), max_length=50, description="Further models that it names for the backend to use."
    )


class Question(Shape):
    """Who asks for what, and what was found in it. Without `findings`, what policy says before anything is looked for."""

    tenant: Id = Field(examples=["bank"])
    principal: Id = Field(examples=["service-desk"])
    team: Id | None = None
    roles: tuple[Annotated[Text, Field(min_length=1, max_length=500)], ...] = Field(
        default=(), max_length=50, description="As a token writes them.", examples=[["Gateway Auditors"]]
    )
    request: StatedFacts
    findings: Findings | None = Field(default=None, examples=[{"PERSON": 2}])
    content: dict[Label, Annotated[float, Field(ge=0, le=1)]] = Field(
        default={},
        description="What it is about, beside findings; labels that are not named score 0.",
        examples=[{"health": 0.9}],
    )


class Explanation(Shape):
    """A decision, and why."""

    allow: bool
    rule: str = Field(description="What said so: its place in the policy, or default-deny.", examples=["tenants.bank.models"])
    reason: str
    rules: tuple[str, ...] = Field(description="The conditional rules that apply.")
    obligations: tuple[str, ...] = Field(description="What must then be done, in words.")
    policy_version: str
    purpose: str | None = Field(description="The purpose that holds.")
    depends_on_findings: bool = Field(description="Whether policy decides again when it is known what the request holds.")
