"""What an auditor takes home can be verified there: with the program in it, without us, by anybody's Python."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
import zipfile
from pathlib import Path
from zipfile import ZipFile

import pytest

from gateway.audit import verify
from gateway.audit.checkpointer import rotate
from gateway.audit.export import ExportError, export_call, export_log
from gateway.audit.log import Phase
from gateway.audit.signing import new_key
from gateway.audit.verify import Checkpoint, NotVerified, read_checkpoint
from gateway.store import Database
from tests.audit.logs import Log, entry, key_file, log_in, sign_anew, sign_now, signed_log, spoil, value, vkey, write


@pytest.fixture
def log(database: Database, tmp_path: Path) -> Log:
    """10 entries, checkpoints at 4, 7 and 10."""
    return signed_log(Log(database, tmp_path), 4, 7, 10)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "export.zip"


def note(log: Log, size: int) -> str:
    return str(value(log, "SELECT note FROM checkpoints WHERE size = ?", size))


def noted(log: Log, size: int) -> str:
    """A checkpoint as an auditor keeps it."""
    file = log.folder / f"noted-{size}.txt"
    file.write_text(note(log, size), encoding="utf-8")
    return str(file)


def checkpoint(log: Log, size: int) -> Checkpoint:
    return read_checkpoint(note(log, size), "it")


def run(log: Log, out: Path, call: str | None = None, *kept: str) -> list[str]:
    return verify.run(str(out), str(vkey(log)), call, kept)


def test_the_whole_log(log: Log, out: Path) -> None:
    assert export_log(log.database, out) == 10
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    with ZipFile(out) as archive:
        assert {*archive.namelist()} == {
            *("about.json", "README.txt", "verify.py", "entries.jsonl", "leaves.txt", "checkpoints.jsonl", "keys.txt")
        }
        entries = [json.loads(line) for line in archive.read("entries.jsonl").splitlines()]
        assert archive.read("verify.py") == Path(verify.__file__).read_bytes()
    assert entries[3]["body"] == entry(3).body
    assert run(log, out) == ["verified: 10 entries in a log of 10, 3 checkpoints; the last checkpoint is of size 10"]
    assert run(log, out, "c5")[1] == "call c5: leaf 5 (seq 6, call c5, opened)"
    with pytest.raises(NotVerified, match="no entry of call c99"):
        run(log, out, "c99")


def test_the_later_part(log: Log, out: Path) -> None:
    assert export_log(log.database, out, entry(6).at) == 4
    (said,) = run(log, out)
    assert said.startswith("verified: 4 entries in a log of 10, 3 checkpoints; the content of the first 6 is not part")
    with ZipFile(out) as archive:
        assert len(archive.read("leaves.txt").splitlines()) == 10
        assert b'"c5"' not in archive.read("entries.jsonl")


def test_one_call_and_nobody_elses(log: Log, out: Path) -> None:
    with log.table() as table:
        table.write([entry(5, Phase.COMPLETED), entry(11)])
    sign_now(log)
    assert export_call(log.database, out, "c5") == 2
    assert run(log, out) == [
        "verified: in the log of size 12: leaf 5 (seq 6, call c5, opened); leaf 10 (seq 11, call c5, completed)"
    ]
    assert run(log, out, "c5") == run(log, out)
    with pytest.raises(NotVerified, match="the export is of another call than c4"):
        run(log, out, "c4")
    with ZipFile(out) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
        assert archive.read("proofs/5.tlog-proof").decode().endswith(f"\n\n{note(log, 12)}")
    assert b'"c4"' not in everything
    assert b'\\"n\\": 4' not in everything


def test_checkpoints_that_were_noted(log: Log, out: Path) -> None:
    export_log(log.database, out)
    assert run(log, out, None, noted(log, 4))
    assert run(log, out, None, noted(log, 10), noted(log, 4), noted(log, 7))


def test_a_call_and_what_was_noted(log: Log, out: Path) -> None:
    """Before the call and after it: a proof of consistency leads from each to the newest checkpoint."""
    export_call(log.database, out, "c5", [checkpoint(log, 4), checkpoint(log, 7)])
    assert run(log, out, None, noted(log, 4), noted(log, 7), noted(log, 10))
    export_call(log.database, out.with_name("bare.zip"), "c5")
    with pytest.raises(NotVerified, match="no proof from the checkpoint of size 4 on"):
        run(log, out.with_name("bare.zip"), None, noted(log, 4))


def test_a_part_that_ends_before_the_log_does(log: Log, out: Path) -> None:
    third, sixth = (str(value(log, "SELECT at FROM entries WHERE seq = ?", seq)) for seq in (3, 6))
    first, end = (value(log, "SELECT min(seq) FROM entries WHERE at >= ?", at) for at in (third, sixth))
    assert isinstance(first, int)
    assert isinstance(end, int)
    assert export_log(log.database, out, third, sixth) == end - first
    found = run(log, out)[0]
    assert found.startswith(f"verified: {end - first} entries in a log of 10")
    assert f"the content of the last {11 - end} is not part of this export" in found


@pytest.mark.parametrize(("field", "named"), [("first", "with which leaf"), ("end", "before which leaf")])
@pytest.mark.parametrize("said", ["x", -1, 1.5, True])
def test_a_part_that_does_not_say_where_it_begins_or_ends(
    log: Log, out: Path, tmp_path: Path, field: str, named: str, said: object
) -> None:
    export_log(log.database, out, None, "2999-01-01T00:00:00.000Z")
    forged = tmp_path / "forged.zip"
    with ZipFile(out) as archive, ZipFile(forged, "w") as other:
        for name in archive.namelist():
            text = archive.read(name)
            other.writestr(name, json.dumps({**json.loads(text), field: said}) if name == "about.json" else text)
    with pytest.raises(NotVerified, match=f"does not say {named}"):
        run(log, forged)


def test_a_part_of_which_entries_were_taken_away(log: Log, out: Path, tmp_path: Path) -> None:
    """Whoever takes the last of them away, and says that it ended earlier, has shown less, and said so."""
    export_log(log.database, out, None, "2999-01-01T00:00:00.000Z")
    fewer = tmp_path / "fewer.zip"
    with ZipFile(out) as archive, ZipFile(fewer, "w") as other:
        for name in archive.namelist():
            text = archive.read(name)
            other.writestr(name, b"".join(text.splitlines(keepends=True)[:-1]) if name == "entries.jsonl" else text)
    with pytest.raises(NotVerified, match="has no entry"):
        run(log, fewer)


def test_a_call_in_a_log_that_was_forked_since(log: Log, out: Path) -> None:
    kept = [noted(log, size) for size in (7, 10)]
    seen = checkpoint(log, 7)
    spoil(
        log, *(f"DELETE FROM {name} WHERE seq > 6" for name in ("entries", "leaves")), "DELETE FROM checkpoints WHERE size > 4"
    )
    write(log, range(100, 110))
    sign_anew(log)
    export_call(log.database, out, "c5", [seen])
    with pytest.raises(NotVerified, match="no continuation of the checkpoint of size 7 that was noted: a fork"):
        run(log, out, None, kept[0])
    with pytest.raises(NotVerified, match="no proof from the checkpoint of size 10"):
        run(log, out, None, kept[1])


def test_what_was_noted_must_be_a_checkpoint_of_this_log(log: Log, out: Path, tmp_path: Path) -> None:
    export_log(log.database, out)
    (tmp_path / "other").mkdir()
    other = signed_log(log_in(tmp_path / "other" / "audit.sqlite"), 3)
    for name, text, named in (
        ("other", note(other, 3), "not signed by a key of this log"),
        ("spoiled", note(log, 4).replace("\n4\n", "\n5\n"), "is not valid"),
        ("nonsense", "x", "not a checkpoint"),
    ):
        (tmp_path / name).with_suffix(".txt").write_text(text)
        with pytest.raises(NotVerified, match=named):
            run(log, out, None, str(tmp_path / f"{name}.txt"))
    with pytest.raises(NotVerified, match="cannot be read"):
        run(log, out, None, str(tmp_path / "none.txt"))


def test_a_key_of_before_leads_to_a_call_of_now(log: Log, out: Path) -> None:
    old = vkey(log)
    for number in (20, 30):
        with log.table() as table:
            rotate(table, key_file(log), new_key("example.com/log"))
        write(log, range(number, number + 2))
        sign_now(log)
        write(log, range(number + 2, number + 4))
        sign_now(log)
    export_call(log.database, out, "c31")
    with ZipFile(out) as archive:
        assert len(archive.read("checkpoints.jsonl").splitlines()) == 3, "two handovers and the newest"
    for key in (old, vkey(log)):
        assert verify.run(str(out), str(key), None, [])
    with pytest.raises(NotVerified):
        verify.run(str(out), str(new_key("example.com/log").public), None, [])


def test_what_cannot_be_exported(log: Log, out: Path) -> None:
    with pytest.raises(ExportError, match="no entry of this call"):
        export_call(log.database, out, "c99")
    write(log, [50])
    with pytest.raises(ExportError, match="not every entry of this call lies under a checkpoint yet"):
        export_call(log.database, out, "c50")
    with pytest.raises(ExportError, match="no such entries"):
        export_log(log.database, out, "2999")
    huge = checkpoint(log, 10)._replace(size=11)
    with pytest.raises(ExportError, match="not the log that was signed"):
        export_call(log.database, out, "c1", [huge])
    assert not out.exists()
    out.write_text("mine")
    with pytest.raises(FileExistsError):
        export_log(log.database, out)
    assert out.read_text() == "mine"


def test_nothing_is_left_of_an_export_that_fails(log: Log, out: Path) -> None:
    spoil(log, "DELETE FROM entries WHERE seq = 8")
    with pytest.raises(NotVerified, match="has no entry"):
        export_log(log.database, out)
    assert not out.exists()


def test_text_that_was_spoiled_is_exported_and_named(out: Path, tmp_path: Path) -> None:
    """Postgres refuses to hold what is no Unicode."""
    log = signed_log(log_in(tmp_path / "audit.sqlite"), 10)
    spoil(log, "UPDATE entries SET body = CAST(x'7bff7d' AS TEXT) WHERE seq = 5")
    export_log(log.database, out)
    with pytest.raises(NotVerified, match=r"leaf 4 \(seq 5, call c4, opened\)"):
        run(log, out)


def test_what_is_no_export(log: Log, out: Path, tmp_path: Path) -> None:
    for raw in (b"", b"PK\x03\x04nonsense"):
        out.write_bytes(raw)
        with pytest.raises(NotVerified, match="is not an export"):
            run(log, out)
    with pytest.raises(NotVerified, match="is not an export"):
        run(log, tmp_path / "none.zip")
    with ZipFile(out, "w") as archive:
        archive.writestr("README.txt", "hello")
    with pytest.raises(NotVerified, match=r"about\.json is missing"):
        run(log, out)


def test_a_damaged_archive(log: Log, out: Path) -> None:
    export_log(log.database, out)
    raw = bytearray(out.read_bytes())
    with ZipFile(out) as archive:
        begin = archive.getinfo("entries.jsonl").header_offset
    for at in range(begin + 100, begin + 130):
        raw[at] ^= 0xFF
    out.write_bytes(raw)
    with pytest.raises(NotVerified, match=r"entries\.jsonl"):
        run(log, out)


def test_the_program_alone(log: Log, out: Path, tmp_path: Path) -> None:
    """As an auditor runs it: isolated from our packages and from the environment, in a folder of its own."""
    export_log(log.database, out)
    home = tmp_path / "home"
    with ZipFile(out) as archive:
        archive.extract("verify.py", home)

    def program(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "-S", "verify.py", *arguments]
        return subprocess.run(command, cwd=home, capture_output=True, text=True)

    good = program(str(out), str(vkey(log)), "--call", "c3", "--checkpoint", noted(log, 7))
    assert (good.returncode, good.stderr) == (0, "")
    assert good.stdout.splitlines()[1] == "call c3: leaf 3 (seq 4, call c3, opened)"
    bad = program(str(out), str(new_key("example.com/log").public))
    assert (bad.returncode, bad.stdout) == (1, "")
    assert bad.stderr == "NOT VERIFIED: no checkpoint leads to the key that you trust\n"
    assert program(str(out), "name+id+key").stderr == "NOT VERIFIED: not a verifier key: write NAME+ID+KEY\n"
    assert program().returncode == 2


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_archives_that_were_damaged_are_named(log: Log, tmp_path: Path, method: int) -> None:
    path = tmp_path / "damaged.zip"
    with ZipFile(path, "w", method) as archive:
        archive.writestr("about.json", '{"format":1}' * 50)
    raw = bytearray(path.read_bytes())
    start = raw.index(b"about.json") + len(b"about.json")
    raw[start + 8 : start + 10] = bytes(byte ^ 0xFF for byte in raw[start + 8 : start + 10])
    path.write_bytes(bytes(raw))
    with pytest.raises(NotVerified, match="damaged"):
        run(log, path, None)


def test_json_that_is_nested_without_end_is_named(log: Log, tmp_path: Path) -> None:
    path = tmp_path / "deep.zip"
    with ZipFile(path, "w") as archive:
        archive.writestr("about.json", "[" * 100_000)
    with pytest.raises(NotVerified, match="not an object of JSON"):
        run(log, path, None)
