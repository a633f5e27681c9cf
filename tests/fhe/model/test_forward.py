"""The forward pass in clear: with itself, and with llama.cpp."""

from __future__ import annotations

import numpy as np
import pytest

from gateway.fhe.model.client_part import ends_of
from gateway.fhe.model.forward import Forward, Memory
from gateway.fhe.model.gguf_file import ModelFile
from gateway.fhe.model.products import FloatProducts


def _forward(model: ModelFile) -> Forward:
    return Forward(model.shape, ends_of(model), FloatProducts(model))


@pytest.mark.parametrize("cuts", [[12], [1] * 12, [5, 1, 6]])
def test_a_text_in_pieces_is_the_text_at_once(cuts: list[int], tiny: ModelFile) -> None:
    tokens = np.random.default_rng(0).integers(0, 258, 12).tolist()
    forward, memory = _forward(tiny), Memory(tiny.shape, 12)
    at_once = forward(tokens, Memory(tiny.shape, 12))
    states, start = [], 0
    for size in cuts:
        states.append(forward(tokens[start : start + size], memory))
        start += size
    assert np.allclose(np.concatenate(states), at_once, atol=1e-4)


def test_later_words_do_not_change_earlier_states(tiny: ModelFile) -> None:
    forward = _forward(tiny)
    first, second = (forward([7, 8, 9, last], Memory(tiny.shape, 4)) for last in (10, 11))
    assert np.allclose(first[:3], second[:3], atol=1e-5)
    assert not np.allclose(first[3], second[3])


def test_a_full_memory_is_refused(tiny: ModelFile) -> None:
    with pytest.raises(ValueError, match="no room"):
        _forward(tiny)([1, 2, 3], Memory(tiny.shape, 2))
