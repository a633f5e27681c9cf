"""The libraries of training, where they are installed; none of them may ask a hub for anything."""

from __future__ import annotations

import os
from importlib.util import find_spec

from gateway.errors import ProtectionUnavailable

_NEEDED = ("torch", "opacus", "transformers", "peft", "safetensors", "gguf")


def require_libraries() -> None:
    """To be called before any module beside this one is imported. Raises ProtectionUnavailable."""
    if any(find_spec(name) is None for name in _NEEDED):
        raise ProtectionUnavailable(
            "Training takes PyTorch and more, which belong into an environment of their own: make .venv-dp/installed, "
            "or pip install -e '.[dp]'."
        )
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
