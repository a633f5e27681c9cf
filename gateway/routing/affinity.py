"""Where a key belongs among equals, so that requests that begin alike meet a backend that has read their beginning. Pure.

Rendezvous hashing (Thaler and Ravishankar, Using name-based mappings to increase hit rates, IEEE/ACM Trans. Networking 6(1),
1998) gives each deployment a score for each key; the greatest wins. No table is shared between gateways, and a deployment that
goes takes only its own keys along. Weights enter as in Schindelhauer and Schomaker, Weighted distributed hash tables (SPAA
2005). Loads are bounded as in Mirrokni, Thorup and Zadimoghaddam, Consistent hashing with bounded loads (SODA 2018).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import blake2b
from math import ceil, log
from typing import NamedTuple

from gateway.obligations import DeploymentRef
from gateway.routing.load import Load

BOUND = 1.5
"""How many times its fair share a deployment may have before its keys go to their next place. Near 1 there is no affinity left,
beyond 2 a busy one stays busy: HAProxy advises 1.25 to 2 for the same rule (`hash-balance-factor`)."""

FEW = 2
"""Up to so many calls at once nobody is busy: among three idle ones, a single call would be three times the fair share."""


class Candidate(NamedTuple):
    """A deployment of a tier (counted from 1), as it is now. Not hashed: by value, that takes longer than the choice."""

    deployment: DeploymentRef
    load: Load
    weight: float
    tier: int


def fraction(key: bytes, word: bytes) -> float:
    """A number between 0 and 1, neither included, that a key of up to 64 bytes and a word always have together."""
    digest = blake2b(word, key=key, digest_size=8).digest()
    return (int.from_bytes(digest) + 0.5) / 2**64


def score(key: bytes, one: Candidate) -> float:
    """How much the key belongs there: for a part of all keys in proportion to its weight, a candidate has the greatest."""
    return -one.weight / log(fraction(key, one.deployment.id.encode()))


def rendezvous(key: bytes, candidates: Sequence[Candidate]) -> list[Candidate]:
    """All candidates, the one where the key belongs first."""
    return sorted(candidates, key=lambda one: score(key, one), reverse=True)


def within_bound(candidates: Sequence[Candidate]) -> Callable[[Candidate], bool]:
    """Whether one of them may get one call more, in view of what all have: at least one may.

    One that has more than its share of calls still may while it has not of tokens: short calls weigh little.
    """
    weights = sum(one.weight for one in candidates)
    tokens = sum(one.load.outstanding_tokens for one in candidates)
    calls = 1 + sum(one.load.open for one in candidates)

    def may(one: Candidate) -> bool:
        fair = BOUND * one.weight / weights
        return one.load.open < max(FEW, ceil(fair * calls)) or one.load.outstanding_tokens <= fair * tokens

    return may
