"""The next word out of its scores. Pure but for its own random numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Taste:
    """OpenAI's `temperature`, `top_p` and `seed`; temperature 0 always takes the likeliest word."""

    temperature: float = 1.0
    top_p: float = 1.0
    seed: int | None = None


class Sampler:
    """Draws one answer's words; the same seed draws the same."""

    def __init__(self, taste: Taste) -> None:
        self._taste = taste
        self._random = np.random.default_rng(taste.seed)

    def next_of(self, scores: NDArray[np.float32]) -> int:
        """Nucleus sampling (Holtzman et al. 2020): of the likeliest words that together reach `top_p`."""
        if self._taste.temperature == 0:
            return int(scores.argmax())
        scaled = (scores - scores.max()).astype(np.float64) / self._taste.temperature
        chances = np.exp(scaled) / np.exp(scaled).sum()
        order = np.argsort(-chances, kind="stable")
        reached = np.cumsum(chances[order])
        kept = order[: int(np.searchsorted(reached, self._taste.top_p)) + 1]
        return int(self._random.choice(kept, p=chances[kept] / chances[kept].sum()))
