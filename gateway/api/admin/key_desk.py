"""What may be done to keys, and to whose. A person's key is made on the command line, and rotated by its holder alone:
whoever rotates a key is given the new one, and with it its holder's rights.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gateway.api.admin.guard import Caller
from gateway.api.admin.key_shapes import IssueKey
from gateway.api.admin.refusals import Conflict, Forbidden, no_such
from gateway.exchange import Principal
from gateway.identity.agreement import ends, overlap_noted
from gateway.identity.key_store import KeyStore
from gateway.identity.people import Person
from gateway.identity.pepper import Pepper
from gateway.identity.virtual_keys import KeyKind, KeyRecord, NewKey, mint, successor
from gateway.policy.compile import CompiledPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyDesk:
    """The store's methods wait for a disk, so they run in threads."""

    store: KeyStore
    pepper: Pepper = field(repr=False)
    policy: Callable[[], CompiledPolicy]
    clock: Callable[[], datetime]

    async def issue(self, caller: Caller, wanted: IssueKey) -> NewKey:
        policy, now = self.policy(), self.clock()
        await caller.reach(wanted.tenant, known=wanted.tenant in policy.written.tenants)
        if policy.place(Principal(tenant=wanted.tenant, id=wanted.principal)) is None:
            raise no_such("principal")
        expires = now + timedelta(days=wanted.expires_days) if wanted.expires_days else None
        new = mint(self.pepper, tenant=wanted.tenant, principal=wanted.principal, now=now, expires=expires)
        act = caller.act(
            tenant=wanted.tenant, principal=wanted.principal, target=new.record.key_id, note=ends(new.record.key_id, expires)
        )
        async with caller.acts.entered(act):
            await asyncio.to_thread(self.store.add, new.record)
        return new

    async def visible(self, person: Person) -> list[KeyRecord]:
        """The keys that this person may know of, newest first."""
        return [record for record in reversed(await self._every()) if _sees(person, record)]

    async def one(self, caller: Caller, key_id: str) -> KeyRecord:
        """Raises NotFound; for a key of somebody else's tenant that is an attempt, and entered.

        So is one that is nobody's, for whoever does not see all: else the time of the answer would tell the two apart.
        """
        record = next((one for one in await self._every() if one.key_id == key_id), None)
        if record is not None and _sees(caller.person, record):
            return record
        if record is None and caller.person.tenants is None:
            raise no_such("key")
        raise await caller.denied(no_such("key"), tenant=(record.tenant or None) if record else None, target=key_id)

    async def rotate(self, caller: Caller, key_id: str, overlap_s: int) -> NewKey:
        """Raises NotFound, Forbidden, or Conflict for a key that is no longer in use."""
        old, now = await self.one(caller, key_id), self.clock()
        # Only the door could check the record's holder, by the key's digest; the record may have been changed since.
        own = (old.key_id, old.principal) == (caller.person.key_id, caller.person.id)
        if old.kind is KeyKind.PERSON and not own:
            refused = Forbidden("A person's key is rotated by its holder, with that key, or on the command line.")
            raise await caller.denied(refused, target=key_id)
        if old.expired(now):
            raise Conflict("This key has expired: issue a new one.")
        new = successor(old, self.pepper, now=now)
        facts = {"tenant": old.tenant or None, "principal": old.principal, "target": key_id, "result": new.record.key_id}
        ends_at = now + timedelta(seconds=overlap_s)
        note = overlap_noted(f"{overlap_s} seconds", old, ends_at, new.record)
        async with caller.acts.entered(caller.act(**facts, note=note)):
            if not await asyncio.to_thread(self.store.rotate, key_id, new.record, ends_at):
                raise Conflict("This key is revoked, or was rotated before.")
        return new

    async def revoke(self, caller: Caller, key_id: str) -> KeyRecord:
        """Void it for good; twice is once. Raises NotFound."""
        record = await self.one(caller, key_id)
        async with caller.acts.entered(caller.act(tenant=record.tenant or None, principal=record.principal, target=key_id)):
            await asyncio.to_thread(self.store.revoke, key_id, self.clock())
        return await self.one(caller, key_id)

    async def _every(self) -> tuple[KeyRecord, ...]:
        return await asyncio.to_thread(self.store.list)


def _sees(person: Person, record: KeyRecord) -> bool:
    """People's keys stand outside of every tenant."""
    if record.kind is KeyKind.PERSON:
        return person.tenants is None or record.key_id == person.key_id
    return person.may_see(record.tenant)
