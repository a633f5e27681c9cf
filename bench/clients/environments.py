"""A client's own environment, made once: a virtual environment, or a folder of npm's."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from bench.clients.catalogue import Client

_FOREIGN = ("OPENAI_", "GATEWAY_", "OTEL_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "PYTHONPATH")
_PROGRAMS = Path(__file__).parent / "programs"


class NotInstalled(Exception):
    """The registry, or a package, would not have it; the text is the installer's last words."""


def installed(client: Client, home: Path) -> Path:
    """The folder of the client's environment, made where it is not there yet. Raises NotInstalled."""
    folder = home / client.name
    done = folder / "installed"
    if not done.exists():
        folder.mkdir(parents=True, exist_ok=True)
        for command in _commands(client, folder):
            said = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
            if said.returncode:
                raise NotInstalled((said.stderr or said.stdout)[-600:])
        done.touch()
    return folder


def command(client: Client, folder: Path) -> list[str]:
    """What runs the client's program in its environment."""
    if client.program.endswith(".mjs"):
        return ["node", str(_PROGRAMS / client.program), client.part]
    python = sys.executable if client.npm else str(folder / "bin" / "python")
    return [python, str(_PROGRAMS / client.program)]


def environment(folder: Path, scratch: Path, base_url: str, key: str) -> Mapping[str, str]:
    """Only `OPENAI_BASE_URL` and the key tell the client of the gateway; tracing to elsewhere is off."""
    own = {name: value for name, value in os.environ.items() if not name.upper().startswith(_FOREIGN)}
    told = {"OPENAI_BASE_URL": base_url, "OPENAI_API_BASE": base_url, "OPENAI_API_KEY": key}
    quiet = {"OTEL_SDK_DISABLED": "true", "DO_NOT_TRACK": "1", "AI_SDK_LOG_WARNINGS": "false"}
    return {**own, **told, **quiet, "PROOF_FOLDER": str(scratch), "PROOF_MODULES": str(folder / "node_modules")}


def _commands(client: Client, folder: Path) -> list[list[str]]:
    if client.npm:
        return [["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), *client.packages]]
    pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    return [[sys.executable, "-m", "venv", str(folder)], [*pip, "--upgrade", *client.packages]]
