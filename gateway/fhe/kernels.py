"""Loops that NumPy has no word for, compiled by numba, and the instruction of 128 bits that they need."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, TypeAlias, TypeVar, cast

import numpy as np
from llvmlite import ir
from numba import config as numba_config
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray

_Function = TypeVar("_Function", bound=Callable[..., Any])

Words = NDArray[np.uint64]
_Word: TypeAlias = np.uint64
_CONFIG: Any = numba_config
_U64, _WORD, _DOUBLE = types.uint64, ir.IntType(64), ir.IntType(128)


def _kept_at() -> str:
    """Where machine code is kept, or nothing where no folder can be written: NUMBA_CACHE_DIR if there is one, beside this
    file, or in the user's home.

    For changes numba looks at a kernel's own file alone. Kernels are made of what stands in two other files too, so these name
    the folder: none is run that was made of older ones.
    """
    here = Path(__file__).parent
    with suppress(OSError):
        sources = b"".join((here / name).read_bytes() for name in ("kernels.py", "vectors.py"))
        name = f"kernels-{hashlib.sha256(sources).hexdigest()[:16]}"
        for place in (_CONFIG.CACHE_DIR or here / "__pycache__", "~/.cache/numba"):
            with suppress(OSError, RuntimeError):  # RuntimeError: there is no home
                folder = Path(place).expanduser() / name
                folder.mkdir(parents=True, exist_ok=True)
                TemporaryFile(dir=folder).close()
                return str(folder)
    return ""


_KEPT_AT = _kept_at()


def compiled(function: _Function) -> _Function:
    """Compiled at the first call for its types, and kept on disk where there is a place for it.

    One thread, and others may run Python meanwhile.
    """
    usual, _CONFIG.CACHE_DIR = _CONFIG.CACHE_DIR, _KEPT_AT  # numba reads it here, and for other people's functions too
    try:
        made: Any = njit(cache=bool(_KEPT_AT), nogil=True, error_model="numpy")(function)
    except RuntimeError:  # the folder is gone, or can no longer be written
        made = njit(nogil=True, error_model="numpy")(function)
    finally:
        _CONFIG.CACHE_DIR = usual
    return cast(_Function, made)


def _multiply_high(context: Any, a: Any, b: Any) -> Any:  # noqa: ARG001 - numba wants these names

    def code(target: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        a, b = (builder.zext(each, _DOUBLE) for each in arguments)
        return builder.trunc(builder.lshr(builder.mul(a, b), ir.Constant(_DOUBLE, 64)), _WORD)

    return _U64(_U64, _U64), code


multiply_high: Callable[[_Word, _Word], _Word] = cast(Any, intrinsic(_multiply_high))
"""The upper 64 bits of a * b."""
