"""Checks an audit file where it lies, by the same rules as the auditor's program checks an export."""

from __future__ import annotations

from pathlib import Path

from gateway.audit.rows import LogFile, opened
from gateway.audit.signing import verify_signature
from gateway.audit.verify import Chain, LogCheck, NotVerified, Verified, VerifierKey, checked_leaf


def check_file(path: Path, trusted: VerifierKey | None = None) -> Verified:
    """Make all leaves and roots anew; without a key, the one that signed last is trusted.

    Raises NotVerified at the first thing that is wrong, and sqlite3.Error when the file cannot be read.
    """
    with opened(path) as file:
        chain = Chain(trusted or _latest(file), file.keys(), verify_signature)
        check, stray, erased = LogCheck(file.checkpoints(), chain), file.stray(), 0
        for stored in file.rows():
            row = stored.row
            _require_no_stray(stray, before=row.seq)
            leaf = checked_leaf(row, check.size)
            if leaf != stored.nodes[: len(leaf)]:
                raise NotVerified(f"{row.name}: the entry is not what its leaf was made of")
            check.add(leaf, stored.nodes)
            erased += row.salt is None
        _require_no_stray(stray)
        last = check.finish()
        return Verified(check.size, 0, erased, check.size, chain.count, last)


def _latest(file: LogFile) -> VerifierKey:
    keys = file.keys()
    if not keys:
        raise NotVerified("there is no checkpoint, so nothing is proved")
    return keys[-1]


def _require_no_stray(stray: tuple[int, str] | None, before: int | None = None) -> None:
    if stray is not None and (before is None or stray[0] < before):
        raise NotVerified(f"the entry with seq {stray[0]} (call {stray[1]}) has no leaf: it was inserted past the gateway")
