"""What a drawer is, and the keyed hashes under which things lie in one. Pure.

Everything hangs on the tenant's key: whoever has the database and not the key can tell neither whose drawer it is, nor try out
values, nor open one. In another drawer a sealed value does not open.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field

import orjson

from gateway.keys.data_key import TenantKey
from gateway.redaction.placeholders import Key

_PURPOSE = "vault"
_ID_BYTES = 32


@dataclass(frozen=True, slots=True)
class Drawer:
    """Where one conversation, principal or tenant has its placeholders."""

    tenant: str
    id: bytes = field(repr=False)


def drawer_of(key: TenantKey, *name: str) -> Drawer:
    """The drawer with this name, such as ("conversation", principal, conversation)."""
    return Drawer(key.tenant, _hash(key, orjson.dumps(["drawer", *name])))


def new_drawer(tenant: str) -> Drawer:
    """One that nobody can name: it is found by the answers that belong to it."""
    return Drawer(tenant, secrets.token_bytes(_ID_BYTES))


def tag_of(key: TenantKey, drawer: Drawer, value: str) -> bytes:
    """Equal for equal values in one drawer: what differs in a letter comes back differing in a letter."""
    return _hash(key, b"value\0" + drawer.id + value.encode("utf-8", "surrogatepass"))


def answer_tag(key: TenantKey, principal: str, answer_id: str) -> bytes:
    """Of an answer that a backend keeps. It belongs to the principal that it was given to."""
    return _hash(key, orjson.dumps(["answer", principal, answer_id]))


def item_tag(key: TenantKey, principal: str, item_id: str) -> bytes:
    """Of an item of an answer. It belongs to the principal that the answer was given to."""
    return _hash(key, orjson.dumps(["item", principal, item_id]))


def context_of(drawer: Drawer, placeholder: Key) -> str:
    """What a sealed value is bound to."""
    entity, number = placeholder
    return f"vault/{drawer.id.hex()}/{entity}/{number}"


def _hash(key: TenantKey, message: bytes) -> bytes:
    return hmac.digest(key.sub_key(_PURPOSE), message, "sha256")
