"""The gateway beside its peers, by the same driver in one run. `make bench-peers`, which also installs them."""

from __future__ import annotations

import subprocess
import sys

from bench.gateways import REDACT, gateway
from bench.peers.litellm import BIN, litellm, presidio
from bench.session import Contest, Place, hold, options, place
from bench.systems import System

_PACKAGES = ("litellm", "presidio-analyzer", "presidio-anonymizer")


def systems(where: Place) -> tuple[System, ...]:
    """The direct way, the gateway, LiteLLM alone, LiteLLM with Presidio."""
    folder = where.folder / "peers"
    return (
        System(name="direct", base_url=where.backend),
        gateway("gateway", where.folder / "gateway", backend=where.backend, entities=REDACT),
        litellm("LiteLLM, no redaction", folder, backend=where.backend),
        litellm("LiteLLM + Presidio", folder, backend=where.backend, presidio=presidio(folder)),
    )


def main() -> None:
    """Measure and print."""
    chosen = options("The gateway beside LiteLLM with Presidio.")
    if not (BIN / "litellm").exists():
        sys.exit("The peers are not installed: make bench-peers does it.")
    with place() as where:
        contest = Contest(
            title="The gateway beside its peers",
            systems=systems(where),
            reference="gateway",
            notes=_notes(),
            ours=frozenset({"gateway"}),
        )
        hold(contest, where, chosen)


def _notes() -> tuple[str, ...]:
    return (
        f"Peers: {', '.join(_versions())}; one worker each, no database, no telemetry.",
        "'LiteLLM + Presidio': guardrail `presidio` with `mode: pre_call`, `default_on`, `presidio_filter_scope: input` and "
        "`output_parse_pii` (values are put back); all other settings as they come. Analyzer and anonymizer as in the official "
        "images (Flask, gunicorn, one worker), with en_core_web_sm where the image has en_core_web_lg. The CPU-ms are those of "
        "all three servers together. Chinese prompts are read as English, the guardrail's default.",
    )


def _versions() -> list[str]:
    asked = "from importlib.metadata import version; import sys; print(*(f'{p} {version(p)}' for p in sys.argv[1:]), sep='\\n')"
    done = subprocess.run([BIN / "python", "-c", asked, *_PACKAGES], stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.splitlines()


if __name__ == "__main__":
    main()
