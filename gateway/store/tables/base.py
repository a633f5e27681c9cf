"""The one collection of tables, which migrations are compared with."""

from __future__ import annotations

from sqlalchemy import MetaData

METADATA = MetaData()
