"""Whatever somebody does to a log that was signed is named: the first bad leaf or checkpoint, with seq and call.

The same edits are made to the file, checked by `gateway audit verify`, and to an export, checked by the auditor's program.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

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
from tests.audit.logs import Log, key_file, log_in, sign_anew, sign_now, signed_log, spoil, value, vkey, write

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


# In an export


@pytest.fixture
def plain(sqlite: Database, tmp_path: Path) -> Log:
    """The same log in SQLite: an export does not tell where it comes from."""
    return signed_log(Log(sqlite, tmp_path), 8, 16, 20, after=2)


@pytest.fixture
def whole(plain: Log, tmp_path: Path) -> Path:
    export_log(plain.database, tmp_path / "whole.zip")
    return tmp_path / "whole.zip"


@pytest.fixture
def call(plain: Log, tmp_path: Path) -> Path:
    export_call(plain.database, tmp_path / "call.zip", "c4")
    return tmp_path / "call.zip"


Edit = Callable[[list[str]], list[str]]


def rewritten(export: Path, name: str, edit: Edit) -> str:
    """The export with one of its files edited, line by line."""
    with ZipFile(export) as archive:
        parts = {one: archive.read(one) for one in archive.namelist()}
    lines = parts[name].decode().splitlines()
    parts[name] = "".join(f"{line}\n" for line in edit(lines)).encode()
    out = export.with_name("edited.zip")
    with ZipFile(out, "w") as archive:
        for one, raw in parts.items():
            archive.writestr(one, raw)
    return str(out)


def changed(number: int, **fields: object) -> Edit:
    return lambda lines: [*lines[:number], json.dumps(json.loads(lines[number]) | fields), *lines[number + 1 :]]


def swapped(lines: list[str]) -> list[str]:
    return [*lines[:4], lines[5], lines[4], *lines[6:]]


def without(number: int) -> Edit:
    return lambda lines: [*lines[:number], *lines[number + 1 :]]


HASH = "A" * 43 + "="

EDITS: dict[str, tuple[str, Edit, str]] = {
    "body": ("entries.jsonl", changed(4, body="{}"), LEAF_4),
    "salt": ("entries.jsonl", changed(4, salt=HASH), LEAF_4),
    "commitment": ("entries.jsonl", changed(4, commitment=HASH), LEAF_4),
    "call": ("entries.jsonl", changed(4, call_id="c9"), r"leaf 4 \(seq 5, call c9"),
    "seq": ("entries.jsonl", changed(4, seq=6), r"leaf 4 \(seq 6"),
    "half erased": ("entries.jsonl", changed(4, body=None), LEAF_4),
    "not an entry": ("entries.jsonl", changed(4, seq="5"), "line 5 of entries.jsonl is not an entry"),
    "not a hash": ("entries.jsonl", changed(4, salt="short"), "line 5 of entries.jsonl: 32 bytes"),
    "not JSON": ("entries.jsonl", lambda lines: [*lines[:4], "{", *lines[5:]], "entries.jsonl holds a line"),
    "dropped": ("entries.jsonl", without(4), r"leaf 4 is missing .* leaf 5 \(seq 6"),
    "first dropped": ("entries.jsonl", without(0), r"leaf 0 is missing"),
    "last dropped": ("entries.jsonl", without(21), r"leaf 21 has no entry"),
    "reordered": ("entries.jsonl", swapped, r"leaf 4 is missing or out of order"),
    "duplicated": ("entries.jsonl", lambda lines: [*lines[:5], *lines[4:]], r"leaf 5 is missing .* leaf 4 \(seq 5"),
    "inserted": ("entries.jsonl", lambda lines: [*lines, lines[4]], rf"{LEAF_4} is not in the tree"),
    "leaf": ("leaves.txt", lambda lines: [*lines[:4], HASH, *lines[5:]], LEAF_4),
    "leaf dropped": ("leaves.txt", without(4), LEAF_4),
    "leaves cut off": ("leaves.txt", lambda lines: lines[:18], "leaf 18 .* is not in the tree"),
    "leaves swapped": ("leaves.txt", swapped, LEAF_4),
    "checkpoint dropped": ("checkpoints.jsonl", lambda _: [], "no checkpoint"),
    "checkpoint doubled": ("checkpoints.jsonl", lambda lines: [lines[0], *lines], "the checkpoint of size 8 is out of order"),
    "checkpoints swapped": ("checkpoints.jsonl", lambda lines: lines[::-1], "of size 16 is out of order"),
    "not a note": ("checkpoints.jsonl", changed(1, note="x"), "line 2 of checkpoints.jsonl is not a checkpoint"),
    "not a key": ("keys.txt", lambda _: ["x"], "not a verifier key"),
    "of a later format": ("about.json", changed(0, format=2), "of a format"),
    "of no beginning": ("about.json", changed(0, first="x"), "does not say"),
}


@pytest.mark.parametrize(("name", "edit", "named"), EDITS.values(), ids=EDITS)
def test_an_export_that_was_edited(plain: Log, whole: Path, name: str, edit: Edit, named: str) -> None:
    with pytest.raises(NotVerified, match=named):
        verify.run(rewritten(whole, name, edit), str(vkey(plain)), None, [])


def test_a_part_that_is_passed_off_as_the_whole(plain: Log, whole: Path) -> None:
    """Who leaves the beginning out has to say so, and the program repeats it."""
    edited = Path(rewritten(whole, "entries.jsonl", lambda lines: lines[3:]))
    edited = edited.rename(edited.with_name("later.zip"))
    (said,) = verify.run(rewritten(edited, "about.json", changed(0, first=3)), str(vkey(plain)), None, [])
    assert "the content of the first 3 is not part of this export" in said


def cut_off(log: Log) -> None:
    spoil(
        log,
        *(f"DELETE FROM {name} WHERE seq > 16" for name in ("entries", "leaves")),
        "DELETE FROM checkpoints WHERE size > 16",
    )


def forked(log: Log) -> None:
    cut_off(log)
    write(log, range(100, 104))
    sign_anew(log)


@pytest.mark.parametrize(("how", "named"), [(cut_off, "only 16 leaves"), (forked, "size 20 that was noted: a fork")])
def test_a_log_that_is_whole_but_not_the_one_that_was_noted(
    log: Log, tmp_path: Path, how: Callable[[Log], None], named: str
) -> None:
    """Each is consistent in itself and validly signed: only a checkpoint that was kept elsewhere shows it."""
    noted = tmp_path / "noted.txt"
    noted.write_text(str(value(log, "SELECT note FROM checkpoints WHERE size = 20")))
    how(log)
    assert check_log(log.database, vkey(log))
    export_log(log.database, tmp_path / "e.zip")
    with pytest.raises(NotVerified, match=named):
        verify.run(str(tmp_path / "e.zip"), str(vkey(log)), None, [str(noted)])


CALL_EDITS: dict[str, tuple[str, Edit, str]] = {
    "body": ("entries.jsonl", changed(0, body="{}"), LEAF_4),
    "salt": ("entries.jsonl", changed(0, salt=HASH), LEAF_4),
    "call": ("entries.jsonl", changed(0, call_id="c5"), r"call c5, opened\) is not in the log"),
    "another call": ("about.json", changed(0, call="c5"), "of another call"),
    "index": ("entries.jsonl", changed(0, index=5), "proofs/5.tlog-proof is missing"),
    "nothing": ("entries.jsonl", lambda _: [], "no entry"),
    "proof": ("proofs/4.tlog-proof", lambda lines: [*lines[:2], HASH, *lines[3:]], f"{LEAF_4} is not in the log"),
    "proof cut": ("proofs/4.tlog-proof", without(2), f"{LEAF_4} is not in the log"),
    "proof of another leaf": ("proofs/4.tlog-proof", lambda lines: [lines[0], "index 5", *lines[2:]], "is not a proof"),
    "proof of another tree": ("proofs/4.tlog-proof", lambda lines: [x.replace("20", "21") for x in lines], "is not a proof"),
    "checkpoint": ("checkpoints.jsonl", lambda _: [], "no checkpoint"),
}


@pytest.mark.parametrize(("name", "edit", "named"), CALL_EDITS.values(), ids=CALL_EDITS)
def test_the_export_of_a_call_that_was_edited(plain: Log, call: Path, name: str, edit: Edit, named: str) -> None:
    with pytest.raises(NotVerified, match=named):
        verify.run(rewritten(call, name, edit), str(vkey(plain)), None, [])
