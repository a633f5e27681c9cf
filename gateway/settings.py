"""Process settings: where things are and how much of them there may be. What is *allowed* stands in the policy.

Every setting is read from the environment as `GATEWAY_<NAME>`; the CLI passes its options the same way.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Frozen; made once at start."""

    model_config = SettingsConfigDict(env_prefix="GATEWAY_", frozen=True, extra="ignore", hide_input_in_errors=True)

    policy: Path = Field(default=Path("policies/demo.yaml"), description="The policy file in force; reloaded when it changes.")
    state_dir: Path = Field(default=Path(".state"), description="Where keys, the gateway's secret and the record are kept.")
    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8080, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    admin_port: int | None = Field(
        default=None, ge=0, le=65535, description="A port of its own for the admin API. Default: under /admin on the same port."
    )
    max_body_bytes: int = Field(default=8 * 1024 * 1024, gt=0, description="Largest request body, in bytes.")
    body_timeout_s: float = Field(default=30.0, gt=0, description="Seconds a client may take to send its body.")
    detection_timeout_s: float = Field(default=30.0, gt=0, description="Seconds that finding personal data may take.")
    detection_threads: int = Field(default=3, gt=0, description="Threads that look for personal data.")
    detection_backlog: int = Field(default=64, gt=0, description="Requests of one tenant in detection; more are refused.")
    detection_cache_mb: int = Field(default=64, ge=0, description="Memory for what was found in known texts, in MiB; 0: none.")
    redis_url: SecretStr | None = Field(
        default=None, description="Where limits are counted for several processes: redis:// or rediss://. Default: in each."
    )
    audit_origin: str = Field(
        default="privacy-gateway/audit",
        pattern=r"^[!-*,-~]{1,200}$",
        description="Name of this log in its checkpoints, as a URL without scheme; used when its signing key is made.",
    )
    audit_checkpoint_s: float = Field(default=60.0, gt=0, description="Seconds after which new entries are signed.")
    audit_checkpoint_entries: int = Field(default=1_000, gt=0, description="Entries after which they are signed earlier.")
    drain_timeout_s: int = Field(default=30, ge=0, description="Seconds that open exchanges get to finish at shutdown.")

    @property
    def audit_path(self) -> Path:
        return self.state_dir / "audit.sqlite"

    @property
    def audit_key_path(self) -> Path:
        return self.state_dir / "audit.key"

    @property
    def keys_path(self) -> Path:
        return self.state_dir / "keys.sqlite"

    @property
    def secret_path(self) -> Path:
        return self.state_dir / "gateway.secret"
