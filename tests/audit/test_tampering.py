"""Whatever somebody does to a log that was signed is named: the first bad leaf or checkpoint, with seq and call.

The same edits are made to the file, checked by `gateway audit verify`, and to an export, checked by the auditor's program.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gateway.audit import verify
from gateway.audit.check import check_log
from gateway.audit.checkpoint import next_note
from gateway.audit.checkpointer import last_checkpoint
from gateway.audit.export import export_call, export_log
from gateway.audit.ledger import stored_nodes, tail_of
from gateway.audit.merkle import Frontier, frontier_of
from gateway.audit.signing import Keys, new_key
from gateway.audit.verify import NotVerified, commit, leaf_data, leaf_hash
from gateway.store import Database
from tests.audit.logs import Log, key_file, log_in, sign_now, signed_log, spoil, value, vkey

LEAF_4 = r"leaf 4 \(seq 5, call c4, opened\)"


@pytest.fixture
def log(database: Database, tmp_path: Path) -> Log:
    """20 entries, checkpoints at 8, 16 and 20, two entries after."""
    return signed_log(Log(database, tmp_path), 8, 16, 20, after=2)


def test_an_honest_log_verifies(log: Log, tmp_path: Path) -> None:
    found = check_log(log.database, vkey(log))
    assert str(found) == (
        "verified: 22 entries in a log of 22, 3 checkpoints; the last checkpoint is of size 20; "
        "2 entries lie after it and are not proved"
    )
    export_log(log.database, tmp_path / "e.zip")
    assert verify.run(str(tmp_path / "e.zip"), str(vkey(log)), None, []) == [str(found)]


# In the file


def flipped(log: Log, column: str, at: int = 0) -> tuple[str, tuple[object, ...]]:
    raw = bytearray(value(log, f"SELECT {column} FROM leaves WHERE seq = 5"))
    raw[at] ^= 1
    return f"UPDATE leaves SET {column} = ? WHERE seq = 5", (bytes(raw),)


def rehashed(log: Log, *, nodes: bool) -> tuple[str, tuple[object, ...]]:
    """Row 5 with another body, and commitment and leaf to match; with all nodes that follow from it, too, or not."""
    salt = os.urandom(32)
    body = '{"forged":true}'
    commitment = commit(salt, body.encode())
    at = str(value(log, "SELECT at FROM entries WHERE seq = 5"))
    leaf = leaf_hash(leaf_data(5, "exchange", "opened", at, "c4", commitment))
    with log.table() as table:
        kept = frontier_of(4, stored_nodes(table.open())).append(leaf)[1] if nodes else [leaf]
    spoil(log, ("UPDATE entries SET body = ? WHERE seq = 5", (body,)))
    return "UPDATE leaves SET salt = ?, commitment = ?, nodes = ? WHERE seq = 5", (salt, commitment, b"".join(kept))


WORDS = {
    "body": "UPDATE entries SET body = replace(body, 'n', 'm') WHERE seq = 5",
    "an empty body": "UPDATE entries SET body = '' WHERE seq = 5",
    "no salt": "UPDATE leaves SET salt = NULL WHERE seq = 5",
    "time": "UPDATE entries SET at = '2026-01-01T00:00:00.000Z' WHERE seq = 5",
    "call": "UPDATE entries SET call_id = 'c999' WHERE seq = 5",
    "phase": "UPDATE entries SET phase = 'completed' WHERE seq = 5",
    "kind": "UPDATE entries SET kind = 'act' WHERE seq = 5",
}


UNTYPED = {
    "a body that is no text": "UPDATE entries SET body = CAST(x'7bff7d' AS TEXT) WHERE seq = 5",
    "a body as bytes": "UPDATE entries SET body = CAST(body AS BLOB) WHERE seq = 5",
    "a salt as text": "UPDATE leaves SET salt = 'salt' WHERE seq = 5",
    "nodes as a number": "UPDATE leaves SET nodes = 1000000000000 WHERE seq = 5",
}


@pytest.mark.parametrize("edit", UNTYPED.values(), ids=UNTYPED)
def test_an_entry_of_another_type(tmp_path: Path, edit: str) -> None:
    """SQLite stores in any column what it is given."""
    log = signed_log(log_in(tmp_path / "audit.sqlite"), 8)
    spoil(log, edit)
    with pytest.raises(NotVerified, match=r"leaf 4 \(seq 5"):
        check_log(log.database)


@pytest.mark.parametrize("edit", WORDS.values(), ids=WORDS)
def test_an_entry_that_was_edited(log: Log, edit: str) -> None:
    spoil(log, edit)
    with pytest.raises(NotVerified, match=r"leaf 4 \(seq 5"):
        check_log(log.database)


@pytest.mark.parametrize("column", ["salt", "commitment", "nodes"])
def test_a_bit_of_a_leaf(log: Log, column: str) -> None:
    spoil(log, flipped(log, column))
    with pytest.raises(NotVerified, match=LEAF_4):
        check_log(log.database)


def test_a_bit_of_the_tree_above(log: Log) -> None:
    nodes = value(log, "SELECT nodes FROM leaves WHERE seq = 6")
    assert isinstance(nodes, bytes)
    spoil(log, ("UPDATE leaves SET nodes = ? WHERE seq = 6", (nodes[:-1] + bytes([nodes[-1] ^ 1]),)))
    with pytest.raises(NotVerified, match="leaves 4 to 5 are not those from which the log's tree was made"):
        check_log(log.database)


def test_an_entry_that_was_forged_with_its_leaf(log: Log) -> None:
    spoil(log, rehashed(log, nodes=False))
    with pytest.raises(NotVerified, match="leaves 4 to 5 are not those"):
        check_log(log.database)


def test_a_forger_who_makes_the_whole_tree_anew_meets_the_signature(log: Log) -> None:
    spoil(log, rehashed(log, nodes=True))
    _rebuild(log)
    with pytest.raises(NotVerified, match=r"the checkpoint of size 8 is validly signed, but .* leaves 0 to 7 are not those"):
        check_log(log.database)


def _rebuild(log: Log) -> None:
    """Nodes that follow from the leaves as they are now."""
    edge, edits = Frontier(), []
    with log.table() as table:
        for seq, nodes in table.open().exec_driver_sql("SELECT seq, nodes FROM leaves ORDER BY seq"):
            edge, kept = edge.append(nodes[:32])
            edits.append(("UPDATE leaves SET nodes = ? WHERE seq = ?", (b"".join(kept), seq)))
    spoil(log, *edits)


@pytest.mark.parametrize(
    ("edits", "named"),
    [
        (["DELETE FROM entries WHERE seq = 5"], r"leaf 4 \(seq 5\) has no entry: it was removed"),
        (["DELETE FROM entries WHERE seq = 5", "DELETE FROM leaves WHERE seq = 5"], r"leaf 4 is missing .* leaf 5 \(seq 6"),
        (["DELETE FROM leaves WHERE seq = 5"], r"the entry with seq 5 \(call c4\) has no leaf"),
        (
            [
                "UPDATE entries SET seq = -5 WHERE seq = 5",
                "UPDATE entries SET seq = 5 WHERE seq = 6",
                "UPDATE entries SET seq = 6 WHERE seq = -5",
            ],
            r"leaf 4 \(seq 5, call c5",
        ),
        (["UPDATE leaves SET idx = 9 - idx WHERE idx IN (4, 5)"], r"leaf 4 is missing or out of order: leaf 5 \(seq 5"),
        (
            [
                "INSERT INTO entries (seq, call_id, phase, at, body) SELECT 99, call_id, 'completed', at, body FROM entries LIMIT 1"
            ],
            r"the entry with seq 99 \(call c0\) has no leaf: it was inserted",
        ),
        (
            ["DELETE FROM entries WHERE seq > 18", "DELETE FROM leaves WHERE seq > 18"],
            "size 20 is signed, but .* only 18 leaves",
        ),
        (["DELETE FROM checkpoints"], "there is no checkpoint"),
        (["DELETE FROM checkpoints WHERE size = 8", "DELETE FROM verifier_keys"], "nothing is proved"),
    ],
)
def test_dropped_reordered_inserted_cut_off(log: Log, edits: list[str], named: str) -> None:
    spoil(log, *edits)
    with pytest.raises(NotVerified, match=named):
        check_log(log.database)


@pytest.mark.parametrize(
    ("edit", "named"),
    [
        (
            "UPDATE checkpoints SET note = replace(note, 'example.com/log\n', 'example.com/lag\n')",
            "another log",
        ),
        ("UPDATE checkpoints SET note = 'no note' WHERE size = 16", "stored under size 16 is not a checkpoint"),
        (
            "UPDATE checkpoints SET note = (SELECT note FROM checkpoints WHERE size = 8) WHERE size = 16",
            "size 8 is out of order",
        ),
    ],
)
def test_a_checkpoint_that_was_edited(log: Log, edit: str, named: str) -> None:
    spoil(log, edit)
    with pytest.raises(NotVerified, match=named):
        check_log(log.database, vkey(log))


@pytest.mark.parametrize("line", [1, 2, 4])
def test_a_bit_of_a_checkpoint(log: Log, line: int) -> None:
    """In its size, its root, or its signature."""
    lines = str(value(log, "SELECT note FROM checkpoints WHERE size = 16")).split("\n")
    spoiled = lines[line][:-5] + ("B" if lines[line][-5:-4] != "B" else "C") + lines[line][-4:] if line > 1 else "17"
    note = "\n".join([*lines[:line], spoiled, *lines[line + 1 :]])
    spoil(log, ("UPDATE checkpoints SET note = ? WHERE size = 16", (note,)))
    with pytest.raises(NotVerified, match=r"the checkpoint of size 1[67]: the signature of example.com/log\+\w+ is not valid"):
        check_log(log.database, vkey(log))


def test_a_fork_that_is_validly_signed(log: Log) -> None:
    with log.table() as table:
        other, last = Frontier(16, (os.urandom(32),)), last_checkpoint(table.open())
    note = next_note(other, key_file(log).load(), last)
    spoil(log, ("UPDATE checkpoints SET note = ? WHERE size = 16", (note,)))
    with pytest.raises(
        NotVerified, match="the checkpoint of size 16 is validly signed, but the log has another root: leaves 8 to 15"
    ):
        check_log(log.database)


def test_a_checkpoint_by_somebody_else(log: Log) -> None:
    with log.table() as table:
        edge = tail_of(table.open()).frontier
    rogue = new_key("example.com/log")
    for known in (False, True):
        edits = [("INSERT INTO checkpoints VALUES (22, 't', ?)", (next_note(edge, Keys(rogue), None),))]
        more = [("INSERT INTO verifier_keys VALUES (?, 't')", (str(rogue.public),))]
        spoil(log, "DELETE FROM checkpoints WHERE size = 22", *edits, *(more if known else []))
        with pytest.raises(NotVerified, match="size 22 is not signed by the key in charge"):
            check_log(log.database, vkey(log))


def test_a_log_of_somebody_else(log: Log) -> None:
    with pytest.raises(NotVerified, match=r"not signed by the key in charge|leads to the key"):
        check_log(log.database, new_key("example.com/log").public)


# Erased content


def test_erased_content_still_verifies(log: Log, tmp_path: Path) -> None:
    spoil(
        log,
        "UPDATE entries SET body = '' WHERE seq IN (5, 6)",
        "UPDATE leaves SET salt = NULL WHERE seq IN (5, 6)",
    )
    found = check_log(log.database, vkey(log))
    assert (found.entries, found.erased) == (22, 2)
    assert "of 2 the content was erased" in str(found)
    sign_now(log)
    export_call(log.database, tmp_path / "call.zip", "c4")
    (said,) = verify.run(str(tmp_path / "call.zip"), str(vkey(log)), None, [])
    assert said.endswith("leaf 4 (seq 5, call c4, opened), content erased")
    assert check_log(log.database).entries == 22
