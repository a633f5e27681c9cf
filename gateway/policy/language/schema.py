"""The policy file as frozen pydantic models, and as a JSON Schema for editors.

Two defaults carry the promise: what is not listed is denied (no model, no principal, no restoration, no uninspected
content), and what is not named is redacted (`default: placeholder`). Whoever wants less protection writes it down.
"""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ModelWrapValidatorHandler, StrictBool, StringConstraints, model_validator

from gateway.policy.language.detection import Detection
from gateway.policy.language.identity import Identity
from gateway.policy.language.part import Part, refuse
from gateway.policy.language.scope import Limits, Scope
from gateway.policy.language.words import Id, Label, ModelName, Money, Seconds, Sentence
from gateway.protocol.wire import Surface


def _bare_url(url: str) -> str:
    """Only scheme, host, port and path: a key in the userinfo or query would be a secret written into the policy."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise refuse("not a URL", "write it as http://host:port/v1") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or not url.isprintable() or " " in url:
        raise refuse("not an http(s) URL", "write it as http://host:port/v1")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise refuse("a base_url holds no credentials, query or fragment", "put the backend's key into api_key")
    return url.rstrip("/")


BaseUrl: TypeAlias = Annotated[str, AfterValidator(_bare_url), Field(json_schema_extra={"format": "uri"})]


class SecretRef(Part):
    """Where a secret is read from when the gateway starts. The secret itself is never written here."""

    env: Annotated[str, StringConstraints(pattern=r"^[A-Z_][A-Z0-9_]*$")] | None = Field(
        default=None, description="Name of the environment variable that holds the secret, in capitals."
    )
    file: Path | None = Field(
        default=None, description="File that holds the secret; a relative path starts at the policy file's folder."
    )

    @model_validator(mode="wrap")
    @classmethod
    def _exactly_one(cls, value: object, handler: ModelWrapValidatorHandler[SecretRef]) -> SecretRef:
        fix = "write {env: NAME} or {file: /path}, and change the key if a real one was written here"
        if not isinstance(value, dict | SecretRef):
            raise refuse("a key is never written into the policy", fix)
        ref = handler(value)
        if (ref.env is None) == (ref.file is None):
            raise refuse("name one place for the key: an environment variable or a file", fix)
        return ref


class Timeouts(Part):
    """How long the gateway waits for a backend, in seconds."""

    connect_s: Seconds = Field(default=5.0, description="Until the connection stands.")
    first_byte_s: Seconds = Field(default=120.0, description="From the request to the first byte of the answer.")
    between_bytes_s: Seconds = Field(default=60.0, description="Between two pieces of a streamed answer.")
    total_s: Seconds = Field(default=600.0, description="For the whole exchange.")


class Deployment(Part):
    """One served instance of a model, reached over the OpenAI protocol."""

    base_url: BaseUrl = Field(description="Where the backend serves the OpenAI API, with its /v1.")
    model: ModelName | None = Field(default=None, description="The name the backend knows; default: the model's name.")
    api_key: SecretRef | None = Field(default=None, description="The backend's key; leave it out if it needs none.")
    timeouts: Timeouts = Field(default_factory=Timeouts, description="How long to wait for this backend.")
    region: Label | None = Field(default=None, description="Where it stands, in small letters; a route may demand it.")
    labels: tuple[Label, ...] = Field(default=(), description="What else is true of it; a route may demand that too.")


class Price(Part):
    """In the policy's currency, for a million tokens."""

    input: Money = Field(default=0.0, description="For a million tokens of the request.")
    output: Money = Field(default=0.0, description="For a million tokens of the answer.")


class Model(Part):
    """A name that clients ask for."""

    deployments: tuple[Id, ...] = Field(min_length=1, description="The deployments that serve it, preferred first.")
    surfaces: tuple[Surface, ...] | None = Field(
        default=None, min_length=1, description="The endpoints it is served on; default: all."
    )
    price: Price = Field(default_factory=Price, description="What its tokens cost, for limits on spending.")
    limits: Limits = Field(default_factory=Limits, description="How much of it there may be for everybody together.")


class Basis(StrEnum):
    """A lawful basis: GDPR Art. 6(1) and, with the last four, PIPL Art. 13."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    VITAL_INTERESTS = "vital_interests"
    PUBLIC_TASK = "public_task"
    LEGITIMATE_INTERESTS = "legitimate_interests"
    HR_MANAGEMENT = "hr_management"
    PUBLIC_HEALTH = "public_health"
    NEWS_REPORTING = "news_reporting"
    DISCLOSED_DATA = "disclosed_data"


class Purpose(Part):
    """What personal data is processed for."""

    basis: Basis = Field(description="The lawful basis of this purpose.")
    description: Sentence | None = Field(default=None, description="The purpose in words, for records and reports.")
    consent: Literal["required", "none"] | None = Field(
        default=None,
        description="Whether a request has to carry a reference to a consent. Default: required where the basis is consent.",
    )

    @property
    def needs_consent(self) -> bool:
        return self.consent == "required" or (self.consent is None and self.basis is Basis.CONSENT)


class Member(Scope):
    """A caller inside a tenant."""


class Team(Scope):
    """Principals of one tenant who share rules and limits."""

    open: StrictBool = Field(
        default=False, description="true: callers whom an identity provider puts into this team need not be listed."
    )
    principals: dict[Id, Member] = Field(default={}, description="Its members, by id.")


class Tenant(Scope):
    """An isolation boundary: nothing of one tenant ever reaches another."""

    detection: Detection = Field(default_factory=Detection, description="How its texts are read.")
    open: StrictBool = Field(
        default=False, description="true: callers whom an identity provider puts into this tenant need not be listed."
    )
    teams: dict[Id, Team] = Field(default={}, description="Its teams, by id.")
    principals: dict[Id, Member] = Field(
        default={}, description="The callers outside of teams, by id; a virtual key is issued to one of them."
    )


class Policy(Part):
    """What is allowed to whom, and what must then be done. What is not written here is denied."""

    version: Literal[1] = Field(description="Version of this file's form: 1.")
    deployments: dict[Id, Deployment] = Field(description="The backends, by id.")
    models: dict[ModelName, Model] = Field(description="The names that clients may ask for.")
    purposes: dict[Id, Purpose] = Field(default={}, description="What data may be processed for, by id.")
    organisation: Scope = Field(default_factory=Scope, description="What holds for every tenant.")
    tenants: dict[Id, Tenant] = Field(description="The tenants, by id.")
    identity: Identity = Field(
        default_factory=Identity, description="Who may call besides holders of virtual keys; who may administer and audit."
    )
    anonymous: Annotated[str, StringConstraints(pattern=r"^[^/\s]+/[^/\s]+$")] | None = Field(
        default=None, description="tenant/principal for callers without a key. Without this line they are refused."
    )


def json_schema_text() -> str:
    """The content of `policies/policy.schema.json`, for editors."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Policy.model_json_schema()}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
