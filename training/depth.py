"""Which layers of one network continue which of another."""

from __future__ import annotations

from collections.abc import Sequence


def counterparts(dilations: Sequence[int], layers: Sequence[tuple[str, int]]) -> list[str]:
    """For each residual layer of a network, by its dilation, the name of the other's that it continues, or nothing.

    `layers` are the other's names and dilations. Each continues in at most one: the first, in order, that looks equally far.
    """
    left, found = list(layers), []
    for dilation in dilations:
        same = next((one for one in left if one[1] == dilation), None)
        if same:
            left.remove(same)
        found.append(same[0] if same else "")
    return found
