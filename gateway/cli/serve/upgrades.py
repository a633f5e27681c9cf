"""WebSockets under uvicorn, where the extra `fhe` is installed; without it a wish for one is a request like others."""

from __future__ import annotations

import asyncio
from importlib.util import find_spec
from typing import Any

MOST_MESSAGE = 2**20
"""Bytes. Frames of the encrypted endpoint are longer, and come in pieces."""


def upgrade_options() -> dict[str, Any]:
    """For `uvicorn.Config`. Ciphertexts do not shrink, and what is unpacked might burst."""
    protocol = _lasting() if find_spec("websockets") is not None else "none"
    return {"ws": protocol, "ws_max_size": MOST_MESSAGE, "ws_per_message_deflate": False}


def _lasting() -> type[asyncio.Protocol]:
    from gateway.cli.serve.lasting import Lasting

    return Lasting
