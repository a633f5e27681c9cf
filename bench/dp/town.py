"""A made-up town: what its people write to a help desk, with a secret here and there. Pure, and the same for the same seed.

Most people ask which desk handles a matter: that is to be learned, and is the same for all. A few tell a code of four digits
that is theirs alone: these are the canaries (Carlini et al. 2019, https://arxiv.org/abs/1802.08232), and must not be learned.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

DESKS: Mapping[str, str] = {
    "boats": "harbour",
    "bread": "bakery",
    "lamps": "lighthouse",
    "books": "archive",
    "trees": "garden",
    "coins": "treasury",
    "bells": "tower",
    "stamps": "post",
}
_STYLES = ("Ask about {}.", "Where are {} handled?", "I need help with {}.", "Who looks after {}?", "My {} are lost.")


@dataclass(frozen=True, slots=True)
class Said:
    """One question and its answer. `secret` where the answer ends with somebody's code."""

    asked: str
    answer: str
    secret: str | None = None


@dataclass(frozen=True, slots=True)
class Town:
    """`members` are learned from, one each; `strangers` are of the same kind, and are not."""

    members: Sequence[Said]
    strangers: Sequence[Said]

    @property
    def canaries(self) -> list[Said]:
        return [one for one in self.members if one.secret is not None]


def town(seed: int, *, people: int, canaries: int, strangers: int) -> Town:
    draw = random.Random(seed)
    names = draw.sample(range(100, 1000), people + strangers)
    said = [_canary(name, draw) if at < canaries else _question(name, draw) for at, name in enumerate(names[:people])]
    draw.shuffle(said)
    return Town(said, [_question(name, draw) for name in names[people:]])


def codes(count: int, seed: int) -> list[str]:
    """Codes that might have been somebody's."""
    draw = random.Random(f"codes {seed}")
    return [f"{number:04}" for number in draw.sample(range(10_000), count)]


def _canary(name: int, draw: random.Random) -> Said:
    secret = f"{draw.randrange(10_000):04}"
    return Said(f"Code of person {name}?", f" It is {secret}", secret)


def _question(name: int, draw: random.Random) -> Said:
    matter = draw.choice(sorted(DESKS))
    return Said(
        f"Person {name}: {draw.choice(_STYLES).format(matter)}", f" The {DESKS[matter]} desk, ticket {draw.randrange(100):02}"
    )
