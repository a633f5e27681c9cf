"""Who is measured: the gateway without a cache, with one in memory and one on Redis, and LiteLLM without and with its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from bench.gateways import REDACT, gateway
from bench.peers.litellm import BIN, litellm
from bench.systems import System

_BEFORE = "    principals:"
_CACHED = "    cache: {share: tenant, when: always}\n"


def contestants(folder: Path, backend: str, redis_port: int) -> Iterator[System]:
    """To be started. LiteLLM only where `make bench-peers` has installed it."""
    redis = {"GATEWAY_REDIS_URL": f"redis://127.0.0.1:{redis_port}/0"}
    yield gateway("no cache", folder / "none", backend=backend, entities=REDACT)
    for name, environ in (("in memory", {}), ("on Redis", redis)):
        made = gateway(name, folder / name.replace(" ", "-"), backend=backend, entities=REDACT, environ=environ)
        _with_cache(folder / name.replace(" ", "-") / "policy.yaml")
        yield made
    if (BIN / "litellm").exists():
        yield litellm("LiteLLM, no cache", folder / "litellm", backend=backend)
        made = litellm("LiteLLM, on Redis", folder / "litellm-redis", backend=backend)
        _with_litellms_cache(folder / "litellm-redis" / "litellm-0.yaml", redis_port)
        yield made


def _with_cache(policy: Path) -> None:
    policy.write_text(policy.read_text().replace(_BEFORE, _CACHED + _BEFORE))


def _with_litellms_cache(path: Path, port: int) -> None:
    """Exact matches, as its documentation sets them up. It needs no `no-cache` and no temperature."""
    config = json.loads(path.read_text())
    where = {"type": "redis", "host": "127.0.0.1", "port": port, "ttl": 600}
    config["litellm_settings"] |= {"cache": True, "cache_params": where}
    path.write_text(json.dumps(config))
