"""U+0000 is in no entry, and one that an older gateway wrote keeps nobody from reading the log."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.act import Action, new_act
from gateway.audit.database_log import DatabaseAuditLog
from gateway.audit.event import ExchangeRecord, Outcome
from gateway.audit.log import Entry, Phase, entry_of
from gateway.audit.nul import without_nul
from gateway.audit.reader import read_exchanges
from gateway.protocol.wire import Surface
from gateway.store import Database

_SIGNS = st.text(st.sampled_from(["\0", "\\", "u", "0", '"', "a", "\x01"]), max_size=12)


@given(_SIGNS)
def test_only_the_sign_itself_changes(text: str) -> None:
    mended = without_nul(json.dumps({text: [text]}))
    put = text.replace("\0", "\ufffd")
    assert json.loads(mended) == {put: [put]}


def _record(role: str, call_id: str = "c") -> ExchangeRecord:
    return ExchangeRecord(
        call_id=call_id,
        surface=Surface.CHAT,
        opened_at="2026-01-02T03:04:05.678Z",
        outcome=Outcome.COMPLETED,
        tenant="acme",
        roles=(role,),
    )


def test_neither_a_record_nor_an_act_is_written_with_it() -> None:
    assert ExchangeRecord.from_json(_record("a\0b").to_json()).roles == ("a\ufffdb",)
    act = new_act(Action.SUBJECT_FIND, actor="a\0b")
    assert type(act).from_json(act.to_json()).actor == "a\ufffdb"


@pytest.mark.parametrize("role", ["staff\0", r"\u0000", "\\\0", "\0\0", r"\\u0000"])
async def test_an_entry_of_an_older_gateway_is_read(database: Database, role: str) -> None:
    log = DatabaseAuditLog(database)
    body = _record("ROLE", "old").to_json().replace('"ROLE"', json.dumps(role))
    await log.append(Entry(call_id="old", phase=Phase.COMPLETED, at="2026-01-02T03:04:05.678Z", body=body))
    await log.append(entry_of(_record("plain", "new"), Phase.COMPLETED))
    await log.close()
    rows = read_exchanges(database, limit=10, tenant="acme")
    assert [(row.record.call_id, row.record.roles) for row in rows] == [("new", ("plain",)), ("old", (role,))]
