"""A file of tests (`*_test.yaml`) as frozen pydantic models, and as a JSON Schema for editors.

What is not written is not compared.
"""

from __future__ import annotations

import json
from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, Field, StrictBool, StrictInt, StringConstraints, model_validator

from gateway.obligations import CacheMode, OperatorKind, PseudonymScope
from gateway.policy.language.grounding import AccessLabel, Collection
from gateway.policy.language.part import Part, refuse
from gateway.policy.language.scope import Limits
from gateway.policy.language.words import DurationOrNone, Id, ModelName, Sentence
from gateway.protocol.wire import ContentKind, Surface
from gateway.sensitivity.labels import Label

_MOST = 2**53 - 1


def _natural(number: object) -> object:
    if isinstance(number, int) and not 0 <= number <= _MOST:
        raise refuse("out of range", f"write a whole number from 0 to {_MOST}")
    return number


Natural: TypeAlias = Annotated[StrictInt, BeforeValidator(_natural), Field(json_schema_extra={"minimum": 0})]
Word: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Score: TypeAlias = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Text: TypeAlias = Annotated[str, StringConstraints(max_length=100_000)]
Operators: TypeAlias = dict[str, OperatorKind]


class Caller(Part):
    """Who asks, as authentication would tell policy."""

    tenant: Id = Field(description="The tenant.")
    id: Id = Field(description="The principal's id; the policy need not list it.")
    team: Id | None = Field(
        default=None, description="The team that an identity provider names. Default: as the policy lists it."
    )
    roles: tuple[Word, ...] = Field(default=(), description="The caller's roles, as a token writes them. Default: none.")


def _caller(written: object) -> object:
    if not isinstance(written, str):
        return written
    tenant, slash, principal = written.partition("/")
    if not slash:
        raise refuse("no caller", "write tenant/principal, or {tenant: ..., id: ..., team: ..., roles: [...]}")
    return {"tenant": tenant, "id": principal}


class Request(Part):
    """What policy may ask of a request."""

    model: ModelName = Field(description="The model that is asked for; the policy need not know it.")
    surface: Surface = Field(default=Surface.CHAT, description="The endpoint. Default: chat/completions.")
    purpose: Sentence | None = Field(default=None, description="The purpose that the request states. Default: none.")
    consent: Sentence | None = Field(default=None, description="The reference to a consent that it carries. Default: none.")
    stream: StrictBool = Field(default=False, description="Whether it asks for a stream.")
    messages: Natural = Field(default=1, description="Its messages, items, prompts or inputs.")
    tools: Natural = Field(default=0, description="Its tools and functions.")
    bytes: Natural = Field(default=0, description="The size of its body.")
    max_tokens: Natural = Field(default=0, description="The most tokens of the answer; 0 where it says nothing.")
    helpers: tuple[ModelName, ...] = Field(
        default=(), description="Further models that it names for the backend to use. Default: none."
    )


class Grounding(Part):
    """Documents that ground answers, in the words of the policy."""

    collections: tuple[Collection, ...] | None = Field(default=None, description='All collections; ["*"] for every one.')
    labels: tuple[AccessLabel, ...] | None = Field(default=None, description="The labels that the caller may see, all of them.")
    passages: Natural | None = Field(default=None, description="The most passages for one answer.")
    tokens: Natural | None = Field(default=None, description="The most tokens that they have together.")
    when: Literal["asked", "always"] | None = Field(default=None, description="When answers are grounded.")
    otherwise: Literal["answer", "say_so"] | None = Field(default=None, alias="else", description="What if nothing fits.")


class LimitsAt(Limits):
    """The limits that are written at one place of the policy."""

    scope: str = Field(min_length=1, description="The place, such as tenants.bank or models.assistant.")


class Demanded(Part):
    """Obligations. For entity types `default` stands for those that the policy does not name."""

    request: Operators = Field(default={}, description="Operator for types of personal data in the request.")
    reply: Operators = Field(default={}, description="Operator for types that the model writes itself.")
    record: Operators = Field(default={}, description="Operator for types in the content that the record keeps.")
    knowledge: Operators = Field(default={}, description="Operator for types in documents.")
    grounding: Grounding | None = Field(
        default=None, description="Which documents ground answers, of which only what is written is compared; null: none."
    )
    restore: StrictBool | None = Field(default=None, description="Whether the caller gets the own values back.")
    store: DurationOrNone | None = Field(
        default=None, description="How long items of answers are kept for their caller: 12h, or none."
    )
    record_content: StrictBool | None = Field(default=None, description="Whether the record keeps redacted content.")
    record_originals: StrictBool | None = Field(default=None, description="Whether the record keeps originals, sealed.")
    retention_days: Natural | None = Field(default=None, description="Days that content is kept; null: for good.")
    deployments: tuple[Id, ...] | None = Field(
        default=None, description="Who may answer, all of them, preferred first; a canary is the last."
    )
    canary: Id | None = Field(default=None, description="The deployment on trial that may answer; null: none.")
    shadow: Id | None = Field(default=None, description="The deployment that may get a copy; null: none.")
    priority: Literal["high", "normal", "low"] | None = Field(default=None, description="Who goes first where some wait.")
    cache: CacheMode | None = Field(default=None, description="Who may be given a cached answer.")
    pseudonyms: PseudonymScope | None = Field(default=None, description="Where a value keeps its placeholder.")
    uninspected: tuple[ContentKind, ...] | None = Field(default=None, description="Content that is let through, all kinds.")
    system: tuple[str, ...] | None = Field(
        default=None, description="What is said before the caller, the organisation's first."
    )
    prefixes: tuple[tuple[str, ...], ...] | None = Field(default=None, description="How a caller has to begin, level by level.")
    limits: tuple[LimitsAt, ...] = Field(default=(), description="The limits of the places that are named, all of each place.")


class Expected(Part):
    """What policy has to say."""

    decision: Literal["allow", "deny"] | None = Field(default=None, description="allow or deny.")
    rule: str | None = Field(default=None, description="The rule that decided: its path in the policy file.")
    reason: str | None = Field(default=None, description="The reason in words, or a part of it.")
    rules: tuple[str, ...] | None = Field(default=None, description="The conditional rules that applied, all, in any order.")
    blocked: tuple[str, ...] | None = Field(
        default=None, description="Types among the findings for which the request is refused, all of them; [] for none."
    )
    obligations: Demanded = Field(default=Demanded(), description="What must be done with the exchange.")
    redacted: Text | None = Field(default=None, description="The text as a model would get it.")

    @model_validator(mode="after")
    def _something(self) -> Expected:
        if not self.model_fields_set:
            raise refuse("expects nothing", "write at least 'decision: allow' or 'decision: deny'")
        return self


class Case(Part):
    """One test."""

    name: Sentence = Field(description="What is tested, in words; each name once in a file.")
    principal: Annotated[Caller, BeforeValidator(_caller, json_schema_input_type=Caller | str)] = Field(
        description="Who asks: tenant/principal, or a mapping with team and roles."
    )
    request: Request = Field(description="What is asked.")
    findings: dict[str, Natural] | None = Field(
        default=None, description="How many findings of each type the request has. Default: none of any."
    )
    content: dict[Label, Score] = Field(
        default={}, description="What the request is about: a score from 0 to 1 for each label. Default: 0 for every label."
    )
    text: Text | None = Field(
        default=None, description="A text for the tenant's real detection, in place of findings; hashes need the key of tests."
    )
    expect: Expected = Field(description="What policy has to say; only what is written is compared.")

    @model_validator(mode="after")
    def _one_source(self) -> Case:
        if self.text is not None and self.findings is not None:
            raise refuse("findings beside text", "remove findings: they are looked for in the text")
        if self.text is not None and self.content:
            raise refuse("content beside text", "remove content: the text is judged by the tenant's classifier")
        if self.text is None and self.expect.redacted is not None:
            raise refuse("redacted without text", "add 'text:' with what is to be redacted")
        return self


class Suite(Part):
    """A file of tests."""

    policy: str = Field(min_length=1, description="The policy that is tested; a relative path starts at this file's folder.")
    tests: tuple[Case, ...] = Field(min_length=1, description="The tests.")


def suite_schema_text() -> str:
    """The content of `policies/policy_test.schema.json`, for editors."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Suite.model_json_schema()}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
