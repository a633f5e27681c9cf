from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from gateway.errors import ProtectionUnavailable
from gateway.sensitivity.features import BUCKETS
from gateway.sensitivity.weights import STARTER, STARTER_DIGEST, Weights, digest_of, read_weights


def test_the_shipped_weights_are_those_that_are_meant() -> None:
    raw = STARTER.read_bytes()
    assert digest_of(raw) == STARTER_DIGEST
    assert read_weights(STARTER, STARTER_DIGEST).to_bytes() == raw
    assert len(raw) < 2**19


def test_other_bytes_and_other_files_are_refused(tmp_path: Path) -> None:
    changed = tmp_path / "w.npz"
    changed.write_bytes(STARTER.read_bytes() + b"\0")
    with pytest.raises(ProtectionUnavailable, match="not those that policy names"):
        read_weights(changed, STARTER_DIGEST)
    for content in (b"", b"PK\x05\x06" + bytes(18), b"\x80\x04N."):
        changed.write_bytes(content)
        with pytest.raises(ProtectionUnavailable, match="no weights"):
            read_weights(changed)
    with pytest.raises(ProtectionUnavailable, match="cannot be read"):
        read_weights(tmp_path / "gone.npz")


def test_objects_in_a_file_are_not_loaded(tmp_path: Path) -> None:
    held = io.BytesIO()
    np.savez(held, table=np.array([{}], dtype=object), bias=np.zeros(4), form=np.array(1))
    (tmp_path / "w.npz").write_bytes(held.getvalue())
    with pytest.raises(ProtectionUnavailable, match="no weights"):
        read_weights(tmp_path / "w.npz")


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_no_number_is_no_weight(bad: float) -> None:
    with pytest.raises(ProtectionUnavailable):
        Weights(np.full((BUCKETS, 4), bad, dtype=np.float32), np.zeros(4, dtype=np.float32))
    with pytest.raises(ProtectionUnavailable):
        Weights(np.zeros((BUCKETS, 3), dtype=np.float32), np.zeros(4, dtype=np.float32))
