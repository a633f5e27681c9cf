"""What a report tells, as the ledger keeps it: noisy figures and how noisy they are. Pure.

It holds nothing that is not differentially private, so it can be shown to anybody, again and again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import orjson


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`sums` has a noisy figure of each group: a count, or for quantiles the number of exchanges. What noise was added
    lies within `interval` with 95 %. `quantiles` is empty unless they were asked for.

    `rho` is what it cost, which by itself is `epsilon` at the budget's delta. `scale` is the standard deviation of the noise,
    `quantile_scale` the scale of the mechanism that chose the quantiles.
    """

    sums: Mapping[str, int]
    scale: float
    interval: int
    rho: float
    epsilon: float
    most: int
    quantiles: Mapping[str, int]
    quantile_scale: float | None = None

    def told(self, group: str, fewest: int) -> int | None:
        """The figure of a group; None of a small one: it could be noise alone, or come from fewer than `fewest` exchanges."""
        if self.sums[group] < max(self.interval, fewest * self.most):
            return None
        return self.quantiles[group] if self.quantiles else self.sums[group]

    def to_json(self) -> str:
        return orjson.dumps(asdict(self)).decode()

    @classmethod
    def from_json(cls, text: str) -> Answer:
        """What `to_json` wrote."""
        return cls(**orjson.loads(text))
