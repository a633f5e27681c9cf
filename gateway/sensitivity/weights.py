"""Weights of a classifier: a file of arrays and nothing that runs, known by the digest of its bytes."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from gateway.errors import ProtectionUnavailable
from gateway.sensitivity.features import BUCKETS
from gateway.sensitivity.labels import LABELS

STARTER = Path(__file__).parent / "weights" / "starter.npz"
"""What the gateway ships: trained on generated texts, see docs/sensitivity.md."""
STARTER_DIGEST = "sha256:660b1ea1a3eeff425c233731d7dc94002187c2c4b51e983af41e3fcd95d08311"
_MOST_BYTES = 16 * 2**20
_FORM = 1

Table = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """`table` has a row for each bucket and a column for each label; `bias` is the log-odds of a text without words."""

    table: Table = field(repr=False)
    bias: Table = field(repr=False)

    def __post_init__(self) -> None:
        fits = self.table.shape == (BUCKETS, len(LABELS)) and self.bias.shape == (len(LABELS),)
        if not fits or not np.isfinite(self.table).all() or not np.isfinite(self.bias).all():
            raise ProtectionUnavailable("These are no weights of a classifier of sensitivity.")

    def to_bytes(self) -> bytes:
        """A compressed .npz, in half precision. The same weights give the same bytes."""
        held = io.BytesIO()
        np.savez_compressed(held, allow_pickle=False, table=self.table.astype(np.float16), bias=self.bias, form=np.array(_FORM))
        return held.getvalue()


def digest_of(raw: bytes) -> str:
    return f"sha256:{sha256(raw).hexdigest()}"


def read_weights(file: Path, digest: str | None = None) -> Weights:
    """With a digest, only the very bytes that it is of. Raises ProtectionUnavailable."""
    try:
        with file.open("rb") as opened:
            raw = opened.read(_MOST_BYTES + 1)
    except OSError:
        raise ProtectionUnavailable("The weights of the classifier of sensitivity cannot be read.") from None
    if digest is not None and digest_of(raw) != digest:
        raise ProtectionUnavailable("The weights of the classifier of sensitivity are not those that policy names.")
    return _parsed(raw)


def _parsed(raw: bytes) -> Weights:
    """Arrays only: what would run when it is read is refused (numpy, allow_pickle)."""
    try:
        with np.load(io.BytesIO(raw), allow_pickle=False) as held:
            if int(held["form"]) != _FORM:
                raise ValueError("another form")
            return Weights(held["table"].astype(np.float32), held["bias"].astype(np.float32))
    except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile):
        raise ProtectionUnavailable("These are no weights of a classifier of sensitivity.") from None
