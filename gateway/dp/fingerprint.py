"""What the record keeps of a budget and of a release, so that neither can be changed behind it. Pure.

Both are over all that the ledger has of it, and over the budget's salt, so that nobody who only reads the record can guess at
an answer. What they are over is written out: a version that keeps more must not read older ones as changed.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import orjson

from gateway.dp.budget import Budget

OF_BUDGET = (
    "tenant",
    "data_set",
    "since",
    "until",
    "unit",
    "contributions",
    "epsilon",
    "delta",
    "training_epsilon",
    "training_delta",
)
OF_RELEASE = ("id", "tenant", "data_set", "digest", "asked", "kind", "rho", "epsilon", "delta", "state", "answer")


def of_budget(budget: Budget) -> str:
    """SHA-256 in hex; the salt is random and makes it one that tells nothing."""
    of = {name: getattr(budget, name) for name in OF_BUDGET}
    return hashlib.sha256(_canonical({**of, "salt": budget.salt.hex()})).hexdigest()


def of_release(row: Mapping[str, Any], budget: Budget) -> str:
    """HMAC-SHA256 in hex, of the columns `OF_RELEASE`."""
    return hmac.digest(budget.salt, _canonical({name: row[name] for name in OF_RELEASE}), "sha256").hex()


def _canonical(fields: Mapping[str, Any]) -> bytes:
    return orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)
