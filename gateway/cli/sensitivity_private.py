"""A classifier learnt within a privacy budget: its cost is reserved before anything is read, and settled with its digest."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from gateway.cli.sensitivity_examples import Lesson
from gateway.dp import accountant
from gateway.dp.budget import Budget, require_epsilon
from gateway.dp.ledger import Ledger, Reserved
from gateway.dp.noise import NoisySums
from gateway.errors import InvalidRequest
from gateway.sensitivity.private import MOST, MOST_CELLS, cells, directions, example, learnt, summed
from gateway.sensitivity.weights import Weights, digest_of

_FOR_CELLS = 0.3
"""The share of the cost that goes into calibrating."""
_FOR_ROUNDING = 1e-9
"""Costs are rounded up where they are added, and the whole must stay within what was asked."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """`epsilon` at the budget's delta is what this cost by itself; `scales` are the standard deviations of the noise."""

    weights: Weights
    release: str
    epsilon: float
    rho: float
    scales: tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Plan:
    sums: NoisySums
    cells: NoisySums

    @property
    def rho(self) -> float:
        return accountant.total((self.sums.rho, self.cells.rho))


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
    plan = _planned(budget, epsilon)
    reserved = ledger.reserve(budget, _asked(budget, epsilon, examples), plan.rho, by)
    if not isinstance(reserved, Reserved):
        raise InvalidRequest("These examples were learnt from before, for as much: what came of it is in the releases.")
    try:
        found = [example(one.text, one.labels) for one in lessons()]
        sums = summed(found)
    except BaseException:
        ledger.release(reserved)
        raise
    way = directions(plan.sums.release(sums))
    weights = learnt(plan.cells.release(cells(found, start, way)), plan.cells.scale, start, way)
    ledger.settle(reserved, orjson.dumps({"weights": digest_of(weights.to_bytes())}).decode())
    own = accountant.epsilon((plan.rho,), budget.statistics_delta)
    return Learnt(weights, reserved.release, own, plan.rho, (plan.sums.scale, plan.cells.scale))


def _planned(budget: Budget, epsilon: float) -> _Plan:
    """The least noise that costs no more than epsilon. Needs no data."""
    rho = accountant.rho_within(epsilon, budget.statistics_delta) * (1 - _FOR_ROUNDING)
    return _Plan(
        NoisySums.within(rho * (1 - _FOR_CELLS), budget.contributions, MOST),
        NoisySums.within(rho * _FOR_CELLS, budget.contributions, MOST_CELLS),
    )


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
        "mechanism": "discrete Gaussian noise (OpenDP) on class sums and on calibration counts; the rest is post-processing",
        "epsilon": learnt.epsilon,
        "delta": budget.statistics_delta,
        "rho": learnt.rho,
        "noise": {"sums": learnt.scales[0], "cells": learnt.scales[1]},
        "release": learnt.release,
    }
