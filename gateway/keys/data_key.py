"""Keys below a tenant's: they come to rest only wrapped, and whoever holds a plain one uses it through these."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.keys.envelope import new_key, seal, unseal
from gateway.keys.sameness import normalised
from gateway.keys.subkeys import sub_key

_TAGS = "subject-tags"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataKey:
    """Seals one exchange's content or one person's values. `wrapped` is how it is kept."""

    id: str
    tenant: str
    wrapped: bytes = field(repr=False)
    _plain: bytes = field(repr=False, compare=False)

    def seal(self, plain: bytes, context: str) -> bytes:
        """`context` names what this is a part of: elsewhere it does not open."""
        return seal(self._plain, plain, context)

    def unseal(self, sealed: bytes, context: str) -> bytes:
        """Raises Unreadable."""
        return unseal(self._plain, sealed, context)

    def row(self, at: str) -> Mapping[str, object]:
        """The row of DATA_KEYS; `at` is ISO 8601 in UTC."""
        return {"id": self.id, "tenant": self.tenant, "wrapped": self.wrapped, "made_at": at, "destroyed_at": None}


@dataclass(frozen=True, slots=True)
class TenantKey:
    """Everything of a tenant hangs on it: without it no data key opens and no tag can be made."""

    tenant: str
    _plain: bytes = field(repr=False, compare=False)
    _sub_keys: dict[str, bytes] = field(default_factory=dict, init=False, repr=False, compare=False)

    def sub_key(self, purpose: str) -> bytes:
        """32 bytes for a purpose of a room, such as `answers`; kept, since every request asks for some."""
        key = self._sub_keys.get(purpose)
        if key is None:
            key = self._sub_keys[purpose] = sub_key(self._plain, f"purpose/{purpose}")
        return key

    def tag(self, value: str) -> bytes:
        """32 bytes by which a value is found again and from which it cannot be guessed without the key (HMAC-SHA256)."""
        return hmac.digest(self.sub_key(_TAGS), normalised(value).encode("utf-8", "surrogatepass"), "sha256")

    def new_data_key(self) -> DataKey:
        """A fresh one; it lasts once its row is written."""
        key_id, plain = f"dk_{secrets.token_hex(16)}", new_key()
        wrapped = seal(self._wrapping(key_id), plain, _context(self.tenant, key_id))
        return DataKey(id=key_id, tenant=self.tenant, wrapped=wrapped, _plain=plain)

    def data_key(self, key_id: str, wrapped: bytes) -> DataKey:
        """One that was kept. Raises Unreadable."""
        plain = unseal(self._wrapping(key_id), wrapped, _context(self.tenant, key_id))
        return DataKey(id=key_id, tenant=self.tenant, wrapped=wrapped, _plain=plain)

    def _wrapping(self, key_id: str) -> bytes:
        """A wrapping key for each data key: no number of them can exhaust the random nonces of one key (SP 800-38D, 8.3)."""
        return sub_key(self._plain, f"data-key/{key_id}")


def _context(tenant: str, key_id: str) -> str:
    return f"data-key/{tenant}/{key_id}"
