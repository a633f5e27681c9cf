"""A classifier learnt within a privacy budget: its cost is reserved before anything is read, and settled with its digest."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from gateway.cli.sensitivity.examples import Lesson
from gateway.dp import accountant
from gateway.dp.budget import Budget, require_epsilon
from gateway.dp.ledger import Ledger, Reserved
from gateway.dp.noise import NoisySums
from gateway.errors import InvalidRequest
from gateway.sensitivity.private import CLIP, STEPS, Taught, example, learnt, taught
from gateway.sensitivity.weights import Weights, digest_of

_FOR_COUNT = 0.03
"""The share of the cost that tells about how many units there are: of 300, at epsilon 1, give or take 26."""
_FOR_ROUNDING = 1e-9
"""Costs are rounded up where they are added, and the whole must stay within what was asked."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """`epsilon` at the budget's delta is what this cost by itself. `scale` is the standard deviation of the noise in each step,
    as a multiple of what one unit adds at most, and `count_scale` that of the noise on the number of units.
    """

    weights: Weights
    release: str
    epsilon: float
    rho: float
    scale: float
    count_scale: float


@dataclass(frozen=True, slots=True)
class Plan:
    """The noise of one run: on each step, and on the number of units, which says how long steps may be."""

    step: NoisySums
    count: NoisySums

    @property
    def rho(self) -> float:
        return accountant.total((self.count.rho, *[self.step.rho] * STEPS))

    def learn(self, lessons: Taught, start: Weights) -> Weights:
        """To be called once: each call costs `rho`."""
        (units,) = self.count.release([len(set(lessons.units))])
        return learnt(lessons, start, max(1.0, float(units)), self.step.scale, self.step.release)


def planned(epsilon: float, delta: float) -> Plan:
    """The least noise that costs no more than epsilon. Needs no data."""
    rho = accountant.rho_within(epsilon, delta) * (1 - _FOR_ROUNDING)
    return Plan(
        step=NoisySums.within(rho * (1 - _FOR_COUNT) / STEPS, rows=1, most=CLIP),
        count=NoisySums.within(rho * _FOR_COUNT, rows=1, most=1),
    )


def learnt_privately(
    ledger: Ledger,
    budget: Budget,
    epsilon: float,
    examples: Path,
    lessons: Callable[[], Sequence[Lesson]],
    start: Weights,
    by: str,
) -> Learnt:
    """Raises InvalidRequest, BudgetSpent, AuditUnavailable, DetectionUnavailable or ProtectionUnavailable.

    Where it ended before noise was drawn, nothing is spent.
    """
    require_epsilon(epsilon)
    plan = planned(epsilon, budget.statistics_delta)
    reserved = ledger.reserve(budget, _asked(budget, epsilon, examples), plan.rho, by)
    if not isinstance(reserved, Reserved):
        raise InvalidRequest("These examples were learnt from before, for as much: what came of it is in the releases.")
    try:
        rows = taught([example(one.text, one.labels, one.unit) for one in lessons()], start)
    except BaseException:
        ledger.release(reserved)
        raise
    weights = plan.learn(rows, start)
    ledger.settle(reserved, orjson.dumps({"weights": digest_of(weights.to_bytes())}).decode())
    own = accountant.epsilon((plan.rho,), budget.statistics_delta)
    return Learnt(weights, reserved.release, own, plan.rho, plan.step.scale / CLIP, plan.count.scale)


def _asked(budget: Budget, epsilon: float, examples: Path) -> str:
    """The question, as JSON. The examples are named by a keyed hash: the ledger tells nobody whether a file was this one."""
    content = hmac.digest(budget.salt, examples.read_bytes(), "sha256").hex()
    about = {"tenant": budget.tenant, "data_set": budget.data_set, "learnt": "sensitivity"}
    return orjson.dumps({**about, "epsilon": epsilon, "examples": content}, option=orjson.OPT_SORT_KEYS).decode()


def privacy_of(budget: Budget, learnt: Learnt) -> dict[str, object]:
    """The privacy statement of a model card."""
    of = asdict(budget)
    kept = {name: of[name] for name in ("data_set", "since", "until", "unit", "contributions")}
    return {
        **kept,
        "mechanism": "gradient descent on units' averaged and clipped gradients, with discrete Gaussian noise (OpenDP)",
        "neighbours": f"one {budget.unit} more or fewer",
        "epsilon": learnt.epsilon,
        "delta": budget.statistics_delta,
        "rho": learnt.rho,
        "accountant": "zero-concentrated differential privacy, composed and converted by OpenDP",
        "noise_multiplier": learnt.scale,
        "count_noise": learnt.count_scale,
        "sampling": f"none: every {budget.unit} is in every step",
        "steps": STEPS,
        "release": learnt.release,
    }
