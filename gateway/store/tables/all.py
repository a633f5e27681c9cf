"""METADATA with every table in it: importing a table is what enters it there."""

from __future__ import annotations

from gateway.store.tables import assurance, content, dp, grants, index, knowledge, ledger, vault, virtual_keys
from gateway.store.tables.base import METADATA

__all__ = ["METADATA", "assurance", "content", "dp", "grants", "index", "knowledge", "ledger", "vault", "virtual_keys"]
