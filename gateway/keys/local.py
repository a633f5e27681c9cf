"""A master key that the gateway itself holds."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Protocol

from gateway.errors import TenantKeyUnusable
from gateway.keys.envelope import new_key, seal, unseal

_ID_BYTES = 8


class KeySource(Protocol):
    """Where the keys are: the first is in charge, the others still open what they wrapped."""

    def load(self) -> Sequence[bytes]: ...

    def save(self, keys: Sequence[bytes]) -> bool:
        """False where somebody else writes them."""


class LocalMaster:
    """Wraps with AES-256-GCM. Before what it wrapped stands which key it was: 8 bytes of a digest.

    Its source is read at each use, so that a running gateway follows a rotation; tenants' keys are asked for seldom.
    """

    def __init__(self, source: KeySource) -> None:
        """Raises ProtectionUnavailable where there is no key that can be used."""
        self._source = source
        source.load()

    @property
    def name(self) -> str:
        return f"local:{_key_id(self._current()).hex()}"

    def wrap(self, key: bytes, context: str) -> bytes:
        current = self._current()
        return _key_id(current) + seal(current, key, context)

    def unwrap(self, wrapped: bytes, context: str) -> bytes:
        for key in self._source.load():
            if wrapped.startswith(_key_id(key)):
                return unseal(key, wrapped[_ID_BYTES:], context)
        raise TenantKeyUnusable("A tenant's key was wrapped with a master key that the gateway does not have.")

    def mark(self) -> bytes:
        return _key_id(self._current())

    def holds(self, wrapped: bytes) -> bool:
        return any(wrapped.startswith(_key_id(key)) for key in self._source.load())

    def renew(self) -> None:
        """Unless a renewal is unfinished: then that one is to be finished."""
        keys = self._source.load()
        if len(keys) == 1:
            self._source.save([new_key(), *keys])

    def settle(self) -> None:
        self._source.save([self._current()])

    def _current(self) -> bytes:
        return self._source.load()[0]


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"privacy-gateway/master-key-id\x00" + key).digest()[:_ID_BYTES]
