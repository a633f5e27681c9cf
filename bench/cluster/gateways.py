"""Gateways as on machines of their own: each with a state folder, all with the same three keys, one Redis and one Postgres."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from pydantic import SecretStr

from bench.cluster.server import Server
from bench.systems import free_port
from gateway.audit.signing import KeyFile
from gateway.cli.keys.store import opened_keys
from gateway.identity.pepper import load_pepper
from gateway.identity.virtual_keys import mint
from gateway.keys.master import open_master
from gateway.settings import Settings

_SHARED = ("gateway.secret", "master.key", "audit.key")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What all of them use."""

    folder: Path
    policy: Path
    redis_url: str
    database_url: str
    environ: Mapping[str, str] = field(default_factory=dict)

    def variables(self) -> dict[str, str]:
        urls = {"GATEWAY_REDIS_URL": self.redis_url, "GATEWAY_DATABASE_URL": self.database_url}
        return {**urls, "GATEWAY_POLICY": str(self.policy), "PYTHONWARNINGS": "ignore", **self.environ}

    def provide(self) -> None:
        """Make the keys that every machine gets a copy of, as one does before the first start."""
        settings = self.settings("0")
        load_pepper(settings.secret_path, {})
        open_master(settings, {})
        KeyFile(settings.audit_key_path, settings.audit_origin).load()

    def issue(self, tenant: str, principal: str) -> str:
        """A new key, as `gateway keys issue` makes it on any of the machines."""
        settings = self.settings("0")
        new = mint(load_pepper(settings.secret_path, {}), tenant=tenant, principal=principal, now=datetime.now(UTC))
        with opened_keys(settings) as keys:
            keys.add(new.record)
        return new.plaintext

    def settings(self, name: str) -> Settings:
        """Those of the machine with this name."""
        return Settings(state_dir=self.folder / f"state-{name}", database_url=SecretStr(self.database_url), policy=self.policy)

    def machine(self, name: str, *, workers: int = 1) -> Server:
        """A gateway, not started yet, with copies of the keys that `provide` made."""
        state = self.settings(name).state_dir
        state.mkdir(mode=0o700, exist_ok=True)
        for secret in _SHARED:
            if not (state / secret).exists():
                shutil.copy(self.settings("0").state_dir / secret, state / secret)
        port = free_port()
        return Server(
            name=f"gateway-{name}",
            command=[sys.executable, "-m", "gateway", "serve", "--port", str(port), "--workers", str(workers)],
            answers=lambda: ready(port),
            log=self.folder / f"gateway-{name}.log",
            environ={**self._variables(), "GATEWAY_STATE_DIR": str(state)},
        )

    def _variables(self) -> dict[str, str]:
        urls = {"GATEWAY_REDIS_URL": self.redis_url, "GATEWAY_DATABASE_URL": self.database_url}
        return {**urls, "GATEWAY_POLICY": str(self.policy), "PYTHONWARNINGS": "ignore", **self.environ}


def port_of(gateway: Server) -> int:
    return int(gateway.command[list(gateway.command).index("--port") + 1])


def ready(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False
