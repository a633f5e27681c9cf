"""Remembers how far keys had ended: whoever can write to where they lie gives none back to a gateway that has seen it end."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.identity.virtual_keys import KeyRecord

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class End:
    """How far a key has ended, in UTC."""

    revoked: datetime | None = None
    expires: datetime | None = None

    def nearer(self, other: End) -> End:
        """Both: the first revocation, and the end that is first."""
        return End(*(min(filter(None, two), default=None) for two in zip(_moments(self), _moments(other), strict=True)))


_NO_END = End()


class Ends:
    """Of keys that were read before, or that the record says have ended: a revocation stays, and an end comes only nearer, as
    every act on a key has it. For one thread at a time.
    """

    def __init__(self, known: Mapping[str, End] | None = None) -> None:
        self._ended = dict(known or {})
        self._read: Mapping[str, KeyRecord] = {}
        self._kept: Mapping[str, KeyRecord] = {}

    def kept(self, read: Mapping[str, KeyRecord]) -> Mapping[str, KeyRecord]:
        """What was read, with the ends that keys had before. The same mapping again costs nothing."""
        if read is not self._read:
            self._kept = {key_id: self._at_most(record) for key_id, record in read.items()}
            self._read = read
        return self._kept

    def _at_most(self, record: KeyRecord) -> KeyRecord:
        before, read = self._ended.get(record.key_id), End(record.revoked, record.expires)
        held = read if before is None else read.nearer(before)
        if held != _NO_END:
            self._ended[record.key_id] = held
        if held == read:
            return record
        if (held.revoked is None, held.expires) != (read.revoked is None, read.expires):
            _log.error("key %s was given back past the gateway, and stays as it was: gateway audit verify", record.key_id)
        return replace(record, revoked=held.revoked, expires=held.expires)


def _moments(end: End) -> tuple[datetime | None, datetime | None]:
    return end.revoked, end.expires
