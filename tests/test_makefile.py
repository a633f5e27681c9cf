"""Each target that `make help` lists has rules for all that it takes."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
_TOLD = re.compile(r"^([a-z-]+):.*##", re.MULTILINE)
TARGETS = [name for file in ("Makefile", "bench/bench.mk") for name in _TOLD.findall((ROOT / file).read_text(encoding="utf-8"))]


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not here")
@pytest.mark.parametrize("target", TARGETS)
def test_nothing_is_missing(target: str) -> None:
    dry = subprocess.run(["make", "--dry-run", "--always-make", target], cwd=ROOT, capture_output=True, text=True, check=False)
    assert dry.returncode == 0, dry.stderr


def test_targets_are_found() -> None:
    assert {"run", "test", "train-taggers", "bench-tail"} <= set(TARGETS)
