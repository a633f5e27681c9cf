"""Uploaded files, and vector stores that they are in."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Integer, LargeBinary, PrimaryKeyConstraint, Text

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "knowledge_files",
        Column("id", Text, nullable=False),
        Column("tenant", Text, nullable=False),
        Column("owner", Text, nullable=False),
        Column("bytes", Integer, nullable=False),
        Column("purpose", Text, nullable=False),
        Column("status", Text, nullable=False),
        Column("key_id", Text, nullable=False),
        Column("name", LargeBinary, nullable=False),
        Column("content", LargeBinary, nullable=False),
        Column("claimed_at", Text),
        Column("made_at", Text, nullable=False),
        Column("expires_at", Text),
        PrimaryKeyConstraint("id"),
    )
    op.create_index("knowledge_files_by_owner", "knowledge_files", ["tenant", "owner"], unique=False)
    op.create_index("knowledge_files_by_status", "knowledge_files", ["status"], unique=False)
    op.create_table(
        "knowledge_file_mentions",
        Column("tenant", Text, nullable=False),
        Column("tag", LargeBinary, nullable=False),
        Column("file", Text, nullable=False),
        PrimaryKeyConstraint("tenant", "tag", "file"),
    )
    op.create_index("knowledge_file_mentions_by_file", "knowledge_file_mentions", ["file"], unique=False)
    op.create_table(
        "knowledge_stores",
        Column("id", Text, nullable=False),
        Column("tenant", Text, nullable=False),
        Column("owner", Text, nullable=False),
        Column("labels", Text, nullable=False),
        Column("key_id", Text, nullable=False),
        Column("sealed", LargeBinary, nullable=False),
        Column("days", Integer),
        Column("made_at", Text, nullable=False),
        Column("active_at", Text, nullable=False),
        PrimaryKeyConstraint("id"),
    )
    op.create_index("knowledge_stores_by_tenant", "knowledge_stores", ["tenant"], unique=False)
    op.create_table(
        "knowledge_store_files",
        Column("store", Text, nullable=False),
        Column("file", Text, nullable=False),
        Column("tenant", Text, nullable=False),
        Column("batch", Text),
        Column("attributes", LargeBinary, nullable=False),
        Column("status", Text, nullable=False),
        Column("error", Text),
        Column("document", Text),
        Column("bytes", Integer, nullable=False),
        Column("claimed_at", Text),
        Column("made_at", Text, nullable=False),
        PrimaryKeyConstraint("store", "file"),
    )
    op.create_index("knowledge_store_files_by_file", "knowledge_store_files", ["file"], unique=False)
    op.create_index("knowledge_store_files_by_status", "knowledge_store_files", ["status"], unique=False)
