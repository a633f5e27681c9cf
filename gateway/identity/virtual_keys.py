"""Virtual keys: the credentials that the gateway issues. Pure.

A key is `pgw_<public id>_<secret>`. The public id finds the record and may be shown; of the whole only a keyed digest is
kept. The secret has 256 random bits, so a slow password hash would cost time on each request and add nothing.
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
import string
from dataclasses import dataclass, field
from datetime import datetime

from gateway.identity.pepper import Pepper

PURPOSE = "virtual-key"

_ALPHABET = string.ascii_lowercase + string.digits
_ID_LENGTH = 8
_SECRET_BYTES = 32
_FORM = re.compile(r"(pgw_[a-z0-9]{8})_[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRecord:
    """What is kept of a key. Times are UTC; `digest` is HMAC-SHA256 over the whole key, in hex."""

    key_id: str
    tenant: str
    principal: str
    digest: str = field(repr=False)
    created: datetime
    expires: datetime | None = None
    revoked: datetime | None = None

    def matches(self, plaintext: str, pepper: Pepper) -> bool:
        """Whether this is the record of that key; takes the same time wherever they differ."""
        return hmac.compare_digest(self.digest, _digest(plaintext, pepper))

    def expired(self, now: datetime) -> bool:
        return self.expires is not None and now >= self.expires


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made. `plaintext` exists only here: show it once."""

    plaintext: str = field(repr=False)
    record: KeyRecord


def mint(pepper: Pepper, *, tenant: str, principal: str, now: datetime, expires: datetime | None = None) -> NewKey:
    """A new random key for this principal. `now` and `expires` carry a time zone."""
    key_id = "pgw_" + "".join(secrets.choice(_ALPHABET) for _ in range(_ID_LENGTH))
    secret = base64.urlsafe_b64encode(secrets.token_bytes(_SECRET_BYTES)).rstrip(b"=").decode()
    plaintext = f"{key_id}_{secret}"
    record = KeyRecord(
        key_id=key_id,
        tenant=tenant,
        principal=principal,
        digest=_digest(plaintext, pepper),
        created=now,
        expires=expires,
    )
    return NewKey(plaintext, record)


def key_id_of(credential: str) -> str | None:
    """The public id inside a key; None if the text does not have a key's form."""
    found = _FORM.fullmatch(credential)
    return found[1] if found else None


def _digest(plaintext: str, pepper: Pepper) -> str:
    return hmac.digest(pepper.key_for(PURPOSE), plaintext.encode(), "sha256").hex()
