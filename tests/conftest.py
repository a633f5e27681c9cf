"""Fixtures of all rooms: databases, of which Postgres is one server for the whole session."""

from hypothesis import HealthCheck, settings

from tests.store.databases import database, database_url, postgres, sqlite

__all__ = ["database", "database_url", "postgres", "sqlite"]

# How long an example takes is a matter of the machine, and of what else it does.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
