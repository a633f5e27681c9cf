"""Remembers how far keys had ended: whoever can write to where they lie gives none back to a gateway that has seen it end."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace

from gateway.identity.virtual_keys import KeyRecord

_log = logging.getLogger(__name__)


class Ends:
    """Of keys that were read before: a revocation stays, and an end comes only nearer, as every act on a key has it. For one
    thread at a time.
    """

    def __init__(self) -> None:
        self._ended: dict[str, KeyRecord] = {}
        self._read: Mapping[str, KeyRecord] = {}
        self._kept: Mapping[str, KeyRecord] = {}

    def kept(self, read: Mapping[str, KeyRecord]) -> Mapping[str, KeyRecord]:
        """What was read, with the ends that keys had before. The same mapping again costs nothing."""
        if read is not self._read:
            self._kept = {key_id: self._at_most(record) for key_id, record in read.items()}
            self._read = read
        return self._kept

    def _at_most(self, record: KeyRecord) -> KeyRecord:
        before = self._ended.get(record.key_id)
        if before is not None:
            ends = [end for end in (before.expires, record.expires) if end is not None]
            held = replace(record, revoked=before.revoked or record.revoked, expires=min(ends, default=None))
            if (held.revoked, held.expires) != (record.revoked, record.expires):
                _log.error("key %s was given back past the gateway, and stays as it was: gateway audit verify", record.key_id)
            record = held
        if record.revoked is not None or record.expires is not None:
            self._ended[record.key_id] = record
        return record
