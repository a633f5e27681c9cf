"""The backends, as the policy file writes them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ModelWrapValidatorHandler, StringConstraints, model_validator

from gateway.policy.language.part import Part, refuse
from gateway.policy.language.words import Label, ModelName, Seconds


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
