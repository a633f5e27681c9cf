"""Merkle trees as RFC 6962 (2.1) defines them: growing one, and making its proofs. Pure.

A tree of n leaves is a row of perfect subtrees, largest first; their roots are its peaks. Each leaf completes the subtrees that
end with it, two on average. Whoever keeps these nodes with their leaf has every perfect subtree at hand: the peaks of any
earlier tree and every proof take O(log n) look-ups. Hashes, and the checking of proofs, are in `verify.py`, which an auditor
runs without us.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gateway.audit.verify import HASH_BYTES, completed, grown, root_of

Node = Callable[[int, int], bytes]
"""The root of the perfect subtree over the leaves `index << level` up to `(index + 1) << level`, by level and index."""


@dataclass(frozen=True, slots=True)
class Frontier:
    """The edge at which a tree grows: its size and at most 64 peaks, largest first."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def append(self, leaf: bytes) -> tuple[Frontier, list[bytes]]:
        """The edge after this leaf hash, and the nodes that it completed, itself first."""
        nodes = completed(self.peaks, self.size, leaf)
        return Frontier(self.size + 1, grown(self.peaks, nodes)), nodes

    @property
    def root(self) -> bytes:
        return root_of(self.peaks)


def frontier_of(size: int, node: Node) -> Frontier:
    """The edge of a tree of which the nodes were kept."""
    return Frontier(size, tuple(node(level, index) for level, index in _perfect(0, size)))


def inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """The siblings on the way from a leaf up to the root of the tree of this size (RFC 9162, 2.1.3.1)."""
    if not 0 <= index < size:
        raise IndexError("the leaf is not in the tree")
    begin, end, path = 0, size, []
    while end - begin > 1:
        split = begin + _split(end - begin)
        if index < split:
            path.append(_root(split, end, node))
            end = split
        else:
            path.append(_root(begin, split, node))
            begin = split
    return path[::-1]


def consistency_proof(first: int, second: int, node: Node) -> list[bytes]:
    """What shows that the tree of size `second` continues that of size `first` (RFC 9162, 2.1.4.1)."""
    if not 0 <= first <= second:
        raise IndexError("the later tree is not the larger one")
    if first in (0, second):
        return []
    begin, end, whole, path = 0, second, True, []
    while end != first:
        split = begin + _split(end - begin)
        if first <= split:
            path.append(_root(split, end, node))
            end = split
        else:
            path.append(_root(begin, split, node))
            begin, whole = split, False
    return path[::-1] if whole else [_root(begin, end, node), *path[::-1]]


def last_leaf(level: int, index: int) -> int:
    """The leaf with which a perfect subtree ends: its node is kept there."""
    return ((index + 1) << level) - 1


def node_at(kept: bytes, level: int) -> bytes:
    """Raises LookupError where the nodes that were kept with a leaf do not reach so high."""
    found = kept[level * HASH_BYTES : (level + 1) * HASH_BYTES]
    if len(found) != HASH_BYTES:
        raise LookupError("a node of the tree is missing")
    return found


def _root(begin: int, end: int, node: Node) -> bytes:
    """The root over some leaves; `begin` is where a subtree of at least this size may begin."""
    return root_of(tuple(node(level, index) for level, index in _perfect(begin, end)))


def _perfect(begin: int, end: int) -> list[tuple[int, int]]:
    """The perfect subtrees that make up a range of leaves, largest first, as level and index."""
    found = []
    while begin < end:
        level = (end - begin).bit_length() - 1
        found.append((level, begin >> level))
        begin += 1 << level
    return found


def _split(count: int) -> int:
    """The largest power of two below `count`: so many leaves lie in the left subtree."""
    return 1 << ((count - 1).bit_length() - 1)
