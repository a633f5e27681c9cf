"""Where a run stands, so that it can go on: weights, optimizer, and the state of what draws samples and noise.

With that state the same noise is drawn again: a run that goes on repeats the steps since its last checkpoint as they were, and
spends nothing twice. Whoever has a checkpoint could take the noise away, so it is its owner's alone, and goes when a run ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import torch

from gateway.errors import InvalidRequest
from gateway.private_file import NotPrivateError, read_private, write_private

_MOST_BYTES = 16 * 2**30


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """`asked` is the run as the ledger knows it, `release` its reservation, `plan` the completed plan as a dictionary."""

    asked: str
    release: str
    plan: Mapping[str, Any]
    steps: int = 0
    adapter: Mapping[str, Any] = field(default_factory=dict, repr=False)
    optimizer: Mapping[str, Any] = field(default_factory=dict, repr=False)
    noise: Any = field(default=None, repr=False)
    sampling: Any = field(default=None, repr=False)


def write_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """In one step: there is always a whole one. Raises OSError."""
    raw = BytesIO()
    torch.save(asdict(checkpoint), raw)
    write_private(path, raw.getvalue(), replace=True)


def read_checkpoint(path: Path) -> Checkpoint:
    """Raises InvalidRequest."""
    try:
        raw = read_private(path, _MOST_BYTES)
        return Checkpoint(**torch.load(BytesIO(raw), weights_only=True, map_location="cpu"))
    except NotPrivateError as problem:
        raise InvalidRequest(f"The checkpoint {problem}.", param="out") from None
    except (OSError, RuntimeError, TypeError, ValueError, EOFError):
        raise InvalidRequest("There is no checkpoint that can be read.", param="out") from None
