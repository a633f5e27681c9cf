"""Surrogates stay apart from the texts and from each other, however many there are."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from gateway.redaction.operators import Pseudonyms, Surrogate
from gateway.redaction.placeholders import PlaceholderMint
from gateway.redaction.surrogates import SurrogateMaker
from gateway.redaction.taken import Taken


def test_what_stands_in_a_text_or_was_added_is_taken() -> None:
    taken = Taken(["Ask Joann Lee.", "or"])
    assert taken.holds("ann Lee"), "within a word, too"
    assert not taken.holds("Max Roth")
    for n in range(1_000):
        taken.add(f"Max Roth {n};")
    assert all(taken.holds(f"Max Roth {n};") for n in range(1_000))
    assert not taken.holds("Max Roth 1000;")


def test_where_no_surrogate_is_left_none_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two hundred addresses of a small network each tried fifty times over would hold everybody up."""
    asked = count()
    one = SurrogateMaker.surrogate

    def counted(self: SurrogateMaker, *about: Any, **more: Any) -> str | None:
        next(asked)
        return one(self, *about, **more)

    monkeypatch.setattr(SurrogateMaker, "surrogate", counted)
    pseudonyms = Pseudonyms(PlaceholderMint(frozenset()))
    params = {"pseudonyms": pseudonyms, "key": b"k" * 32, "taken": Taken(), "entity": "IP_ADDRESS"}
    values = [f"10.0.{n // 256}.{n % 256}" for n in range(3_000)]
    replaced = [Surrogate().operate(value, params) for value in values]
    assert len({*replaced}) == len(values)
    made = len(pseudonyms.surrogates)
    assert 254 < made <= 3 * 254
    assert next(asked) == made + 1, "the first in vain was the last"
    assert set(replaced) - {*pseudonyms.surrogates.values()} == {f"<IP_ADDRESS_{n + 1}>" for n in range(len(values) - made)}
