"""The classifiers that policy names, loaded when they are first needed and kept by digest."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from gateway.rules.sensitivity import ClassifierRef
from gateway.sensitivity.verdict import scores
from gateway.sensitivity.weights import STARTER, Weights, read_weights

_LARGE = 10_000
"""Characters from which on a text is judged beside the event loop: some ten milliseconds."""
_KEPT = 8
"""Classifiers, of some 4 MB each, that are kept at a time."""


class Classifiers:
    """Of one process. Policy was refused if it named weights that cannot be used; should they go away later, requests are."""

    def __init__(self) -> None:
        self._loaded: dict[str, Weights] = {}
        self._reading = asyncio.Lock()

    async def scores(self, ref: ClassifierRef, text: str) -> Mapping[str, float]:
        """By label. Raises ProtectionUnavailable."""
        weights = self._loaded.get(ref.digest)
        if weights is None:
            weights = await self._read(ref)
        if len(text) < _LARGE:
            return scores(weights, text)
        return await asyncio.to_thread(scores, weights, text)

    async def _read(self, ref: ClassifierRef) -> Weights:
        """One at a time, and once: numpy reads a file's header with `ast`, which may raise SystemError where two threads use it
        in CPython 3.11.
        """
        async with self._reading:
            weights = self._loaded.get(ref.digest)
            if weights is None:
                weights = await asyncio.to_thread(read_weights, ref.file or STARTER, ref.digest)
                if len(self._loaded) >= _KEPT:
                    self._loaded.pop(next(iter(self._loaded)))
                self._loaded[ref.digest] = weights
            return weights
