"""What an auditor notices in an export that somebody changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest

from gateway.audit import verify
from gateway.audit.check import check_log
from gateway.audit.export import export_call, export_log
from gateway.audit.verify import NotVerified
from gateway.store import Database
from tests.audit.logs import Log, sign_anew, signed_log, spoil, value, vkey, write
from tests.audit.test_tampering import LEAF_4


@pytest.fixture
def log(database: Database, tmp_path: Path) -> Log:
    """20 entries, checkpoints at 8, 16 and 20, two entries after."""
    return signed_log(Log(database, tmp_path), 8, 16, 20, after=2)


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
    "endless line": ("entries.jsonl", lambda lines: [*lines[:4], " " * (2**24 + 1), *lines[5:]], "a line that is longer"),
    "endless part": ("keys.txt", lambda lines: lines * 300_000, "keys.txt is longer"),
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
