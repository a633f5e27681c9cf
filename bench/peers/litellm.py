"""The LiteLLM proxy, alone and with the Presidio guardrail: one worker each, no database, no telemetry, nothing remote."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from bench.systems import Service, System, free_port

BIN = Path("bench/.venv-peers/bin")
_KEY = "sk-bench"
_QUIET = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_MODE": "PRODUCTION",
    "LITELLM_LOG": "ERROR",
    "DISABLE_ADMIN_UI": "True",
    "NO_PROXY": "127.0.0.1",
    "HTTPS_PROXY": "http://127.0.0.1:9",  # nothing listens there: whatever wants the internet fails at once
}
_MODELS = ("bench", "bench-paced", "bench-echo")


def litellm(name: str, folder: Path, *, backend: str, presidio: tuple[Service, ...] = ()) -> System:
    """A proxy to be started, behind these Presidio servers (analyzer, anonymizer) if any."""
    folder.mkdir(exist_ok=True)
    config, port = folder / f"litellm-{len(presidio)}.yaml", free_port()
    config.write_text(json.dumps(_config(backend, redacts=bool(presidio))))
    command = [str(BIN / "litellm"), "--config", str(config), "--host", "127.0.0.1", "--port", str(port)]
    service = Service(
        name=name,
        command=[*command, "--num_workers", "1", "--telemetry", "False"],
        probe=f"http://127.0.0.1:{port}/health/liveliness",
        log=folder / f"litellm-{len(presidio)}.log",
        environ={**_QUIET, **_bases(presidio)},
    )
    return System(
        name=name,
        base_url=f"http://127.0.0.1:{port}/v1",
        key=_KEY,
        services=(*presidio, service),
        redacts=bool(presidio),
    )


def presidio(folder: Path) -> tuple[Service, Service]:
    """Analyzer and anonymizer to be started: gunicorn with one worker each, as in the official images."""
    folder.mkdir(exist_ok=True)
    return _presidio("analyzer", folder), _presidio("anonymizer", folder)


def _presidio(kind: str, folder: Path) -> Service:
    port = free_port()
    return Service(
        name=f"presidio {kind}",
        command=[str(BIN / "gunicorn"), "-w", "1", "-b", f"127.0.0.1:{port}", f"bench.peers.{kind}:create_app()"],
        probe=f"http://127.0.0.1:{port}/health",
        log=folder / f"{kind}.log",
        environ=_QUIET,
    )


def _bases(presidio: tuple[Service, ...]) -> Mapping[str, str]:
    """Where LiteLLM finds the servers, from their probes."""
    names = ("PRESIDIO_ANALYZER_API_BASE", "PRESIDIO_ANONYMIZER_API_BASE")
    return {name: server.probe.removesuffix("/health") for name, server in zip(names, presidio, strict=False)}


def _config(backend: str, *, redacts: bool) -> dict[str, object]:
    """JSON is YAML. The guardrail does what the gateway does: it redacts the request and puts the caller's values back.

    Its default scope would also redact the answer, and with it the values that it has just put back.
    """
    guardrail = {
        "guardrail": "presidio",
        "mode": "pre_call",
        "default_on": True,
        "output_parse_pii": True,
        "presidio_filter_scope": "input",
    }
    return {
        "model_list": [
            {"model_name": name, "litellm_params": {"model": f"openai/{name}", "api_base": backend, "api_key": "none"}}
            for name in _MODELS
        ],
        "general_settings": {"master_key": _KEY},
        "litellm_settings": {"set_verbose": False, "num_retries": 0},
        "guardrails": [{"guardrail_name": "presidio", "litellm_params": guardrail}] if redacts else [],
    }
