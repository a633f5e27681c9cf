"""Acts in the same file as exchanges: what is entered, in which order, and that each kind is read as what it is."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.api.admin.acts import ActLog
from gateway.audit.act import Act, Action, ActOutcome, act_of_policy, entry_of_act, new_act
from gateway.audit.act_reader import read_acts, read_latest
from gateway.audit.database_log import DatabaseAuditLog
from gateway.audit.enter import entered
from gateway.audit.entry_table import EntryTable
from gateway.audit.event import ExchangeRecord, Outcome
from gateway.audit.log import Entry, Phase, entry_of
from gateway.audit.reader import read_exchanges
from gateway.errors import AuditUnavailable, Unauthenticated
from gateway.moments import utc_now
from gateway.policy.status import PolicyEvent, ReloadOutcome
from gateway.protocol.wire import Surface
from gateway.store import Database
from tests.audit.logs import Log, spoil
from tests.store.databases import sqlite_at


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "audit.sqlite"


@pytest.fixture
async def log(path: Path) -> AsyncIterator[DatabaseAuditLog]:
    opened = DatabaseAuditLog(sqlite_at(path))
    yield opened
    await opened.close()


def exchange(call_id: str) -> Entry:
    record = ExchangeRecord(
        call_id=call_id, surface=Surface.CHAT, opened_at="2026-01-02T03:04:05.678Z", outcome=Outcome.COMPLETED, tenant="bank"
    )
    return entry_of(record, Phase.COMPLETED)


def phases(path: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT kind, phase FROM entries ORDER BY seq").fetchall()


def outcomes(path: Path) -> list[tuple[ActOutcome, str | None]]:
    return [(row.act.outcome, row.act.error_code) for row in read_acts(sqlite_at(path), limit=100)]


async def test_each_kind_is_read_as_what_it_is(log: DatabaseAuditLog, path: Path) -> None:
    act = new_act(Action.KEYS_ISSUE, actor="ops", tenant="bank", target="pgw_aaaaaaaa")
    for entry in (exchange("a"), entry_of_act(act), exchange("b"), entry_of_act(act.ended(ActOutcome.DONE)), exchange("c")):
        await log.append(entry)
    assert [row.record.call_id for row in read_exchanges(sqlite_at(path), limit=9)] == ["c", "b", "a"]
    (row,) = read_acts(sqlite_at(path), limit=9)
    assert row.act == act.ended(ActOutcome.DONE)
    assert row.ended_at is not None


async def test_pages_and_tenants(database: Database) -> None:
    log = DatabaseAuditLog(database)
    for tenant in ("bank", None, "shop", "bank"):
        await log.append(entry_of_act(new_act(Action.KEYS_REVOKE, tenant=tenant)))
        await log.append(exchange(f"call-{uuid4()}"))
    await log.close()
    assert [row.act.tenant for row in read_acts(database, limit=9)] == ["bank", "shop", None, "bank"]
    first = read_acts(database, limit=2)
    assert [row.act.tenant for row in read_acts(database, limit=2, before=first[-1].seq)] == [None, "bank"]
    assert [row.act.tenant for row in read_acts(database, limit=9, tenants={"shop", "x'--"})] == ["shop"]
    assert read_acts(database, limit=9, tenants=()) == ()


async def test_an_act_is_intended_before_it_is_done(log: DatabaseAuditLog, path: Path) -> None:
    acts = ActLog(log)
    async with acts.entered(new_act(Action.LIMITS_RESET)):
        assert outcomes(path) == [(ActOutcome.INTENDED, None)]
    assert outcomes(path) == [(ActOutcome.DONE, None)]
    assert phases(path) == [("act", "opened"), ("act", "completed")]


@pytest.mark.parametrize(("error", "code"), [(AuditUnavailable("x"), "audit_unavailable"), (OSError("raw"), "internal_error")])
async def test_a_failure_is_entered_without_its_text(log: DatabaseAuditLog, path: Path, error: Exception, code: str) -> None:
    with pytest.raises(type(error)):
        async with ActLog(log).entered(new_act(Action.LIMITS_RESET)):
            raise error
    assert outcomes(path) == [(ActOutcome.FAILED, code)]
    assert b"raw" not in path.with_name("audit.sqlite-wal").read_bytes()


async def test_a_denied_attempt_is_one_entry(log: DatabaseAuditLog, path: Path) -> None:
    await ActLog(log).denied(new_act(Action.WHOAMI), Unauthenticated("no"))
    assert outcomes(path) == [(ActOutcome.DENIED, "invalid_api_key")]
    assert phases(path) == [("act", "completed")]


async def test_without_a_log_nothing_is_tried(log: DatabaseAuditLog) -> None:
    await log.close()
    with pytest.raises(AuditUnavailable):
        async with ActLog(log).entered(new_act(Action.KEYS_REVOKE)):
            pytest.fail("it was tried")


def test_from_the_command_line(path: Path) -> None:
    with entered(sqlite_at(path), new_act(Action.KEYS_REVOKE, actor="cli:root")):
        assert outcomes(path) == [(ActOutcome.INTENDED, None)]
    with pytest.raises(KeyError), entered(sqlite_at(path), new_act(Action.KEYS_REVOKE)):
        raise KeyError("raw")
    assert outcomes(path) == [(ActOutcome.FAILED, None), (ActOutcome.DONE, None)]
    database = sqlite_at(path)
    path.rename(path.with_name("moved"))
    path.mkdir()
    with pytest.raises(AuditUnavailable), entered(database, new_act(Action.KEYS_REVOKE)):
        pytest.fail("it was tried")


async def test_beside_a_gateway_that_writes(log: DatabaseAuditLog, path: Path) -> None:
    await log.append(exchange("a"))
    with entered(sqlite_at(path), new_act(Action.KEYS_ISSUE)):
        await log.append(exchange("b"))
    await log.append(exchange("c"))
    assert log.healthy
    assert [kind for kind, _ in phases(path)] == ["exchange", "act", "exchange", "act", "exchange"]


def test_acts_are_found_by_an_index(path: Path) -> None:
    with closing(EntryTable(sqlite_at(path))) as table:
        plan = table.open().exec_driver_sql("EXPLAIN QUERY PLAN SELECT * FROM acts ORDER BY seq DESC LIMIT 5").all()
    assert "entries_of_acts" in plan[0][3]
    assert not any("TEMP B-TREE" in step for *_, step in plan)


@pytest.mark.parametrize(
    ("outcome", "said"),
    [(ReloadOutcome.APPLIED, (ActOutcome.DONE, None)), (ReloadOutcome.REFUSED, (ActOutcome.FAILED, "policy_refused"))],
)
def test_a_load_of_the_policy_is_an_act(outcome: ReloadOutcome, said: tuple[ActOutcome, str | None]) -> None:
    event = PolicyEvent(outcome=outcome, version="new", previous="old", problems=0, summary="s" * 1_000)
    act = act_of_policy(event)
    assert (act.outcome, act.error_code) == said
    assert (act.actor, act.target, act.result) == ("system:policy", "old", "new")
    assert act.note == "s" * 500


_WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


@given(
    st.builds(
        Act,
        act_id=_WORDS,
        at=_WORDS,
        action=st.sampled_from(Action),
        outcome=st.sampled_from(ActOutcome),
        actor=st.none() | _WORDS,
        key_id=st.none() | _WORDS,
        tenant=st.none() | _WORDS,
        principal=st.none() | _WORDS,
        target=st.none() | _WORDS,
        result=st.none() | _WORDS,
        note=st.none() | _WORDS,
        error_code=st.none() | _WORDS,
    )
)
def test_json_and_back(act: Act) -> None:
    assert Act.from_json(act.to_json()) == act


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[1]",
        '"act"',
        "{}",
        '{"action": "whoami"}',
        '{"action": [], "outcome": "done"}',
        '{"action": "whoami", "outcome": "done"}',
        '{"action": "a later one", "outcome": "done", "act_id": "a", "at": "t"}',
    ],
)
def test_what_is_no_act_of_this_version_is_one_error(text: str) -> None:
    with pytest.raises(ValueError, match="no act that this version can read"):
        Act.from_json(text)


async def test_the_latest_acts_of_a_kind(database: Database) -> None:
    log = DatabaseAuditLog(database)
    acts = [new_act(Action.KEYS_REVOKE, target=f"pgw_{number}") for number in range(4)]
    for act in (*acts, new_act(Action.WHOAMI)):
        await log.append(entry_of_act(act))
        if act.target != "pgw_2":  # it was cut short
            await log.append(entry_of_act(act.ended(ActOutcome.DONE)))
    await log.append(
        replace(entry_of_act(acts[0]), call_id="later", phase=Phase.COMPLETED, body='{"action":"keys.revoke","x":1}')
    )
    await log.append(exchange("c"))
    await log.close()

    def found(among: int) -> set[str | None]:
        return {act.target for act in read_latest(database, {Action.KEYS_REVOKE, Action.KEYS_EXPIRE}, among=among)}

    assert found(100) == {"pgw_0", "pgw_1", "pgw_3"}
    assert found(6) == {"pgw_3"}
    assert found(0) == set()


async def test_acts_that_no_gateway_entered_so_are_not_followed(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    acts = [new_act(Action.KEYS_REVOKE, target=f"pgw_{number}").ended(ActOutcome.DONE) for number in range(4)]
    log = DatabaseAuditLog(database)
    for act in acts[:3]:
        await log.append(entry_of_act(act))
    await log.close()

    def found() -> set[str | None]:
        return {act.target for act in read_latest(database, {Action.KEYS_REVOKE}, among=100)}

    assert found() == {"pgw_0", "pgw_1", "pgw_2"}
    assert not caplog.records
    values = (4, acts[3].act_id, "completed", utc_now(), acts[3].to_json(), "act")
    spoil(
        Log(database, tmp_path),
        ("UPDATE entries SET body = ? WHERE seq = 1", (replace(acts[0], target="pgw_9").to_json(),)),
        ("UPDATE entries SET at = ? WHERE seq = 2", (utc_now(),)),
        ("INSERT INTO entries (seq, call_id, phase, at, body, kind) VALUES (?, ?, ?, ?, ?, ?)", values),
    )
    assert found() == {"pgw_2"}
    (told,) = caplog.messages
    assert told.startswith("3 entries are not as a gateway entered them, and are not followed (gateway audit verify): ")


async def test_an_act_is_readable_whatever_its_words_hold(database: Database) -> None:
    log = DatabaseAuditLog(database)
    for tenant in ("bank", "a\0b"):
        await log.append(entry_of_act(new_act(Action.EXPLORER_ACTS, actor="eve", tenant=tenant).ended(ActOutcome.DONE)))
    await log.close()
    assert [row.act.tenant for row in read_acts(database, limit=10, tenants=["bank"])] == ["bank"]
    with database.reading() as connection:
        found = connection.exec_driver_sql("SELECT tenant FROM acts ORDER BY seq").scalars().all()
    assert found == ["bank", "a\ufffdb"]


def test_ids_are_never_the_same() -> None:
    assert len({new_act(Action.WHOAMI).act_id for _ in range(50)}) == 50
