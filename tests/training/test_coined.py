"""Names of companies that are made up."""

from __future__ import annotations

import random
import re

from training.coined import coined

KINDS = ("[A-Z][a-z]+", "[A-Z][a-z]+[A-Z][a-z]+", "[A-Z][a-z]+ (?:& )?[A-Z][a-z]+", r"[A-Z][a-z]+\d{1,2}", "[A-Z]{2,4}")


def test_every_kind_is_drawn_and_no_other() -> None:
    chance = random.Random(1)
    names = [coined(chance) for _ in range(2000)]
    kinds = [next((kind for kind in KINDS if re.fullmatch(kind, name)), name) for name in names]
    assert set(kinds) == set(KINDS)
    assert len(set(names)) > 1500


def test_the_same_seed_draws_the_same_names() -> None:
    assert coined(random.Random(7)) == coined(random.Random(7))
