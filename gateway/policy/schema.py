"""The policy file as frozen pydantic models, and as a JSON Schema for editors.

Two defaults carry the promise: what is not listed is denied (no model, no principal, no restoration, no uninspected
content), and what is not named is redacted (`default: placeholder`). Whoever wants less protection writes it down.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal, TypeAlias
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ModelWrapValidatorHandler,
    StrictBool,
    StringConstraints,
    model_validator,
)

from gateway.obligations import OperatorKind
from gateway.policy.detection import Detection
from gateway.policy.part import Part, refuse
from gateway.protocol.wire import ContentKind, Surface

DEFAULT = "default"

Id: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,127}$")]
ModelName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[^\s\x00-\x1f]{1,200}$")]
Seconds: TypeAlias = Annotated[float, Field(strict=True, gt=0, le=86_400, allow_inf_nan=False)]


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


def _irreversible(value: object) -> object:
    if value in (OperatorKind.PLACEHOLDER, OperatorKind.SURROGATE):
        raise refuse(
            f"operator '{value}' makes no sense in a reply: nobody could restore it",
            "use one of keep, mask, hash, drop, block",
        )
    return value


BaseUrl: TypeAlias = Annotated[str, AfterValidator(_bare_url), Field(json_schema_extra={"format": "uri"})]
ReplyOperator: TypeAlias = Annotated[
    Literal[OperatorKind.KEEP, OperatorKind.MASK, OperatorKind.HASH, OperatorKind.DROP, OperatorKind.BLOCK],
    BeforeValidator(_irreversible),
]


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
    timeouts: Timeouts = Field(default=Timeouts(), description="How long to wait for this backend.")


class Model(Part):
    """A name that clients ask for."""

    deployments: tuple[Id, ...] = Field(min_length=1, description="The deployments that serve it, preferred first.")
    surfaces: tuple[Surface, ...] | None = Field(
        default=None, min_length=1, description="The endpoints it is served on; default: all."
    )


class Reply(Part):
    """What is done with the answer on its way to the caller."""

    restore: StrictBool = Field(
        default=False, description="Put the caller's own values back in place of placeholders and surrogates."
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

    content: Literal["none", "redacted"] = Field(
        default="none", description="Keep no content, or the redacted request and reply. Never the originals."
    )


class PrincipalRules(Part):
    """A caller inside a tenant. It may have less than its tenant, never more."""

    models: tuple[ModelName, ...] | None = Field(
        default=None, description="Of the tenant's models, those for this principal; default: all of them."
    )
    restore: StrictBool | None = Field(
        default=None, description="false: this principal sees placeholders. Default: as the tenant's reply says."
    )


class Tenant(Part):
    """An isolation boundary: nothing of one tenant ever reaches another."""

    models: tuple[ModelName, ...] = Field(default=(), description="Models its principals may use; default: none.")
    entities: dict[str, OperatorKind] = Field(
        default={},
        description="Operator for each type of personal data in requests; `default` is for types that are not named "
        "(placeholder, unless you write another).",
    )
    detection: Detection = Field(default=Detection(), description="How its texts are read.")
    reply: Reply = Field(default=Reply(), description="What is done with answers.")
    record: Record = Field(default=Record(), description="What the record keeps of an exchange.")
    allow_uninspected: tuple[ContentKind, ...] = Field(
        default=(), description="Kinds of content let through although nothing can look inside; default: none."
    )
    principals: dict[Id, PrincipalRules] = Field(
        default={}, description="The callers, by id; a virtual key is issued to one of them."
    )


class Policy(Part):
    """What is allowed to whom, and what must then be done. What is not written here is denied."""

    version: Literal[1] = Field(description="Version of this file's form: 1.")
    deployments: dict[Id, Deployment] = Field(description="The backends, by id.")
    models: dict[ModelName, Model] = Field(description="The names that clients may ask for.")
    tenants: dict[Id, Tenant] = Field(description="The tenants, by id.")
    anonymous: Annotated[str, StringConstraints(pattern=r"^[^/\s]+/[^/\s]+$")] | None = Field(
        default=None, description="tenant/principal for callers without a key. Without this line they are refused."
    )


def json_schema_text() -> str:
    """The content of `policies/policy.schema.json`, for editors."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Policy.model_json_schema()}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
