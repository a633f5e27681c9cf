"""The database: one schema, in SQLite or Postgres. Rooms keep their tables here and their statements at home."""

from __future__ import annotations

from gateway.store.database import Database, open_database, open_existing

__all__ = ["Database", "open_database", "open_existing"]
