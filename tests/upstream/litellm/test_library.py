"""litellm is loaded only where policy wants it, and what it does by itself is switched off."""

from __future__ import annotations

import logging.config
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import uvicorn.config

import gateway
from gateway.upstream.litellm.library import is_installed, litellm, part
from gateway.upstream.litellm.providers import Provider, dialect_of

ROOT = Path(gateway.__file__).parent


def test_only_one_module_loads_it() -> None:
    loads = re.compile(r"^\s*(?:import litellm|from litellm\b)|import_module\(f?\"litellm", re.MULTILINE)
    found = [path.relative_to(ROOT) for path in ROOT.rglob("*.py") if loads.search(path.read_text(encoding="utf-8"))]
    assert found == [Path("upstream/litellm/library.py")]


def test_importing_the_adapter_does_not_load_it() -> None:
    code = "import sys, gateway.upstream.litellm.adapter; sys.exit('litellm' in sys.modules or 'httpx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT.parent).returncode == 0
    assert is_installed()


def test_what_it_does_by_itself_is_off() -> None:
    library = litellm()
    assert library is litellm()
    assert (library.telemetry, library.set_verbose, library.drop_params, library.modify_params) == (False, False, False, False)
    assert (library.cache, library.api_key, library.api_base, library.model_fallbacks) == (None, None, None, None)
    assert not any(getattr(library, name) for name in ("callbacks", "success_callback", "failure_callback", "input_callback"))
    assert os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] == "True"


def test_its_loggers_stay_silent_when_logging_is_configured_later(capfd: pytest.CaptureFixture[str]) -> None:
    litellm()
    logging.config.dictConfig(uvicorn.config.LOGGING_CONFIG)
    for name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
        logging.getLogger(name).critical("a key and a prompt")
    assert capfd.readouterr() == ("", "")


def test_the_pin_is_the_one_that_was_read() -> None:
    """Its translators are not its public face: another version has to be looked at first."""
    pyproject = (ROOT.parent / "pyproject.toml").read_text(encoding="utf-8")
    pinned = re.search(r'"litellm==([0-9.]+)"', pyproject)
    assert pinned is not None
    assert part("_version", "version") == pinned[1]


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        (Provider.ANTHROPIC, "claude-sonnet-4-5"),
        (Provider.BEDROCK, "eu.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        (Provider.GEMINI, "gemini-2.5-flash"),
    ],
)
def test_every_provider_takes_what_chats_need(provider: Provider, model: str) -> None:
    assert {"temperature", "tools", "tool_choice", "max_tokens", "stop"} <= dialect_of(provider).supported(model)
