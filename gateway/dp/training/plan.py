"""What a run is to be, before anything is computed. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from math import isclose, isfinite
from typing import Any

from gateway.dp.budget import MOST_DELTA, require, require_epsilon

ACCOUNTANT = "PRV (Gopi, Lee and Wutschitz 2021)"
SAMPLING = "Poisson: each unit is in each step with the same probability, independently of all others"
_MOST_STEPS = 1_000_000
_MOST_TOKENS = 32_768


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`batch` is how many units are in a step on average; `clip` bounds the Euclidean norm of what one unit adds to it. One of
    `steps` and `noise` may be left to be found (0): the noise with which so many steps cost `epsilon`, or how many steps it
    allows with this noise. `noise` is the standard deviation as a multiple of `clip`. `chunk` is how many examples are computed
    at once, which changes memory and nothing else. Raises InvalidRequest.
    """

    epsilon: float
    delta: float
    steps: int = 200
    noise: float = 0.0
    batch: float = 16.0
    clip: float = 1.0
    learning_rate: float = 1e-3
    rank: int = 8
    targets: tuple[str, ...] = ("q_proj", "k_proj", "v_proj", "o_proj")
    max_tokens: int = 256
    chunk: int = 8
    checkpoint_every: int = 20

    def __post_init__(self) -> None:
        require_epsilon(self.epsilon)
        require(isfinite(self.delta) and 0 < self.delta <= MOST_DELTA, "delta", f"delta is above 0 and at most {MOST_DELTA}.")
        require(0 <= self.steps <= _MOST_STEPS, "steps", f"Steps are at most {_MOST_STEPS:,}.")
        require(isfinite(self.noise) and self.noise >= 0, "noise", "The noise is a positive number.")
        require(self.steps > 0 or self.noise > 0, "steps", "Say how many steps, or with how much noise.")
        for name in ("batch", "clip", "learning_rate"):
            value = getattr(self, name)
            require(isfinite(value) and value > 0, name, f"The {name} is a positive number.")
        for name, most in (("rank", 256), ("chunk", 4096), ("checkpoint_every", _MOST_STEPS)):
            require(1 <= getattr(self, name) <= most, name, f"The {name} is between 1 and {most:,}.")
        require(16 <= self.max_tokens <= _MOST_TOKENS, "max_tokens", f"An example has 16 to {_MOST_TOKENS:,} tokens.")
        require(bool(self.targets), "targets", "An adapter is of some layers.")

    def sample_rate(self, units: int) -> float:
        """With which probability a unit is in a step. Raises InvalidRequest."""
        require(self.batch <= units / 2, "batch", "On average at most half of the units may be in a step.")
        return self.batch / units

    def differs(self, other: Plan) -> str | None:
        """By what two completed plans are two runs, in words; None where they are one. Noise that was found counts as the same
        to within a thousandth, as exactly as it is looked for.
        """
        for one in fields(self):
            mine, theirs = getattr(self, one.name), getattr(other, one.name)
            near = one.name == "noise" and isclose(mine, theirs, rel_tol=1e-3)
            if mine != theirs and not near:
                return f"{one.name.replace('_', ' ')} {mine} and not {theirs}"
        return None

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> Plan:
        """What `to_dict` wrote."""
        return cls(**{**fields, "targets": tuple(fields["targets"])})
