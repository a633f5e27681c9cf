"""The gateway beside its peers, by the same driver in one run. `make bench-peers`, which also installs them."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path

from bench.gateways import REDACT, gateway
from bench.peers import patterns
from bench.peers.claim import judged
from bench.peers.litellm import BIN, litellm, presidio
from bench.session import Contest, Place, hold, options, place
from bench.systems import System

_PACKAGES = ("litellm", "presidio-analyzer", "presidio-anonymizer")


def systems(where: Place) -> tuple[System, ...]:
    """The direct way, the gateway, LiteLLM alone and with Presidio, proxies that look for patterns only."""
    folder = where.folder / "peers"
    return (
        System(name="direct", base_url=where.backend),
        gateway("gateway", where.folder / "gateway", backend=where.backend, entities=REDACT),
        litellm("LiteLLM, no redaction", folder, backend=where.backend),
        litellm("LiteLLM + Presidio", folder, backend=where.backend, presidio=presidio(folder)),
        *patterns.pattern_peers(folder, backend=where.backend),
    )


def main() -> None:
    """Measure and print."""
    chosen = options("The gateway beside LiteLLM with Presidio, and beside proxies that look for patterns only.")
    if not (BIN / "litellm").exists() or not (patterns.BIN / "llm-redact").exists():
        sys.exit("The peers are not installed: make bench-peers does it.")
    with place() as where:
        contest = Contest(
            title="The gateway beside its peers",
            systems=systems(where),
            reference="gateway",
            notes=_notes(),
            ours=frozenset({"gateway"}),
            verdict=partial(judged, gateway="gateway"),
        )
        hold(contest, where, chosen)


def _notes() -> tuple[str, ...]:
    return (
        f"Peers: {', '.join((*_versions(BIN, *_PACKAGES), *_versions(patterns.BIN, *patterns.PACKAGES)))}; one worker each, "
        "no database, no telemetry.",
        "'LiteLLM + Presidio': guardrail `presidio` with `mode: pre_call`, `default_on`, `presidio_filter_scope: input` and "
        "`output_parse_pii` (values are put back); all other settings as they come. Analyzer and anonymizer as in the official "
        "images (Flask, gunicorn, one worker), with en_core_web_sm where the image has en_core_web_lg. The CPU-ms are those of "
        "all three servers together. Chinese prompts are read as English, the guardrail's default.",
        "'llm-redact-proxy', 'maskflow-gateway' and 'cloakwall' look for patterns, maskflow-gateway for listed names as well, "
        "and none for Chinese. They run as they come, set to restore. None asks a caller for a key or decides by a policy; "
        "cloakwall alone keeps a record, and syncs it.",
    )


def _versions(folder: Path, *packages: str) -> list[str]:
    asked = "from importlib.metadata import version; import sys; print(*(f'{p} {version(p)}' for p in sys.argv[1:]), sep='\\n')"
    done = subprocess.run([folder / "python", "-c", asked, *packages], stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.splitlines()


if __name__ == "__main__":
    main()
