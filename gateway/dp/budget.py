"""A budget as it is declared: whose data, from when to when, what is protected, and how much may be told. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from math import isfinite

from gateway.errors import InvalidRequest
from gateway.moments import written

MOST_EPSILON = 20.0
MOST_DELTA = 1e-3
MOST_CONTRIBUTIONS = 100_000
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class Unit(StrEnum):
    """Whose presence nobody can tell from what is published: the data of one of these may be there, or not."""

    SUBJECT = "subject"  # a caller, with everything that they sent
    CONVERSATION = "conversation"  # all turns of one chat
    EXAMPLE = "example"  # one exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """`since` and `until` (exclusive) are moments as the record writes them. A unit counts with at most `contributions` rows.

    `epsilon` at `delta` is what all releases together may cost, of which `training_epsilon` and `training_delta` are for
    training alone, and the rest for statistics. Raises InvalidRequest where a figure promises nothing.
    """

    tenant: str
    data_set: str
    since: str
    until: str
    unit: Unit
    contributions: int
    epsilon: float
    delta: float
    salt: bytes = field(repr=False)
    training_epsilon: float = 0.0
    training_delta: float = 0.0

    def __post_init__(self) -> None:
        require(_NAME.fullmatch(self.data_set) is not None, "data_set", "A data set has a short name: a-z, 0-9, dot, dash.")
        require(self.since < self.until, "until", "The time of the data set is empty.")
        fits = 1 <= self.contributions <= MOST_CONTRIBUTIONS
        require(fits, "contributions", f"Contributions are between 1 and {MOST_CONTRIBUTIONS:,}.")
        require_epsilon(self.epsilon)
        fits = isfinite(self.delta) and 0 < self.delta <= MOST_DELTA
        require(fits, "delta", f"delta is above 0 and at most {MOST_DELTA}; well below one by the number of people is right.")
        fits = 0 <= self.training_epsilon <= self.epsilon and 0 <= self.training_delta < self.delta
        require(fits, "training_epsilon", "What is for training is a part of the whole, and of delta some is left.")
        both = (self.training_epsilon > 0) == (self.training_delta > 0)
        require(both, "training_delta", "Training takes a share of epsilon and one of delta.")

    @property
    def statistics_epsilon(self) -> float:
        return self.epsilon - self.training_epsilon

    @property
    def statistics_delta(self) -> float:
        return self.delta - self.training_delta

    def over(self, now: datetime) -> bool:
        """Whether the data set's time is over, so that nothing comes to it any more."""
        return self.until <= written(now)


def unit_named(word: str) -> Unit:
    """Raises InvalidRequest."""
    try:
        return Unit(word)
    except ValueError:
        raise InvalidRequest(f"The unit is one of {', '.join(Unit)}.", param="unit") from None


def require_epsilon(epsilon: float) -> None:
    """Raises InvalidRequest."""
    fits = isfinite(epsilon) and 0 < epsilon <= MOST_EPSILON
    require(fits, "epsilon", f"epsilon is above 0 and at most {MOST_EPSILON:g}: beyond that it promises nothing.")


def require(holds: bool, field_name: str, message: str) -> None:
    """Raises InvalidRequest."""
    if not holds:
        raise InvalidRequest(message, param=field_name)
