"""METADATA with every table in it: importing a table is what enters it there."""

from __future__ import annotations

from gateway.store.tables import content, grants, ledger
from gateway.store.tables.base import METADATA

__all__ = ["METADATA", "content", "grants", "ledger"]
