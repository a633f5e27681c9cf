"""Checks an audit log where it lies, by the same rules as the auditor's program checks an export."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.audit.rows import StoredLog, opened
from gateway.audit.signing import verify_signature
from gateway.audit.verify import Chain, Checkpoint, LogCheck, NotVerified, Verified, VerifierKey, checked_leaf
from gateway.store.database import Database


def check_log(database: Database, trusted: VerifierKey | None = None, noted: Sequence[Checkpoint] = ()) -> Verified:
    """Make all leaves and roots anew; without a key, the one that signed last is trusted. The log has to continue `noted`.

    Raises NotVerified at the first thing that is wrong, and AuditUnavailable when the log cannot be read.
    """
    with opened(database) as log:
        chain = Chain(trusted or _latest(log), log.keys(), verify_signature)
        check, stray, erased = LogCheck(log.checkpoints(), chain, noted), log.stray(), 0
        for stored in log.rows():
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


def _latest(log: StoredLog) -> VerifierKey:
    keys = log.keys()
    if not keys:
        raise NotVerified(
            "there is no checkpoint, so nothing is proved: a gateway signs the first one after a minute, and when it stops"
        )
    return keys[-1]


def _require_no_stray(stray: tuple[int, str] | None, before: int | None = None) -> None:
    if stray is not None and (before is None or stray[0] < before):
        raise NotVerified(f"the entry with seq {stray[0]} (call {stray[1]}) has no leaf: it was inserted past the gateway")
