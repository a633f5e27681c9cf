"""What a deployment cost in some time, and what the same tokens would have cost elsewhere. Pure.

A GPU costs by the hour whether it works or not, an API costs by the token. So the cost of a token of one's own depends on how
busy the hardware was, and the question "which is cheaper" has an answer only with that: the utilisation at which both cost the
same.

Utilisation is the mean number of calls that were open at once (Little's law: the sum of their durations, divided by the time),
divided by how many there can be (`concurrent` in the policy). It says how full the deployment was, not how busy the GPU: a
server that batches works through a full house little slower than through a single call. Cost at full utilisation supposes that
calls take as long when all places are taken as they took in this time.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

_MS_PER_HOUR = 3_600_000
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What was used of something. `estimated` are tokens among the others that nobody counted; `spend` is by the prices of the
    policy, in millionths of its currency.
    """

    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    estimated: int = 0
    busy_ms: int = 0
    spend: int = 0

    def __add__(self, other: Used) -> Used:
        return Used(
            requests=self.requests + other.requests,
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            estimated=self.estimated + other.estimated,
            busy_ms=self.busy_ms + other.busy_ms,
            spend=self.spend + other.spend,
        )

    @property
    def tokens(self) -> int:
        return self.input_tokens + self.output_tokens

    @property
    def busy_hours(self) -> float:
        """Of calls: two that are open for the same hour are two hours."""
        return self.busy_ms / _MS_PER_HOUR


class Verdict(StrEnum):
    """`unknown` where a figure is missing that the answer needs."""

    CHEAPER = "cheaper"
    DEARER = "dearer"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosted:
    """One deployment in some time. Money is in the policy's currency.

    hours           it was in service in that time; None where it was never called
    price_per_hour  and `concurrent`: None where policy does not say
    public          what its tokens would have cost at the models that policy compares with; None where one has no such model
    """

    deployment: str
    used: Used
    hours: float | None
    price_per_hour: float | None
    concurrent: int | None
    external: bool = False
    public: float | None = None

    @property
    def cost(self) -> float | None:
        """Of all its hours, idle ones too. What is not one's own and has no price by the hour costs by the token."""
        if self.price_per_hour is None:
            return self.used.spend / _MILLION if self.external else None
        return None if self.hours is None else self.hours * self.price_per_hour

    @property
    def open_calls(self) -> float | None:
        """The mean number of calls at once."""
        return self.used.busy_hours / self.hours if self.hours else None

    @property
    def utilisation(self) -> float | None:
        """0 to 1. More calls than policy says that there can be count as a full house."""
        calls = self.open_calls
        return None if calls is None or self.concurrent is None else min(1.0, calls / self.concurrent)

    @property
    def per_million(self) -> float | None:
        """What a million of its tokens cost, input and output alike."""
        return self.cost / self.used.tokens * _MILLION if self.cost is not None and self.used.tokens else None

    @property
    def per_million_full(self) -> float | None:
        """The same at full utilisation; None for what does not cost by the hour."""
        own, utilisation = self.per_million if self.price_per_hour is not None else None, self.utilisation
        return None if own is None or utilisation is None else own * utilisation

    @property
    def public_per_million(self) -> float | None:
        """What a million tokens of the same mix would have cost."""
        return self.public / self.used.tokens * _MILLION if self.public is not None and self.used.tokens else None

    @property
    def load_to_break_even(self) -> float | None:
        """How many times the tokens of this time would have cost the same here as there."""
        return self.cost / self.public if self.price_per_hour is not None and self.cost is not None and self.public else None

    @property
    def break_even(self) -> float | None:
        """The utilisation at which both cost the same; above 1, none does."""
        load, utilisation = self.load_to_break_even, self.utilisation
        return None if load is None or utilisation is None else load * utilisation

    @property
    def verdict(self) -> Verdict:
        """At the load of this time."""
        if self.cost is None or self.public is None or not self.used.tokens:
            return Verdict.UNKNOWN
        return Verdict.CHEAPER if self.cost < self.public else Verdict.DEARER
