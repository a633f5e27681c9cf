"""Documents that ground answers, and their index."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, PrimaryKeyConstraint, Text, UniqueConstraint

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "knowledge_shelves",
        Column("id", Integer, nullable=False),
        Column("tenant", Text, nullable=False),
        Column("collection", Text, nullable=False),
        Column("labels", Text, nullable=False),
        Column("chunks", Integer, nullable=False),
        Column("length", BigInteger, nullable=False),
        Column("revision", Integer, nullable=False),
        PrimaryKeyConstraint("id"),
        UniqueConstraint("tenant", "collection", "labels"),
    )
    op.create_table(
        "knowledge_documents",
        Column("id", Text, nullable=False),
        Column("tenant", Text, nullable=False),
        Column("collection", Text, nullable=False),
        Column("source", LargeBinary, nullable=False),
        Column("root", LargeBinary, nullable=False),
        Column("digest", LargeBinary, nullable=False),
        Column("shelf", Integer, nullable=False),
        Column("key_id", Text, nullable=False),
        Column("sealed", LargeBinary, nullable=False),
        Column("added_at", Text, nullable=False),
        PrimaryKeyConstraint("id"),
        UniqueConstraint("tenant", "collection", "source"),
    )
    op.create_index("knowledge_documents_by_root", "knowledge_documents", ["tenant", "collection", "root"], unique=False)
    op.create_table(
        "knowledge_chunks",
        Column("id", BigInteger, autoincrement=False, nullable=False),
        Column("document", Text, nullable=False),
        Column("shelf", Integer, nullable=False),
        Column("nr", Integer, nullable=False),
        Column("length", Integer, nullable=False),
        Column("key_id", Text, nullable=False),
        Column("sealed", LargeBinary, nullable=False),
        Column("model", Text, nullable=False),
        Column("vector", LargeBinary, nullable=False),
        PrimaryKeyConstraint("id"),
    )
    op.create_index("knowledge_chunks_by_document", "knowledge_chunks", ["document"], unique=False)
    op.create_index("knowledge_chunks_by_shelf", "knowledge_chunks", ["shelf", "model"], unique=False)
    op.create_table(
        "knowledge_postings",
        Column("shelf", Integer, autoincrement=False, nullable=False),
        Column("term", BigInteger, autoincrement=False, nullable=False),
        Column("chunk", BigInteger, autoincrement=False, nullable=False),
        Column("count", Integer, nullable=False),
        Column("length", Integer, nullable=False),
        PrimaryKeyConstraint("shelf", "term", "chunk"),
        sqlite_with_rowid=False,
    )
    op.create_index("knowledge_postings_by_chunk", "knowledge_postings", ["chunk"], unique=False)
    op.create_table(
        "knowledge_mentions",
        Column("tenant", Text, nullable=False),
        Column("tag", LargeBinary, nullable=False),
        Column("chunk", BigInteger, autoincrement=False, nullable=False),
        PrimaryKeyConstraint("tenant", "tag", "chunk"),
    )
    op.create_index("knowledge_mentions_by_chunk", "knowledge_mentions", ["chunk"], unique=False)
