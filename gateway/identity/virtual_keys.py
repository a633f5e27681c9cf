"""Virtual keys: the credentials that the gateway issues. Pure.

A key is `pgw_<public id>_<secret>`, or `pga_...` where it is a person's, for administration. The public id finds the record
and may be shown; of the whole only a keyed digest is kept. The secret has 256 random bits, so a slow password hash would
cost time on each request and add nothing. The digest is over the holder as well: whoever has a key of their own, and can
write to where the records lie, does not become somebody else.
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
import string
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, StrEnum

from gateway.identity.pepper import Pepper

PURPOSE = "virtual-key"

_ALPHABET = string.ascii_lowercase + string.digits
_ID_LENGTH = 8
_SECRET_BYTES = 32
_FORM = re.compile(r"(pg[wa]_[a-z0-9]{8})_[A-Za-z0-9_-]{43}")


class KeyKind(Enum):
    """What a key opens; the value is how it begins, so that no record can say otherwise."""

    ORDINARY = "pgw_"
    PERSON = "pga_"

    def begins(self, credential: str) -> bool:
        """Whether this is an attempt at a key of this kind."""
        return credential.startswith(self.value)


class KeyState(StrEnum):
    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRecord:
    """What is kept of a key. Times are UTC; `digest` is HMAC-SHA256 over the whole key and its holder, in hex.

    `tenant` is empty and `principal` the person's id for a person's key. `rotated_to` is the id of the key in its place.
    """

    key_id: str
    tenant: str
    principal: str
    digest: str = field(repr=False)
    created: datetime
    expires: datetime | None = None
    revoked: datetime | None = None
    rotated_to: str | None = None

    @property
    def kind(self) -> KeyKind:
        return KeyKind.PERSON if KeyKind.PERSON.begins(self.key_id) else KeyKind.ORDINARY

    def matches(self, plaintext: str, pepper: Pepper) -> bool:
        """Whether this is the record of that key and its holder; takes the same time wherever they differ."""
        own = _digest(plaintext, pepper, self.tenant, self.principal)
        return hmac.compare_digest(self.digest, own) or hmac.compare_digest(self.digest, _of_the_key_alone(plaintext, pepper))

    def expired(self, now: datetime) -> bool:
        return self.expires is not None and now >= self.expires

    def state(self, now: datetime) -> KeyState:
        if self.revoked:
            return KeyState.REVOKED
        return KeyState.EXPIRED if self.expired(now) else KeyState.VALID


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made. `plaintext` exists only here: show it once."""

    plaintext: str = field(repr=False)
    record: KeyRecord


def mint(pepper: Pepper, *, tenant: str, principal: str, now: datetime, expires: datetime | None = None) -> NewKey:
    """A new random key for this principal. `now` and `expires` carry a time zone."""
    return _mint(pepper, KeyKind.ORDINARY, tenant=tenant, principal=principal, now=now, expires=expires)


def mint_for_person(pepper: Pepper, *, person: str, now: datetime, expires: datetime | None = None) -> NewKey:
    """A new random key for this person, for administration only."""
    return _mint(pepper, KeyKind.PERSON, tenant="", principal=person, now=now, expires=expires)


def successor(old: KeyRecord, pepper: Pepper, *, now: datetime) -> NewKey:
    """A new key of the same kind for the same holder. It lives from now on as long as the old one was made to live."""
    expires = None if old.expires is None else now + (old.expires - old.created)
    return _mint(pepper, old.kind, tenant=old.tenant, principal=old.principal, now=now, expires=expires)


def key_id_of(credential: str) -> str | None:
    """The public id inside a key; None if the text does not have a key's form."""
    found = _FORM.fullmatch(credential)
    return found[1] if found else None


def _mint(pepper: Pepper, kind: KeyKind, *, tenant: str, principal: str, now: datetime, expires: datetime | None) -> NewKey:
    key_id = kind.value + "".join(secrets.choice(_ALPHABET) for _ in range(_ID_LENGTH))
    secret = base64.urlsafe_b64encode(secrets.token_bytes(_SECRET_BYTES)).rstrip(b"=").decode()
    plaintext = f"{key_id}_{secret}"
    digest = _digest(plaintext, pepper, tenant, principal)
    record = KeyRecord(key_id=key_id, tenant=tenant, principal=principal, digest=digest, created=now, expires=expires)
    return NewKey(plaintext, record)


def _digest(plaintext: str, pepper: Pepper, tenant: str, principal: str) -> str:
    """A key has no line feed in it, and neither has a tenant."""
    return hmac.digest(pepper.key_for(PURPOSE), f"{plaintext}\n{tenant}\n{principal}".encode(), "sha256").hex()


def _of_the_key_alone(plaintext: str, pepper: Pepper) -> str:
    """As older gateways made it, until the key is rotated. From a digest over the holder nobody makes such a one."""
    return hmac.digest(pepper.key_for(PURPOSE), plaintext.encode(), "sha256").hex()
