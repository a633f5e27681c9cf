"""What releases cost together: zero-concentrated differential privacy (zCDP), composed and converted by OpenDP.

rho adds up (Bun and Steinke 2016, https://arxiv.org/abs/1605.02065, Lemma 1.7), also where each question depends on the
answers before it, as long as the total was fixed first (Whitehouse et al. 2023, https://arxiv.org/abs/2203.05481). It is
converted to (epsilon, delta) as in Canonne, Kamath and Steinke 2020 (https://arxiv.org/abs/2004.00010). OpenDP rounds towards
the higher cost in each step.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import inf, isfinite
from typing import Any

from gateway.dp.library import opendp

_LEAST_RHO, _MOST_RHO = 1e-12, 1e4


def epsilon(rhos: Sequence[float], delta: float) -> float:
    """The epsilon, at this delta, of releases that cost so much each; 0 of none. Raises ProtectionUnavailable.

    What is no cost makes the whole infinite: nothing fits into a budget with it.
    """
    if not all(isfinite(rho) and rho >= 0 for rho in rhos) or not 0 < delta < 1:
        return inf
    return float(opendp().c.make_zCDP_to_approxDP(_composed(rhos)).map(1.0).epsilon(delta)) if rhos else 0.0


def total(rhos: Sequence[float]) -> float:
    """The rho of releases together. Raises ProtectionUnavailable."""
    return float(_composed(rhos).map(1.0)) if rhos else 0.0


@lru_cache(maxsize=256)
def rho_within(wanted: float, delta: float) -> float:
    """The most that a single release may cost whose epsilon, at this delta, is to be `wanted`. Raises ProtectionUnavailable."""
    found = opendp().binary_search(lambda rho: epsilon((rho,), delta) <= wanted, bounds=(_LEAST_RHO, _MOST_RHO))
    return float(found)


def _composed(rhos: Sequence[float]) -> Any:
    """A measurement with the privacy map of all of these in a row. It is never run."""
    parts = [_costing(rho) for rho in rhos]
    return parts[0] if len(parts) == 1 else opendp().c.make_composition(parts)


def _costing(rho: float) -> Any:
    library = opendp()
    return library.m.make_user_measurement(
        library.vector_domain(library.atom_domain(T="i64")),
        library.l2_distance(T="f64"),
        library.zero_concentrated_divergence(),
        lambda _: 0,
        lambda distance: rho * distance,
        TO="i32",
    )
