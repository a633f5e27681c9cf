"""Documents that ground answers, sealed, and the index by which their chunks are found.

A shelf holds the documents of one tenant, one collection and one set of labels. A search looks only at shelves that its caller
may see, so it can neither be led nor be slowed down by what lies on others.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from gateway.store.tables.base import METADATA

SHELVES = Table(
    "knowledge_shelves",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("collection", Text, nullable=False),
    Column("labels", Text, nullable=False),
    Column("chunks", Integer, nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("revision", Integer, nullable=False),
    UniqueConstraint("tenant", "collection", "labels"),
)
"""`labels` is a JSON array, sorted. `length` sums the terms of all chunks. `revision` grows with every change."""

DOCUMENTS = Table(
    "knowledge_documents",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("collection", Text, nullable=False),
    Column("source", LargeBinary, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("shelf", Integer, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("added_at", Text, nullable=False),
    Column("unsought", Text),
    UniqueConstraint("tenant", "collection", "source"),
    Index("knowledge_documents_by_root", "tenant", "collection", "root"),
    Index("knowledge_documents_unsought", "unsought"),
)
"""`source`, `root` and `digest` are HMACs: of where the file lies, of what was named when it was added, of what stands in it
and how it was treated. `sealed` is the title and the place. `unsought` is only set of a document that an older gateway kept,
until it is known who is named in it in clear: empty text, or when a gateway took that up."""

CHUNKS = Table(
    "knowledge_chunks",
    METADATA,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("document", Text, nullable=False),
    Column("shelf", Integer, nullable=False),
    Column("nr", Integer, nullable=False),
    Column("length", Integer, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("model", Text, nullable=False),
    Column("vector", LargeBinary, nullable=False),
    Index("knowledge_chunks_by_document", "document"),
    Index("knowledge_chunks_by_shelf", "shelf", "model"),
)
"""`id` is random. `sealed` is the pseudonymised text with its section and page; `vector`, of `model`, is sealed too. Both open
with a data key of the chunk's own."""

POSTINGS = Table(
    "knowledge_postings",
    METADATA,
    Column("shelf", Integer, primary_key=True, autoincrement=False),
    Column("term", BigInteger, primary_key=True, autoincrement=False),
    Column("chunk", BigInteger, primary_key=True, autoincrement=False),
    Column("count", Integer, nullable=False),
    Column("length", Integer, nullable=False),
    Index("knowledge_postings_by_chunk", "chunk"),
    sqlite_with_rowid=False,
)
"""`term` is an HMAC, another one on each shelf; `length` that of the chunk, in terms."""

MENTIONS = Table(
    "knowledge_mentions",
    METADATA,
    Column("tenant", Text, primary_key=True),
    Column("tag", LargeBinary, primary_key=True),
    Column("chunk", BigInteger, primary_key=True, autoincrement=False),
    Index("knowledge_mentions_by_chunk", "chunk"),
)
"""Whose values were found in a chunk: `tag` as in SUBJECTS."""

FILES = Table(
    "knowledge_files",
    METADATA,
    Column("id", Text, primary_key=True),
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
    Index("knowledge_files_by_owner", "tenant", "owner"),
    Index("knowledge_files_by_status", "status"),
)
"""Uploaded files. `name` and `content` are sealed. `status`: `uploaded` until it is known whom it mentions, then `processed`.
`claimed_at` is when a gateway took it up."""

FILE_MENTIONS = Table(
    "knowledge_file_mentions",
    METADATA,
    Column("tenant", Text, primary_key=True),
    Column("tag", LargeBinary, primary_key=True),
    Column("file", Text, primary_key=True),
    Index("knowledge_file_mentions_by_file", "file"),
)
"""Whose values stand in an uploaded file, or in what is said of a vector store (its id), or of a file in one (`store/file`),
or, since policy keeps their types, in a chunk as they are (its name): `tag` as in SUBJECTS."""

STORES = Table(
    "knowledge_stores",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("labels", Text, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("days", Integer),
    Column("made_at", Text, nullable=False),
    Column("active_at", Text, nullable=False),
    Index("knowledge_stores_by_tenant", "tenant"),
)
"""Collections that were made as vector stores: the id is the collection. `sealed` is the name, the description, the metadata;
empty where they were erased. `days` after `active_at` what is in it goes; empty for never."""

STORE_FILES = Table(
    "knowledge_store_files",
    METADATA,
    Column("store", Text, primary_key=True),
    Column("file", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("batch", Text),
    Column("attributes", LargeBinary, nullable=False),
    Column("status", Text, nullable=False),
    Column("error", Text),
    Column("document", Text),
    Column("bytes", Integer, nullable=False),
    Column("claimed_at", Text),
    Column("made_at", Text, nullable=False),
    Index("knowledge_store_files_by_file", "file"),
    Index("knowledge_store_files_by_status", "status"),
)
"""Files in vector stores. `attributes` are sealed with the store's key. `error` is a `Refusal`'s value, or empty for a fault of
ours; `document` is what it became."""
