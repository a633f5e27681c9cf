"""The tree is that of RFC 6962: by its reference vectors, and by its definition for trees of any size."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.merkle import Frontier, Node, consistency_proof, frontier_of, inclusion_proof, last_leaf, node_at
from gateway.audit.verify import EMPTY_ROOT, leaf_hash, verify_consistency, verify_inclusion

# The vectors of the reference implementation of Certificate Transparency: github.com/google/certificate-transparency,
# cpp/merkletree/merkle_tree_test.cc; the same in github.com/transparency-dev/merkle, proof/verify_test.go.
LEAVES = [bytes.fromhex(text) for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")]
LEAVES.append(bytes.fromhex("606162636465666768696a6b6c6d6e6f"))
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
INCLUSION = {  # leaf and size, both counted from 1
    (1, 1): [],
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (3, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (2, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
CONSISTENCY = {
    (1, 1): [],
    (1, 8): INCLUSION[1, 8],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
    (6, 7): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
}


def nodes_in(kept: Sequence[bytes]) -> Node:
    """Look-up in memory, where each item holds the nodes that its leaf completed, one after the other."""
    return lambda level, index: node_at(kept[last_leaf(level, index)], level)


def grow(leaves: Sequence[bytes]) -> tuple[list[Frontier], list[bytes]]:
    """The edges of the tree from empty on, and what is kept with each leaf."""
    edges, kept = [Frontier()], []
    for leaf in leaves:
        edge, nodes = edges[-1].append(leaf)
        edges.append(edge)
        kept.append(b"".join(nodes))
    return edges, kept


def hexed(proof: Sequence[bytes]) -> list[str]:
    return [one.hex() for one in proof]


def test_roots_of_the_reference() -> None:
    edges, _ = grow([leaf_hash(leaf) for leaf in LEAVES])
    assert tuple(edge.root.hex() for edge in edges) == ROOTS


@pytest.mark.parametrize(("leaf", "size"), INCLUSION)
def test_inclusion_proofs_of_the_reference(leaf: int, size: int) -> None:
    _, kept = grow([leaf_hash(one) for one in LEAVES])
    proof = inclusion_proof(leaf - 1, size, nodes_in(kept))
    assert hexed(proof) == INCLUSION[leaf, size]
    assert verify_inclusion(leaf - 1, size, leaf_hash(LEAVES[leaf - 1]), bytes.fromhex(ROOTS[size]), proof)


@pytest.mark.parametrize(("first", "second"), CONSISTENCY)
def test_consistency_proofs_of_the_reference(first: int, second: int) -> None:
    _, kept = grow([leaf_hash(one) for one in LEAVES])
    proof = consistency_proof(first, second, nodes_in(kept))
    assert hexed(proof) == CONSISTENCY[first, second]
    assert verify_consistency(first, second, bytes.fromhex(ROOTS[first]), bytes.fromhex(ROOTS[second]), proof)


# The definition, as RFC 6962 writes it in 2.1 to 2.1.2: over all leaves, again and again.


def _h(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _k(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def mth(d: Sequence[bytes]) -> bytes:
    if len(d) < 2:
        return _h(b"\x00" + d[0]) if d else _h(b"")
    k = _k(len(d))
    return _h(b"\x01" + mth(d[:k]) + mth(d[k:]))


def path(m: int, d: Sequence[bytes]) -> list[bytes]:
    if len(d) == 1:
        return []
    k = _k(len(d))
    return [*path(m, d[:k]), mth(d[k:])] if m < k else [*path(m - k, d[k:]), mth(d[:k])]


def subproof(m: int, d: Sequence[bytes], whole: bool) -> list[bytes]:
    if m == len(d):
        return [] if whole else [mth(d)]
    k = _k(len(d))
    if m <= k:
        return [*subproof(m, d[:k], whole), mth(d[k:])]
    return [*subproof(m - k, d[k:], False), mth(d[:k])]


@st.composite
def trees(draw: st.DrawFn) -> tuple[list[bytes], int, int]:
    """Leaves, a size of an earlier tree, and a leaf of the whole one."""
    leaves = [b"%d" % number for number in range(draw(st.integers(1, 70)))]
    return leaves, draw(st.integers(1, len(leaves))), draw(st.integers(0, len(leaves) - 1))


@given(trees())
def test_roots_and_proofs_are_those_of_the_definition(drawn: tuple[list[bytes], int, int]) -> None:
    leaves, first, index = drawn
    edges, kept = grow([leaf_hash(leaf) for leaf in leaves])
    node, size = nodes_in(kept), len(leaves)
    assert edges[-1].root == mth(leaves)
    assert edges[first].root == mth(leaves[:first])
    assert frontier_of(first, node) == edges[first], "from what is kept, any earlier edge"
    assert inclusion_proof(index, size, node) == path(index, leaves)
    assert consistency_proof(first, size, node) == subproof(first, leaves, True)
    assert verify_inclusion(index, size, leaf_hash(leaves[index]), mth(leaves), path(index, leaves))
    assert verify_consistency(first, size, mth(leaves[:first]), mth(leaves), subproof(first, leaves, True))


@given(trees(), st.data())
def test_a_wrong_proof_proves_nothing(drawn: tuple[list[bytes], int, int], data: st.DataObject) -> None:
    leaves, first, index = drawn
    size, root, leaf = len(leaves), mth(leaves), leaf_hash(leaves[index])
    right, steps = path(index, leaves), subproof(first, leaves, True)
    for wrong in _spoiled(right, data):
        assert not verify_inclusion(index, size, leaf, root, wrong)
    for wrong in _spoiled(steps, data):
        assert not verify_consistency(first, size, mth(leaves[:first]), root, wrong)
    assert not verify_inclusion(index, size, leaf_hash(b"other"), root, right)
    assert not verify_inclusion(index, size, leaf, leaf_hash(b"other"), right)
    assert not verify_inclusion(size, size, leaf, root, right)
    assert not verify_consistency(first, size, leaf_hash(b"other"), root, steps)
    assert not verify_consistency(first, size, mth(leaves[:first]), leaf_hash(b"other"), steps)
    assert not verify_consistency(size + 1, size, root, root, steps)


def _spoiled(proof: list[bytes], data: st.DataObject) -> list[list[bytes]]:
    spoiled = [[*proof, leaf_hash(b"more")], [leaf_hash(b"more"), *proof], [*proof, b""]]
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        flipped = bytes([proof[at][0] ^ 8]) + proof[at][1:]
        spoiled += [proof[:-1], proof[1:], [*proof[:at], flipped, *proof[at + 1 :]]]
    return spoiled


def test_sizes_that_need_no_proof() -> None:
    some = leaf_hash(b"")
    assert verify_consistency(0, 5, EMPTY_ROOT, some, [])
    assert verify_consistency(5, 5, some, some, [])
    assert not verify_consistency(5, 5, some, EMPTY_ROOT, [])
    assert not verify_consistency(0, 5, some, some, [])
    assert not verify_consistency(1, 2, some, some, [])
    assert not verify_consistency(-1, 2, some, some, [])


def test_no_proof_for_what_is_not_there() -> None:
    node = nodes_in(grow([leaf_hash(b"")])[1])
    for index in (-1, 1):
        with pytest.raises(IndexError):
            inclusion_proof(index, 1, node)
    with pytest.raises(IndexError):
        consistency_proof(2, 1, node)
    with pytest.raises(LookupError):
        node_at(b"x" * 32, 1)


def test_growing_takes_little_work_and_memory() -> None:
    """Counted, not timed: hashes for each leaf, and peaks kept."""
    edges, kept = grow([leaf_hash(b"%d" % number) for number in range(1_000)])
    assert sum(len(nodes) // 32 - 1 for nodes in kept) < 1_000
    assert max(len(edge.peaks) for edge in edges) <= 10
    assert edges[-1].size == 1_000
