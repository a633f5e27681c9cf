"""Machine code on disk is that of the sources as they are."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_SUM = """
from numba import types
from numba.extending import intrinsic
import numpy as np
from gateway.fhe.kernels import compiled
from gateway.fhe.vectors import everywhere, load, store

def _add(context, words):
    def code(target, builder, signature, arguments):
        data = target.make_array(signature.args[0])(target, builder, arguments[0]).data
        vector = load(builder, data, 8)
        store(builder, builder.add(vector, everywhere(1, vector)), data)
        return target.get_dummy_value()
    return types.void(words), code

_added = intrinsic(_add)

@compiled
def add_one(words):
    _added(words)

words = np.zeros(8, dtype=np.uint64)
add_one(words)
print(words.sum(), sum(add_one.stats.cache_hits.values()))
"""


def _copied(folder: Path) -> Path:
    (folder / "gateway" / "fhe").mkdir(parents=True)
    (folder / "gateway" / "__init__.py").touch()
    for name in ("__init__.py", "kernels.py", "vectors.py"):
        shutil.copy(_ROOT / "gateway" / "fhe" / name, folder / "gateway" / "fhe" / name)
    (folder / "gateway" / "fhe" / "sum.py").write_text(_SUM, encoding="utf-8")
    return folder


def _run(folder: Path, **environment: str) -> list[int]:
    """The sum, and how much of it came from the disk."""
    code = [sys.executable, "-m", "gateway.fhe.sum"]
    home = {**os.environ, "HOME": str(folder / "home"), **environment}
    done = subprocess.run(code, cwd=folder, env=home, capture_output=True, text=True, check=True)
    return [int(each) for each in done.stdout.split()]


@pytest.mark.parametrize("where", ["beside", "told", "home", "nowhere"])
def test_a_change_in_what_kernels_are_made_of_is_seen(where: str, tmp_path: Path) -> None:
    folder = _copied(tmp_path)
    if where in ("home", "nowhere"):
        (folder / "gateway" / "fhe" / "__pycache__").touch()  # in the way, as a folder that may not be written is
    if where == "nowhere":
        (folder / "home").touch()
    told = {"NUMBA_CACHE_DIR": str(folder / "told")} if where == "told" else {}
    assert _run(folder, **told) == [8, 0]
    assert _run(folder, **told) == [8, where != "nowhere"]
    vectors = folder / "gateway" / "fhe" / "vectors.py"
    changed = vectors.read_text(encoding="utf-8").replace("[number] * like.type.count", "[number + 2] * like.type.count")
    vectors.write_text(changed, encoding="utf-8")
    assert _run(folder, **told) == [24, 0]
