"""Keys as this API shows them. The whole key is in one answer only: the one that makes it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from gateway.api.admin.shapes import Days, Id, KeyId, Seconds, Shape
from gateway.identity.virtual_keys import KeyKind, KeyRecord, KeyState, NewKey


class Kind(StrEnum):
    """What a key opens: the models, or this API."""

    ORDINARY = "ordinary"
    PERSON = "person"


class IssueKey(Shape):
    """Whom a new key is for, and how long."""

    tenant: Id = Field(description="A tenant of the policy.", examples=["bank"])
    principal: Id = Field(description="A principal that the policy has a place for.", examples=["service-desk"])
    expires_days: Days | None = Field(default=None, description="Days until it ends. Default: never.", examples=[90])


class RotateKey(Shape):
    """How the old key goes."""

    overlap_s: Seconds = Field(default=86_400, description="Seconds that the old key still works.", examples=[3_600])


class Key(Shape):
    """What is known of a key. Times are UTC."""

    key_id: KeyId = Field(description="Its public id, with which every key begins.", examples=["pgw_3f9k2m1x"])
    kind: Kind = Field(description="ordinary: for models. person: for this API; those are made on the command line only.")
    state: KeyState
    tenant: str | None = Field(description="None for a person's key.", examples=["bank"])
    principal: str = Field(description="Its holder: a principal of the tenant, or a person.", examples=["service-desk"])
    created: datetime
    expires: datetime | None = Field(description="When it ends, or ended, by itself.")
    revoked: datetime | None = Field(description="When it was revoked.")
    rotated_to: str | None = Field(description="The id of the key in its place.")


class KeyPage(Shape):
    """Some keys, newest first."""

    keys: tuple[Key, ...]
    next: KeyId | None = Field(description="Give it as `after` for the next page; None on the last.")


class IssuedKey(Shape):
    """A new key. It is shown this once, and kept nowhere."""

    plaintext: str = Field(description="The whole key.", examples=["pgw_3f9k2m1x_" + "x" * 43])
    key: Key


def shown(record: KeyRecord, now: datetime) -> Key:
    """A record without its digest."""
    person = record.kind is KeyKind.PERSON
    return Key(
        key_id=record.key_id,
        kind=Kind.PERSON if person else Kind.ORDINARY,
        state=record.state(now),
        tenant=None if person else record.tenant,
        principal=record.principal,
        created=record.created,
        expires=record.expires,
        revoked=record.revoked,
        rotated_to=record.rotated_to,
    )


def shown_once(new: NewKey, now: datetime) -> IssuedKey:
    return IssuedKey(plaintext=new.plaintext, key=shown(new.record, now))
