"""What older gateways kept beyond the call that it belongs to ends with it; files and documents are looked through once more.

A copy of a call had no tags of its own, so it outlived its call where that was erased, and a correction had a time of its own.
What is over is not erased here: the next round of retention does that, on the record. Uploaded files and documents were not
looked through for types that policy keeps.
"""

from __future__ import annotations

import json

from alembic import op
from sqlalchemy import Column, Connection, Text, text

revision = "0015"
down_revision = "0014"

_COPIES = """
UPDATE kept SET expires_at = at
WHERE call_id LIKE '%.shadow' AND NOT EXISTS (
  SELECT 1 FROM kept AS call
  WHERE call.part = 'request' AND call.call_id = substr(kept.call_id, 1, length(kept.call_id) - length('.shadow')))
"""
_ACTS = """
SELECT entries.call_id, entries.body FROM entries
WHERE entries.kind = 'act' AND entries.call_id IN (SELECT call_id FROM kept WHERE call_id LIKE 'act%')
"""
_CALL = "SELECT expires_at FROM kept WHERE call_id = :call AND part = 'request'"
_GONE = "UPDATE kept SET expires_at = at WHERE call_id = :act"
_SOONER = "UPDATE kept SET expires_at = :ends WHERE call_id = :act AND (expires_at IS NULL OR expires_at > :ends)"
_FILES = "UPDATE knowledge_files SET status = 'uploaded', claimed_at = NULL"
_DOCUMENTS = "UPDATE knowledge_documents SET unsought = ''"


def upgrade() -> None:
    connection = op.get_bind()
    connection.execute(text(_COPIES))
    for act, body in connection.execute(text(_ACTS)).all():
        _correction(connection, act, json.loads(body or "{}").get("target"))  # the content of an entry may have been erased
    connection.execute(text(_FILES))
    op.add_column("knowledge_documents", Column("unsought", Text))
    op.create_index("knowledge_documents_unsought", "knowledge_documents", ["unsought"], unique=False)
    connection.execute(text(_DOCUMENTS))


def _correction(connection: Connection, act: str, call: str | None) -> None:
    """It ends with its call, or with its own time, whichever is sooner; at once where nothing tells of a call any more."""
    kept = connection.execute(text(_CALL), {"call": call}).first()
    if kept is None:
        connection.execute(text(_GONE), {"act": act})
    elif kept.expires_at is not None:
        connection.execute(text(_SOONER), {"act": act, "ends": kept.expires_at})
