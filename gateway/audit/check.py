"""Checks an audit log where it lies, by the same rules as the auditor's program checks an export."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.audit.rows import StoredLog, no_leaf, opened
from gateway.audit.signing import verify_signature
from gateway.audit.verify import Chain, Checkpoint, LogCheck, NotVerified, Verified, VerifierKey
from gateway.store.database import Database


def check_log(database: Database, trusted: VerifierKey | None = None, noted: Sequence[Checkpoint] = ()) -> Verified:
    """Make all leaves and roots anew; without a key, the one that signed last is trusted. The log has to continue `noted`.

    Raises NotVerified at the first thing that is wrong, and AuditUnavailable when the log cannot be read.
    """
    with opened(database) as log:
        chain = Chain(trusted or _latest(log), log.keys(), verify_signature)
        check, stray, erased = LogCheck(log.checkpoints(), chain, noted), log.stray(), 0
        for stored in log.rows():
            _require_no_stray(stray, before=stored.row.seq)
            check.add(stored.leaf(check.size), stored.nodes)
            erased += stored.row.salt is None
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
        raise no_leaf(*stray)
