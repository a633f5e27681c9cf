"""Exchanges with kept content, entered as the gateway enters them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from gateway.assurance.subjects import Subject, subject
from gateway.audit.check import check_log
from gateway.audit.entry_table import EntryTable, Fate
from gateway.audit.event import ExchangeRecord, Outcome
from gateway.audit.keeper import Keeper
from gateway.audit.kept import read_content
from gateway.audit.log import Entry, Phase
from gateway.audit.signing import KeyFile as SigningFile
from gateway.audit.tenant_keys import TenantKeys
from gateway.exchange.content import Content
from gateway.keys.key_source import KeyFile
from gateway.keys.keyring import Keyring
from gateway.keys.local import LocalMaster
from gateway.protocol.wire import Surface
from gateway.store import Database

ANNA, ZHANG = "Anna Schmidt", "张伟"
AT = "2026-01-01T00:00:00.000Z"


@dataclass
class House:
    """A gateway's database and keys, with `folder` for its files."""

    database: Database
    folder: Path
    keyring: Keyring = field(init=False)

    def __post_init__(self) -> None:
        self.keyring = Keyring(self.database, LocalMaster(KeyFile(self.folder / "master.key")))

    @property
    def signing(self) -> SigningFile:
        return SigningFile(self.folder / "audit.key", "example.com/log")

    def keep(
        self,
        call_id: str,
        text: str = "Hello <PERSON_1>",
        originals: Mapping[str, str] | None = None,
        *,
        values: frozenset[str] = frozenset(),
        tenant: str = "bank",
        days: int | None = None,
        digests: Mapping[str, str] | None = None,
    ) -> None:
        """One exchange on the record, with its content; `originals` by what stands for them, `digests` where they are others."""
        request = {"messages": [{"role": "user", "content": text}]}
        content = Content(request=request, reply=f"Answer: {text}", originals=originals or {}, values=values)
        case = Keeper(TenantKeys(self.keyring.tenant)).case(call_id, tenant, days)
        sealed = asyncio.run(case.seal(content))
        record = ExchangeRecord(
            call_id=call_id,
            surface=Surface.CHAT,
            opened_at=AT,
            outcome=Outcome.COMPLETED,
            tenant=tenant,
            principal="app",
            model="m",
            content=sealed.digests if digests is None else digests,
        )
        entry = Entry(call_id=call_id, phase=Phase.COMPLETED, at=AT, body=record.to_json(), beside=sealed.rows)
        with closing(EntryTable(self.database)) as table:
            assert table.write([entry]) == [Fate.DURABLE]

    def subject(self, *values: str, tenant: str = "bank") -> Subject:
        return subject(self.keyring, tenant, values)

    def content(self, call_id: str, tenant: str = "bank") -> Content:
        with self.database.reading() as connection:
            return read_content(connection, self.keyring, call_id, tenant, originals=True)

    def verify(self) -> int:
        """How many entries there are, all of them proved."""
        return check_log(self.database).entries
