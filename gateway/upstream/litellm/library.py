"""The library itself. Nothing else here imports it, and of it only what translates is used: no client, no proxy, no router.

litellm is made to be the whole of a gateway, and much of it happens by being imported. What is fixed before and after that:

* `LITELLM_MODE=PRODUCTION`: no `.env` file is read. `LITELLM_LOCAL_MODEL_COST_MAP` and `LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS`:
  prices and headers come out of the package; else both are fetched from GitHub.
* `telemetry`, callbacks, cache, verbosity: off, whatever the environment says. `drop_params` and `modify_params`: off, so that
  a request is translated or refused, and never changed.
* Its loggers are silent: they quote requests, answers and keys.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import os
from functools import cache
from typing import Any

_BEFORE = {
    "LITELLM_MODE": "PRODUCTION",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    "LITELLM_LOCAL_BLOG_POSTS": "True",
}
_AFTER = {
    "telemetry": False,
    "suppress_debug_info": True,
    "set_verbose": False,
    "turn_off_message_logging": True,
    "redact_messages_in_exceptions": True,
    "drop_params": False,
    "modify_params": False,
    "use_litellm_proxy": False,
    "cache": None,
    "api_key": None,
    "api_base": None,
    "model_fallbacks": None,
}
_LISTENERS = ("callbacks", "input_callback", "success_callback", "failure_callback", "service_callback")
_LOGGERS = ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy")


def is_installed() -> bool:
    """Looks for the package without loading it."""
    return importlib.util.find_spec("litellm") is not None


@cache
def litellm() -> Any:
    """The library, loaded once: that takes five seconds of a processor, so not on an event loop's thread."""
    os.environ.update(_BEFORE)
    library = importlib.import_module("litellm")
    for name, value in _AFTER.items():
        setattr(library, name, value)
    for name in _LISTENERS:
        setattr(library, name, [])
    for name in _LOGGERS:
        _silence(logging.getLogger(name))
    return library


def _silence(logger: logging.Logger) -> None:
    """Not by `disabled`, which every later `logging.config.dictConfig`, uvicorn's for one, takes back."""
    logger.handlers = [logging.NullHandler()]
    logger.propagate = False
    logger.setLevel(logging.CRITICAL + 1)


def part(path: str, name: str) -> Any:
    """Something of one of its modules."""
    litellm()
    return getattr(importlib.import_module(f"litellm.{path}"), name)
