"""Process settings: where things are and how much of them there may be. What is *allowed* stands in the policy.

Every setting is read from the environment as `GATEWAY_<NAME>`; the CLI passes its options the same way.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

_TRACESTATE_KEY = r"(?:[a-z][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13})"
_ORIGIN = r"[a-z][a-z0-9+.-]*://(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?"

_SECRETS = Path("/run/secrets")
"""Where containers find their secrets as files: one named `gateway_redis_url` is as good as the variable."""


class Settings(BaseSettings):
    """Frozen; made once at start."""

    model_config = SettingsConfigDict(
        env_prefix="GATEWAY_",
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,
        secrets_dir=_SECRETS if _SECRETS.is_dir() else None,
    )

    policy: Path = Field(default=Path("policies/demo.yaml"), description="The policy file in force; reloaded when it changes.")
    state_dir: Path = Field(default=Path(".state"), description="Where keys, the gateway's secret and the record are kept.")
    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8080, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    workers: int = Field(default=1, ge=1, le=256, description="Processes that serve together; more than one need a Redis.")
    admin_port: int | None = Field(
        default=None, ge=0, le=65535, description="A port of its own for the admin API. Default: under /admin on the same port."
    )
    max_body_bytes: int = Field(default=8 * 1024 * 1024, gt=0, description="Largest request body, in bytes.")
    body_timeout_s: float = Field(default=30.0, gt=0, description="Seconds a client may take to send its body.")
    detection_timeout_s: float = Field(default=30.0, gt=0, description="Seconds that finding personal data may take.")
    detection_threads: int = Field(default=3, gt=0, description="Threads that look for personal data.")
    detection_backlog_chars: int = Field(
        default=16_000_000, gt=0, description="Characters of one tenant that may wait for detection; more are refused."
    )
    detection_cache_mb: int = Field(default=64, ge=0, description="Memory for what was found in known texts, in MiB; 0: none.")
    detection_cache_redis_chars: int = Field(
        default=2_000, ge=0, description="Texts of so many characters are remembered on Redis too, if there is one; 0: none."
    )
    cache_mb: int = Field(default=64, ge=0, description="Memory for cached answers where there is no Redis, in MiB; 0: none.")
    cache_paced: bool = Field(default=False, description="Give cached streams out with the pauses in which they came.")
    embeddings_url: str | None = Field(
        default=None,
        description="A backend's /v1/embeddings for the semantic cache, sent redacted texts. Default: a model in this process.",
    )
    embeddings_model: str = Field(default="embeddings", description="Name of the model at embeddings_url.")
    embeddings_key: SecretStr | None = Field(default=None, description="API key for embeddings_url.")
    embeddings_near: float = Field(
        default=0.9, ge=0, le=1, description="Least cosine of two wordings of one question, behind the semantic cache's gates."
    )
    redis_url: SecretStr | None = Field(
        default=None, description="Where several processes count limits and share cached answers: redis://. Default: in each."
    )
    redis_prefix: str = Field(
        default="gateway", pattern=r"^[A-Za-z0-9._:-]{1,64}$", description="What every name in Redis begins with."
    )
    redis_ca_file: Path | None = Field(
        default=None, description="Certificates of who certifies Redis, for rediss://. Default: the system's."
    )
    redis_connections: int = Field(default=32, gt=0, description="Connections to Redis at most, for each of its uses.")
    redis_timeout_s: float = Field(default=1.0, gt=0, description="Seconds that limits may take on Redis, in all.")
    database_url: SecretStr | None = Field(
        default=None, description="Where the record is kept: postgresql://user@host/name. Default: in the state folder."
    )
    audit_origin: str = Field(
        default="privacy-gateway/audit",
        pattern=r"^[!-*,-~]{1,200}$",
        description="Name of this log in its checkpoints, as a URL without scheme; used when its signing key is made.",
    )
    audit_checkpoint_s: float = Field(default=60.0, gt=0, description="Seconds after which new entries are signed.")
    audit_checkpoint_entries: int = Field(default=1_000, gt=0, description="Entries after which they are signed earlier.")
    master_key_file: Path | None = Field(
        default=None,
        description="File of the key that tenants' keys are wrapped with. Default: master.key in the state folder.",
    )
    vault_url: str | None = Field(
        default=None, description="A HashiCorp Vault or OpenBao whose transit engine wraps tenants' keys. Default: a file does."
    )
    vault_mount: str = Field(default="transit", description="Where the transit engine is mounted.")
    vault_key: str = Field(default="privacy-gateway", description="Name of the key in the transit engine.")
    vault_namespace: str | None = Field(default=None, description="Namespace in the Vault.")
    vault_token_file: Path | None = Field(
        default=None, description="File with the token for the Vault, read at each use. Default: the variable VAULT_TOKEN."
    )
    vault_timeout_s: float = Field(default=5.0, gt=0, description="Seconds that the Vault may take to answer.")
    break_glass_minutes: int = Field(
        default=30, ge=1, le=1_440, description="Minutes that an officer may see originals, from when another one agreed."
    )
    price_list: Path | None = Field(
        default=None, description="List of public prices that the explorer's dashboard compares with. Default: the one we ship."
    )
    queue_length: int = Field(default=256, ge=0, description="Requests that may wait at once for a free place at a backend.")
    health_interval_s: float = Field(default=5.0, ge=0, description="Seconds between two looks at every backend; 0: none.")
    head_timeout_s: float = Field(default=30.0, gt=0, description="Seconds in which a request's head has to arrive.")
    stalled_client_s: float = Field(default=60.0, gt=0, description="Seconds that a client may stop reading its answer.")
    heartbeat_s: float = Field(default=15.0, gt=0, description="Seconds of silence after which an open stream gets a comment.")
    max_connections: int | None = Field(
        default=None, gt=0, description="Connections and requests at once in each process; more are refused. Default: no bound."
    )
    drain_notice_s: float = Field(
        default=1.0, ge=0, description="Seconds between readiness going and the last connection being taken, at SIGTERM."
    )
    drain_timeout_s: int = Field(default=30, ge=0, description="Seconds that open exchanges get to finish at shutdown.")
    access_log: Literal["off", "stdout", "stderr"] = Field(
        default="off", description="Where lines about who called are written, as JSON: off, stdout or stderr."
    )
    access_log_peer: bool = Field(default=False, description="Whether the access log names the caller's IP address.")
    decision_log: Literal["off", "stdout", "stderr"] = Field(
        default="off", description="Where lines about what was decided, and why, are written, as JSON: off, stdout or stderr."
    )
    tracestate_keys: str = Field(
        default="",
        pattern=rf"^({_TRACESTATE_KEY}(,{_TRACESTATE_KEY})*)?$",
        description="Members of a caller's tracestate that are passed on, by key, with commas. Default: none.",
    )
    cors_origins: str = Field(
        default="",
        pattern=rf"^({_ORIGIN}(,{_ORIGIN})*)?$",
        description="Origins whose pages may call /v1 from a browser: https://app.example, with commas. Default: none.",
    )

    @property
    def audit_path(self) -> Path:
        return self.state_dir / "audit.sqlite"

    def database(self) -> str:
        """The URL of the database; it may hold a password."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.audit_path.absolute()}"

    @property
    def audit_key_path(self) -> Path:
        return self.state_dir / "audit.key"

    @property
    def keys_path(self) -> Path:
        return self.state_dir / "keys.sqlite"

    @property
    def master_key_path(self) -> Path:
        return self.master_key_file or self.state_dir / "master.key"

    @property
    def secret_path(self) -> Path:
        return self.state_dir / "gateway.secret"
