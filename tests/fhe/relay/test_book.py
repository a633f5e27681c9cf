"""Tokens by frames that nobody can read, whatever share of a ciphertext a prompt fills."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.fhe.model.client_part import ClientPart
from gateway.fhe.relay.book import Book, Reckoning
from gateway.fhe.relay.pipe import Announced
from gateway.fhe.wire.frames import Refused
from gateway.fhe.wire.messages import Call

REQUEST = bytes(16)


@st.composite
def _cuts(draw: st.DrawFn) -> tuple[int, list[int]]:
    """A prompt, and lanes that it is cut into: full ones, and a rest that fills a part of one, or goes one by one."""
    full = draw(st.lists(st.sampled_from([8, 32, 128]), max_size=5))
    rest = draw(st.integers(0 if full else 1, 31))
    padded = rest > 1 and draw(st.booleans())
    return sum(full) + rest, full + ([32] if padded else [1] * rest)


@settings(max_examples=50, deadline=None)
@given(cut=_cuts(), answer=st.integers(1, 300))
def test_it_counts_what_a_client_generates(cut: tuple[int, list[int]], answer: int) -> None:
    prompt, lanes = cut
    reckoning = Reckoning(Announced(prompt, answer), 128)
    for each in lanes:
        assert reckoning.output_tokens == 0
        reckoning.see(Call(REQUEST, 0, 0, each))
        reckoning.see(Call(REQUEST, 0, 1, each))
    assert (reckoning.input_tokens, reckoning.output_tokens) == (prompt, 1)
    for _ in range(answer - 1):
        reckoning.see(Call(REQUEST, 0, 0, 1))
    assert (reckoning.input_tokens, reckoning.output_tokens) == (prompt, answer)


def test_nothing_before_the_first_call() -> None:
    assert (Reckoning(Announced(9, 9), 32).input_tokens, Reckoning(Announced(9, 9), 32).output_tokens) == (0, 0)


@pytest.mark.parametrize("place", [(0, 0), (1, 2)])
def test_more_tokens_than_were_announced(place: tuple[int, int]) -> None:
    """Of whatever product: who knows the first matrix does not need to ask about it."""
    reckoning = Reckoning(Announced(1, 4), 32)
    for _ in range(4):
        reckoning.see(Call(REQUEST, *place, 1))
    assert (reckoning.input_tokens, reckoning.output_tokens) == (1, 4)
    with pytest.raises(Refused, match="announced"):
        reckoning.see(Call(REQUEST, *place, 1))


def test_a_longer_prompt_than_was_announced() -> None:
    reckoning = Reckoning(Announced(33, 4), 32)
    reckoning.see(Call(REQUEST, 0, 1, 32))
    reckoning.see(Call(REQUEST, 0, 1, 32))
    with pytest.raises(Refused, match="announced"):
        reckoning.see(Call(REQUEST, 0, 1, 32))


def test_it_knows_every_frame_of_its_model(tiny_part: ClientPart) -> None:
    book = Book(tiny_part.blueprint)
    assert all(
        book.sizes(Call(REQUEST, layer, int(product), lanes)).down for layer, product, lanes in tiny_part.blueprint.plans
    )
    with pytest.raises(Refused, match="matrix"):
        book.sizes(Call(REQUEST, 2, 0, 1))
