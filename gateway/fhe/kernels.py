"""Loops that NumPy has no word for, compiled by numba, and the two instructions of 128 bits that they need."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar, cast

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray

_Function = TypeVar("_Function", bound=Callable[..., Any])

Words = NDArray[np.uint64]
_Word: TypeAlias = np.uint64
_U64, _WORD, _DOUBLE = types.uint64, ir.IntType(64), ir.IntType(128)


def compiled(function: _Function) -> _Function:
    """Compiled at the first call for its types, and kept on disk where numba finds a place for it (NUMBA_CACHE_DIR).

    One thread, and others may run Python meanwhile.
    """
    try:
        made: Any = njit(cache=True, nogil=True, error_model="numpy")(function)
    except RuntimeError:  # no folder that can be written
        made = njit(nogil=True, error_model="numpy")(function)
    return cast(_Function, made)


def _multiply_add(context: Any, low: Any, high: Any, a: Any, b: Any) -> Any:  # noqa: ARG001 - numba wants these names

    def code(target: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        low, high, a, b = (builder.zext(each, _DOUBLE) for each in arguments)
        shift = ir.Constant(_DOUBLE, 64)
        total = builder.add(builder.or_(low, builder.shl(high, shift)), builder.mul(a, b))
        words = [builder.trunc(total, _WORD), builder.trunc(builder.lshr(total, shift), _WORD)]
        return target.make_tuple(builder, signature.return_type, words)

    pair: Any = types.UniTuple(_U64, 2)  # type: ignore[no-untyped-call]
    return pair(_U64, _U64, _U64, _U64), code


def _multiply_high(context: Any, a: Any, b: Any) -> Any:  # noqa: ARG001 - numba wants these names

    def code(target: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        a, b = (builder.zext(each, _DOUBLE) for each in arguments)
        return builder.trunc(builder.lshr(builder.mul(a, b), ir.Constant(_DOUBLE, 64)), _WORD)

    return _U64(_U64, _U64), code


multiply_add: Callable[[_Word, _Word, _Word, _Word], tuple[_Word, _Word]] = cast(Any, intrinsic(_multiply_add))
"""(high, low) + a * b in 128 bits, as (low, high)."""

multiply_high: Callable[[_Word, _Word], _Word] = cast(Any, intrinsic(_multiply_high))
"""The upper 64 bits of a * b."""
