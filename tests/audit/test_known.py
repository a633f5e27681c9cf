"""What a later gateway wrote on the same database: read for what is known here, and verified as it lies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway.audit.act import Act, Action, ActOutcome, entry_of_act, new_act
from gateway.audit.act_reader import read_acts
from gateway.audit.check import check_log
from gateway.audit.event import Asked, ExchangeRecord, Outcome, StageTime, Timings, Verdict
from gateway.audit.keeper import Keeper
from gateway.audit.kept import read_content
from gateway.audit.known import known
from gateway.audit.log import Entry, Kind, Phase, entry_of
from gateway.audit.reader import read_exchanges
from gateway.audit.tenant_keys import TenantKeys
from gateway.errors import Unreadable
from gateway.exchange import Attempt, ContentScores, FindingCount, Likeness, Relayed, Served, Shadowed
from gateway.exchange.content import Content, Hit, Mark
from gateway.explorer.acts import act_filters, find_acts
from gateway.explorer.index.filters import Filters
from gateway.explorer.index.index import Index
from gateway.obligations import OperatorKind
from gateway.protocol.usage import Usage
from gateway.protocol.wire import Surface
from gateway.store import Database
from tests.audit.keyrings import keyring_on
from tests.audit.logs import Log, sign_now, vkey

_KEYED_BY_DATA = {"found", "content", "scores"}

WHOLE = ExchangeRecord(
    call_id="c-1",
    surface=Surface.CHAT,
    opened_at="2026-01-02T03:04:05.678Z",
    outcome=Outcome.COMPLETED,
    asked=Asked(model="m", found={"PERSON": 1}, helpers=("painter",)),
    decision=Verdict(allow=True, rule="tenants.acme", reason="ok", policy_version="v1", rules=("a",)),
    findings=(FindingCount(entity="PERSON", operator=OperatorKind.MASK, recognizer="tagger", count=2, max_score=0.85),),
    content_scores=(ContentScores(weights="ab12", scores={"health": 0.5}),),
    attempts=(Attempt(deployment="d", result="answered", started_ms=1.0, ended_ms=2.0),),
    served=Served(model="m", version="r"),
    shadow=Shadowed(of="c-0", likeness=Likeness(length=1.0)),
    grounding=(Hit(number=1, collection="handbook", flagged=("orders",)),),
    relayed=Relayed(degree=8192, modulus_bits=202, model="ab12"),
    usage=Usage(input_tokens=3, finish_reasons=("stop",)),
    timings_ms=Timings(total=3.25, stages=(StageTime("redact", 1.0, 2.0),)),
    content={"request/0": "ab12"},
)
ACT = new_act(Action.KEYS_REVOKE, actor="ops", tenant="bank", target="pgw_aaaaaaaa").ended(ActOutcome.DONE)

MARK: dict[str, Any] = {
    "pointer": "/messages/0/content",
    "start": 0,
    "end": 4,
    "entity": "PERSON",
    "operator": OperatorKind.MASK,
    "recognizer": "tagger",
    "score": 0.85,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterMark(Mark):
    of_tomorrow: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterHit(Hit):
    of_tomorrow: int = 1


def of_tomorrow(told: Any) -> Any:
    """With fields that nobody knows yet in every object of it."""
    if isinstance(told, list):
        return [of_tomorrow(one) for one in told]
    if not isinstance(told, dict):
        return told
    within = {name: one if name in _KEYED_BY_DATA else of_tomorrow(one) for name, one in told.items()}
    return within | {"of_tomorrow": {"why": [1]}, "more": None}


def later(record: ExchangeRecord | Act) -> str:
    return orjson.dumps(of_tomorrow(orjson.loads(record.to_json()))).decode()


def test_a_record_of_tomorrow_is_read_for_what_is_known_today() -> None:
    assert later(WHOLE).count("of_tomorrow") == 14
    assert ExchangeRecord.from_json(later(WHOLE)) == WHOLE
    assert ExchangeRecord.read(later(WHOLE)) == WHOLE


def test_an_act_of_tomorrow_too() -> None:
    assert Act.from_json(later(ACT)) == ACT


async def test_so_is_sealed_content_of_tomorrow(database: Database, tmp_path: Path) -> None:
    keyring = keyring_on(database, tmp_path)
    case = Keeper(TenantKeys(keyring.tenant)).case("c-1", "acme")
    sealed = await case.seal(Content(marks=(LaterMark(**MARK),), passages=(LaterHit(number=1),)))
    record = replace(WHOLE, content=sealed.digests)
    with Log(database, tmp_path).table() as table:
        table.write([entry_of(record, Phase.COMPLETED, sealed.rows)])
    with database.reading() as connection:
        content = read_content(connection, keyring, "c-1", "acme")
    assert (content.marks, content.passages) == ((Mark(**MARK),), (Hit(number=1),))


async def test_sealed_content_with_a_word_of_tomorrow_is_unreadable(database: Database, tmp_path: Path) -> None:
    keyring = keyring_on(database, tmp_path)
    case = Keeper(TenantKeys(keyring.tenant)).case("c-1", "acme")
    word: Any = "of tomorrow"
    sealed = await case.seal(Content(marks=(Mark(**MARK | {"operator": word}),)))
    record = replace(WHOLE, content=sealed.digests)
    with Log(database, tmp_path).table() as table:
        table.write([entry_of(record, Phase.COMPLETED, sealed.rows)])
    with database.reading() as connection, pytest.raises(Unreadable, match="of another version"):
        read_content(connection, keyring, "c-1", "acme")


@pytest.mark.parametrize("word", ["surface", "outcome", "cache"])
def test_a_new_word_in_a_field_that_is_known_is_not_guessed_at(word: str) -> None:
    told = orjson.loads(WHOLE.to_json()) | {word: "of tomorrow"}
    assert ExchangeRecord.read(orjson.dumps(told)) is None


def test_the_explorer_counts_an_exchange_under_a_new_word_and_leaves_such_an_act_out(
    database: Database, tmp_path: Path
) -> None:
    exchange, act = (orjson.loads(one.to_json()) | {"outcome": "of tomorrow"} for one in (WHOLE, ACT))
    with Log(database, tmp_path).table() as table:
        table.write([_with(entry_of(WHOLE, Phase.COMPLETED), orjson.dumps(exchange).decode())])
        table.write([_with(entry_of_act(ACT), orjson.dumps(act).decode())])
    index = Index(database)
    index.follow()
    assert [row.outcome for row in index.search(Filters(tenants=None)).rows] == ["of tomorrow"]
    with database.reading() as connection:
        assert find_acts(connection, act_filters({}, None), None, 9).rows == ()
    for read in (read_exchanges, read_acts):
        with pytest.raises(ValueError, match="that this version can read"):
            read(database, limit=9)


def test_what_is_known_already_is_not_copied() -> None:
    told = {"model": "m", "version": None}
    assert known(told, Served) is told
    assert known(told | {"x": 1}, Served) == told


def test_it_stands_in_the_lists_and_the_log_is_verified(database: Database, tmp_path: Path) -> None:
    log = Log(database, tmp_path)
    exchange, act = entry_of(WHOLE, Phase.COMPLETED), entry_of_act(ACT)
    with log.table() as table:
        table.write([_with(exchange, later(WHOLE)), _with(act, later(ACT))])
    sign_now(log)
    assert [row.record for row in read_exchanges(database, limit=9)] == [WHOLE]
    assert [row.act for row in read_acts(database, limit=9)] == [ACT]
    assert check_log(database, vkey(log)).size == 2


def _with(entry: Entry, body: str) -> Entry:
    return Entry(call_id=entry.call_id, phase=entry.phase, at=entry.at, body=body, kind=Kind(entry.kind))
