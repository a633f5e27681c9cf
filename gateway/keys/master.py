"""The key at the top: it wraps tenants' keys, and never leaves where it is kept."""

from __future__ import annotations

from typing import Protocol


class MasterKey(Protocol):
    """`context` is bound to what is wrapped: under another one it does not open. Raises ProtectionUnavailable."""

    @property
    def name(self) -> str:
        """Which key this is, for people; no secret."""

    def wrap(self, key: bytes, context: str) -> bytes: ...

    def unwrap(self, wrapped: bytes, context: str) -> bytes: ...
