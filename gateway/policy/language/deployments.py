"""The backends, as the policy file writes them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ModelWrapValidatorHandler, StrictBool, StringConstraints, model_validator

from gateway.policy.language.part import Part, refuse
from gateway.policy.language.words import Concurrent, Label, ModelName, Money, Seconds

ServerName: TypeAlias = Literal["openai", "vllm", "sglang", "tgi", "ollama", "llama.cpp", "xinference", "localai"]
PrefixCache: TypeAlias = Literal["tenant", "shared"]
ProviderName: TypeAlias = Literal["anthropic", "bedrock", "gemini"]
Version: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,100}$")]
Digest: TypeAlias = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
HealthPath: TypeAlias = Annotated[str, StringConstraints(pattern=r"^/[A-Za-z0-9._~/-]{0,200}$")]

_ADDRESSES: Mapping[ProviderName, str] = MappingProxyType(
    {"anthropic": "https://api.anthropic.com", "gemini": "https://generativelanguage.googleapis.com/v1beta"}
)
"""Of providers that have one; Bedrock's depends on the region."""


_SALTING: frozenset[ServerName] = frozenset({"vllm", "sglang"})
"""Servers whose cache of prompts' beginnings can be kept apart by tenant."""

_SCHEMES = frozenset({"http", "https", "fhe", "fhes"})
_SEALED_SCHEMES = frozenset({"fhe", "fhes"})


def _bare_url(url: str) -> str:
    """Only scheme, host, port and path: a key in the userinfo or query would be a secret written into the policy."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise refuse("not a URL", "write it as http://host:port/v1") from None
    if parts.scheme not in _SCHEMES or not parts.hostname or not url.isprintable() or " " in url:
        raise refuse("not an http(s) URL", "write it as http://host:port/v1")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise refuse("a base_url holds no credentials, query or fragment", "put the backend's key into api_key")
    return url.rstrip("/")


BaseUrl: TypeAlias = Annotated[str, AfterValidator(_bare_url), Field(json_schema_extra={"format": "uri"})]
AnswerTokens: TypeAlias = Annotated[int, Field(strict=True, ge=1, le=100_000)]


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


_SEALED_TIMEOUTS = Timeouts(first_byte_s=3600.0, between_bytes_s=120.0, total_s=3600.0)


class Tls(Part):
    """How a backend and the gateway know each other. Files are PEM; a relative path starts at the policy file's folder."""

    ca_file: Path | None = Field(
        default=None, description="The only authorities that the backend's certificate may come from. Default: the system's."
    )
    cert_file: Path | None = Field(default=None, description="The certificate that the gateway shows to the backend.")
    key_file: Path | None = Field(default=None, description="Its key, without a password. Default: it stands in cert_file.")


class Deployment(Part):
    """One served instance of a model."""

    protocol: Literal["openai", "litellm", "fhe"] = Field(
        default="openai",
        description="What it speaks: openai, a provider's own protocol, translated by litellm, or fhe, which is ciphertexts.",
    )
    base_url: BaseUrl | None = Field(
        default=None,
        description="Where the backend serves the OpenAI API, with its /v1; a provider's has a default. fhes://host:port, or "
        "fhe:// without TLS, with protocol: fhe.",
    )
    server: ServerName = Field(
        default="openai", description="Which server it is, so that its own ways are allowed for; openai: none known here."
    )
    provider: ProviderName | None = Field(default=None, description="Whose protocol it speaks, with protocol: litellm.")
    model: ModelName | None = Field(default=None, description="The name the backend knows; default: the model's name.")
    api_key: SecretRef | None = Field(default=None, description="The backend's key; leave it out if it needs none.")
    external: StrictBool | None = Field(
        default=None,
        description="true: what is sent there leaves the premises, which a route must allow. Default: true for a provider.",
    )
    timeouts: Timeouts = Field(default_factory=Timeouts, description="How long to wait for this backend.")
    tls: Tls | None = Field(default=None, description="Whose certificates count, where it is not the system that says.")
    connections: Concurrent = Field(
        default=1024, description="The most connections to it at once; who needs more waits in the queue."
    )
    concurrent: Concurrent | None = Field(
        default=None, description="The most exchanges that it should have at once; more are sent elsewhere, or wait."
    )
    health_path: HealthPath | None = Field(
        default=None, description="A path on its host that answers 200 when it is well. Default: the server's own."
    )
    prefix_cache: PrefixCache = Field(
        default="tenant",
        description="What it has computed of prompts' beginnings is used again for the same tenant only, where the server can; "
        "shared: for all, who can then tell by its times what others sent.",
    )
    region: Label | None = Field(default=None, description="Where it stands, in small letters; a route may demand it.")
    labels: tuple[Label, ...] = Field(default=(), description="What else is true of it; a route may demand that too.")
    version: Version | None = Field(default=None, description="The version of the model that is served, for the record.")
    digest: Digest | None = Field(default=None, description="The digest of its weights, for the record: sha256:...")
    price_per_hour: Money | None = Field(
        default=None, description="What its hardware costs for an hour, in the policy's currency, for reports."
    )
    tokenizer: Path | None = Field(
        default=None,
        description="A tokenizer.json, to count tokens where the backend is silent; from the policy's folder.",
    )
    client_file: Path | None = Field(
        default=None,
        description="With protocol: fhe, the model without its matrices, as gateway fhe client-part makes it; from the "
        "policy's folder.",
    )
    most_tokens: AnswerTokens | None = Field(
        default=None, description="With protocol: fhe, the most tokens of an answer, which take seconds each. Default: 256."
    )
    sidecars: StrictBool = Field(
        default=False,
        description="With protocol: fhe, true: callers may hold the key themselves (gateway fhe client). What they say then "
        "passes through unread, and nothing looks for personal data here.",
    )

    @property
    def address(self) -> str | None:
        """Where it is: what is written, or the provider's own."""
        return self.base_url or (None if self.provider is None else _ADDRESSES.get(self.provider))

    @property
    def patience(self) -> Timeouts:
        """How long to wait: what is written, and else longer for what computes on ciphertexts."""
        return _SEALED_TIMEOUTS if self.protocol == "fhe" and "timeouts" not in self.model_fields_set else self.timeouts

    @property
    def leaves_the_premises(self) -> bool:
        return self.protocol == "litellm" if self.external is None else self.external

    @model_validator(mode="after")
    def _fits_its_protocol(self) -> Deployment:
        match self.protocol:
            case "openai":
                self._speaks_openai()
            case "litellm":
                self._has_a_provider()
            case "fhe":
                self._computes_on_ciphertexts()
        if self.protocol != "fhe":
            self._speaks_in_clear()
        if "prefix_cache" in self.model_fields_set and self.server not in _SALTING:
            fix = "remove prefix_cache, or write server: vllm or sglang"
            raise refuse("nobody knows how this server would keep tenants' prompts apart", fix)
        if self.tls is not None and self.tls.key_file is not None and self.tls.cert_file is None:
            raise refuse("a key without its certificate", "add cert_file to tls")
        return self

    def _speaks_openai(self) -> None:
        if self.base_url is None:
            raise refuse("a deployment needs the address of its backend", "add base_url: http://host:port/v1")
        if self.provider is not None:
            raise refuse("a provider is named for another protocol", "add protocol: litellm, or remove provider")

    def _has_a_provider(self) -> None:
        if self.provider is None or self.model is None:
            raise refuse("litellm needs to know whose model it is, and which", "add provider and model")
        if self.api_key is None:
            raise refuse("a provider wants a key, and none is taken from the environment unasked", "add api_key: {env: NAME}")
        if self.address is None:
            raise refuse("this provider's address depends on the region", "add base_url")
        if self.external is False and self.base_url is None:
            raise refuse("a provider's own address is off the premises", "remove external: false, or add the private base_url")
        self._is_no_server()

    def _computes_on_ciphertexts(self) -> None:
        url = urlsplit(self.base_url or "")
        if url.scheme not in _SEALED_SCHEMES or url.path:
            raise refuse("an encrypted endpoint needs its address", "add base_url: fhes://host:port, or fhe:// without TLS")
        if self.client_file is None:
            raise refuse("the client's part of the model is missing", "add client_file, which gateway fhe client-part makes")
        if url.scheme == "fhe" and self.tls is not None:
            raise refuse("certificates are for a line with TLS", "write fhes:// in base_url, or remove tls")
        if self.provider is not None:
            raise refuse("a provider is named for another protocol", "add protocol: litellm, or remove provider")
        self._is_no_server()

    def _speaks_in_clear(self) -> None:
        if self.client_file is not None or self.most_tokens is not None:
            raise refuse("client_file and most_tokens are for an encrypted endpoint", "add protocol: fhe, or remove them")
        if self.sidecars:
            raise refuse("only an encrypted endpoint takes what nobody can read", "add protocol: fhe, or remove sidecars")
        if urlsplit(self.base_url or "").scheme in _SEALED_SCHEMES:
            raise refuse("this is the address of an encrypted endpoint", "add protocol: fhe, or write http(s)://host:port/v1")

    def _is_no_server(self) -> None:
        if self.server != "openai" or self.health_path is not None:
            raise refuse("server and health_path are for protocol: openai", "remove them")
