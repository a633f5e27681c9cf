"""Makes the certificate of an erasure that is on the record: signs the log, then what was erased and where the log says so."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime

from sqlalchemy import Connection, select

from gateway.assurance.certificate import certificate
from gateway.assurance.erasure import Erased
from gateway.audit.checkpointer import sign
from gateway.audit.entry_table import EntryTable
from gateway.audit.log import Phase
from gateway.audit.signing import KeyFile
from gateway.errors import AuditUnavailable
from gateway.moments import written
from gateway.store.database import Database
from gateway.store.tables.ledger import ENTRIES, LEAVES


def confirmed(database: Database, key_file: KeyFile, erased: Erased, act_id: str, now: datetime) -> str:
    """The certificate; the act has to be on the record as done. Raises AuditUnavailable."""
    with closing(EntryTable(database)) as table:
        checkpoint = sign(table, key_file)
    with database.reading() as connection:
        leaf = _leaf_of(connection, act_id)
    if checkpoint is None or leaf is None:
        raise AuditUnavailable("The erasure is not on the record: give the same command again.")
    return certificate(
        erased, finished_at=written(now), act_id=act_id, leaf=leaf, checkpoint=checkpoint, key=key_file.load().current
    )


def _leaf_of(connection: Connection, act_id: str) -> int | None:
    done = (ENTRIES.c.call_id == act_id) & (ENTRIES.c.phase == Phase.COMPLETED.value)
    query = select(LEAVES.c.idx).join(ENTRIES, ENTRIES.c.seq == LEAVES.c.seq).where(done)
    return connection.execute(query).scalar_one_or_none()
