"""The policy file as frozen pydantic models, and as a JSON Schema for editors.

Two defaults carry the promise: what is not listed is denied (no model, no principal, no restoration, no uninspected
content), and what is not named is redacted (`default: placeholder`). Whoever wants less protection writes it down.
"""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StrictBool, StringConstraints

from gateway.policy.language.deployments import Deployment
from gateway.policy.language.detection import Detection
from gateway.policy.language.identity import Identity
from gateway.policy.language.models import Model
from gateway.policy.language.part import Part
from gateway.policy.language.scope import Scope
from gateway.policy.language.sensitivity import Sensitivity
from gateway.policy.language.words import Id, ModelName, Sentence


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
    sensitivity: Sensitivity = Field(
        default_factory=Sensitivity,
        description="By which classifier its requests are judged, where a rule asks what they are about.",
    )
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
