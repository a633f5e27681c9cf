"""Fixtures of all rooms: databases, of which Postgres is one server for the whole session."""

from tests.store.databases import database, database_url, postgres, sqlite

__all__ = ["database", "database_url", "postgres", "sqlite"]
