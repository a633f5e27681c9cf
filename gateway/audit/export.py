"""Writes an export that an auditor verifies without us: entries with their salts, the tree, checkpoints, keys, the program."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import orjson

from gateway.audit import verify
from gateway.audit.ledger import stored_nodes
from gateway.audit.merkle import consistency_proof, inclusion_proof
from gateway.audit.rows import StoredLog, StoredRow, opened
from gateway.audit.verify import HASH_BYTES, PROOF_FORMAT, Checkpoint, Row, read_checkpoint
from gateway.moments import utc_now
from gateway.store.database import Database

_README = """An export of the audit log of a privacy gateway, made {at}.

    python verify.py THIS.zip VKEY

verifies it offline, with Python 3.9 or newer and nothing else. VKEY is the log's verifier key: take it from where you noted it
(`gateway audit key` prints it), not from this export. Better than the copy in here is a verify.py that you had before.

about.json         what this export is
entries.jsonl      entries: their leaf, the body as it was written, the salt of its commitment
checkpoints.jsonl  signed tree heads (c2sp.org/tlog-checkpoint)
keys.txt           every key that signed; a key that you do not trust counts only where one that you do hands over to it
{more}"""
_WHOLE = "leaves.txt         the hash of every leaf of the log, in order\n"
_CALL = (
    "proofs/            for each entry a proof that it is in the log (c2sp.org/tlog-proof)\n"
    "consistency.jsonl  proofs that the newest checkpoint continues earlier ones\n"
)


class ExportError(Exception):
    """There is nothing to export, with a sentence that says why."""


def export_log(database: Database, out: Path, since: str | None = None, until: str | None = None) -> int:
    """Write the whole log, or its entries from a time on and before another, with the leaves of all; how many entries.

    A part ends before the first entry that is of `until` or later.

    Raises ExportError, NotVerified, AuditUnavailable, or OSError where `out` cannot be made; it must not be there yet.
    """
    with opened(database) as log:
        first = 0 if since is None else log.first_since(since)
        end = log.size if until is None else log.first_since(until)
        if first >= end:
            raise ExportError("the log has no such entries")
        within = {"since": since} if until is None else {"since": since, "end": end, "until": until}
        with _archive(out) as archive:
            _about(archive, _WHOLE, {"scope": "log", "first": first, **within})
            _lines(archive, "entries.jsonl", (_entry(stored.row) for stored in islice(log.rows(first), end - first)))
            _lines(archive, "leaves.txt", (_text(stored.nodes[:HASH_BYTES]) for stored in log.rows()))
            _checkpoints(archive, log, log.notes())
        return end - first


def export_call(database: Database, out: Path, call_id: str, noted: Sequence[Checkpoint] = ()) -> int:
    """Write one call's entries with their proofs, and proofs that what an auditor noted is continued; how many entries.

    Raises what `export_log` raises.
    """
    with opened(database) as log:
        rows, newest = log.rows_of(call_id), log.newest()
        _require_signed(rows, newest, noted)
        node = stored_nodes(log.connection)
        with _archive(out) as archive:
            _about(archive, _CALL, {"scope": "call", "call": call_id})
            _lines(archive, "entries.jsonl", (_entry(stored.row) for stored in rows))
            _checkpoints(archive, log, _handovers(log, newest[0]))
            proofs = {one.size: consistency_proof(one.size, newest[0], node) for one in noted}
            _lines(archive, "consistency.jsonl", (_consistency(size, proof) for size, proof in proofs.items()))
            for stored in rows:
                proof = inclusion_proof(stored.row.index, newest[0], node)
                archive.writestr(f"proofs/{stored.row.index}.tlog-proof", _inclusion(stored.row, proof, newest[1]))
        return len(rows)


def _require_signed(rows: Sequence[StoredRow], newest: tuple[int, str], noted: Sequence[Checkpoint]) -> None:
    if not rows:
        raise ExportError("no entry of this call is in the log")
    if rows[-1].row.index >= newest[0]:
        raise ExportError("not every entry of this call lies under a checkpoint yet: try again in a minute")
    if any(one.size > newest[0] for one in noted):
        raise ExportError("a checkpoint that was noted is larger than the log: this is not the log that was signed")


def _handovers(log: StoredLog, newest: int) -> Iterator[tuple[int, str]]:
    """The checkpoints that lead from each key to the next, and the newest."""
    for size, note in log.notes():
        if size == newest or read_checkpoint(note, f"the checkpoint of size {size}").successor is not None:
            yield size, note


@contextmanager
def _archive(out: Path) -> Iterator[ZipFile]:
    """A new file for its owner alone; none is left where something goes wrong."""
    descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as raw, ZipFile(raw, "w", ZIP_DEFLATED) as archive:
            yield archive
    except BaseException:
        out.unlink(missing_ok=True)
        raise


def _about(archive: ZipFile, more: str, about: dict[str, object]) -> None:
    made = {"format": 1, "made_at": utc_now(), **about}
    archive.writestr("about.json", orjson.dumps(made) + b"\n")
    archive.writestr("README.txt", _README.format(at=made["made_at"], more=more))
    archive.writestr("verify.py", Path(verify.__file__).read_bytes())


def _checkpoints(archive: ZipFile, log: StoredLog, notes: Iterable[tuple[int, str]]) -> None:
    _lines(archive, "checkpoints.jsonl", (orjson.dumps({"size": size, "note": note}).decode() for size, note in notes))
    _lines(archive, "keys.txt", map(str, log.keys()))


def _lines(archive: ZipFile, name: str, lines: Iterable[str]) -> None:
    with archive.open(name, "w", force_zip64=True) as member:
        for line in lines:
            member.write(f"{line}\n".encode())


def _entry(row: Row) -> str:
    salt = None if row.salt is None else _text(row.salt)
    words = {"kind": row.kind, "phase": row.phase, "at": row.at, "call_id": row.call_id}
    whole = {"index": row.index, "seq": row.seq, **words, "body": row.body, "salt": salt, "commitment": _text(row.commitment)}
    return json.dumps(whole)  # which, other than orjson, also writes text that somebody spoiled


def _inclusion(row: Row, proof: Iterable[bytes], note: str) -> str:
    return "\n".join([PROOF_FORMAT, f"index {row.index}", *map(_text, proof), "", note])


def _consistency(size: int, proof: Iterable[bytes]) -> str:
    return orjson.dumps({"from": size, "hashes": list(map(_text, proof))}).decode()


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
