"""A network that inherits takes over the layers that look equally far, and has others of its own."""

from __future__ import annotations

from training.depth import counterparts

PEER = (("layer0", 1), ("layer1", 2), ("layer2", 4), ("layer3", 8), ("layer4", 1))
HEIR = (("layer0", 2), ("layer1", 4), ("layer2", 8))


def test_a_smaller_network_leaves_layers_out() -> None:
    assert counterparts((2, 4, 8), PEER) == ["layer1", "layer2", "layer3"]


def test_a_deeper_one_has_layers_that_continue_none() -> None:
    assert counterparts((2, 4, 8, 16, 1), HEIR) == ["layer0", "layer1", "layer2", "", ""]


def test_of_two_that_look_equally_far_each_is_continued_once() -> None:
    assert counterparts((1, 2, 4, 8, 1), PEER) == [name for name, _ in PEER]
    assert counterparts((1, 1, 1), PEER) == ["layer0", "layer4", ""]
