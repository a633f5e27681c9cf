"""Proxies that look for patterns only: one worker each, set up by what their documentation says to redact and to restore.

They are the cheapest peers there are. maskflow-gateway has lists of names besides; none of them knows Chinese.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.systems import Service, System, free_port

BIN = Path("bench/.venv-pattern-peers/bin").absolute()
PACKAGES = ("llm-redact-proxy", "maskflow-gateway", "cloakwall")


def pattern_peers(folder: Path, *, backend: str) -> tuple[System, ...]:
    """To be started; what they write is in `folder`."""
    folder.mkdir(exist_ok=True)
    return _llm_redact(folder, backend), _maskflow(folder, backend), _cloakwall(folder, backend)


def _llm_redact(folder: Path, backend: str) -> System:
    """Detection and restoring are on as it comes. Its address of a backend is without /v1."""
    port, config = free_port(), folder / "llm-redact.toml"
    config.write_text(f'port = {port}\n[providers.openai]\nupstream_base_url = "{backend.removesuffix("/v1")}"\n')
    command = [str(BIN / "llm-redact"), "serve", "--config", str(config)]
    environ = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    return _system("llm-redact-proxy", folder, port, command, probe="/__llm-redact/healthz", environ=environ)


def _maskflow(folder: Path, backend: str) -> System:
    """Without its pass of spaCy, which is off as it comes."""
    port = free_port()
    command = [str(BIN / "maskflow-gateway"), "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    return _system(
        "maskflow-gateway", folder, port, command, probe="/healthz", environ={"MASKFLOW_GATEWAY_OPENAI_BASE_URL": backend}
    )


def _cloakwall(folder: Path, backend: str) -> System:
    """With `--restore`; its record goes into a file."""
    port = free_port()
    record = str(folder / "cloakwall-audit.log")
    command = [str(BIN / "cloakwall"), "serve", "--upstream", backend, "--restore", "--port", str(port), "--audit-path", record]
    return _system("cloakwall", folder, port, command, probe="/cloakwall/health", environ={})


def _system(name: str, folder: Path, port: int, command: Sequence[str], *, probe: str, environ: Mapping[str, str]) -> System:
    base = f"http://127.0.0.1:{port}"
    service = Service(
        name=name,
        command=command,
        probe=f"{base}{probe}",
        log=folder / f"{name}.log",
        environ={"NO_PROXY": "127.0.0.1", "HTTPS_PROXY": "http://127.0.0.1:9", **environ},
    )
    return System(name=name, base_url=f"{base}/v1", services=(service,), redacts=True)
