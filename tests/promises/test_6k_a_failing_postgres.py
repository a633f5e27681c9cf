"""Promises 1, 2 and 6, wherever Postgres fails: an answer is whole or it is a typed refusal, each is on the record once, no log
and no span holds what was said, and it goes on by itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Pool, QueuePool, make_url

from tests.promises.ways import OWED_S, STORED, furnished
from tests.store.databases import postgres
from tests.store.postgres import Server
from tests.support.failing_postgres import Failing, Fault, lost_after, lost_before, refused
from tests.support.house import House, asked, assert_refused, assert_whole, went
from tests.support.inside import VALUE
from tests.support.otlp import collecting

__all__ = ["postgres"]

_RECOVERS_S = 10.0
_WAYS = (STORED["documents"], STORED["an answer that goes on"])
"""Between them they ask everything that requests ask of the database."""
_FAULTS: dict[str, tuple[Fault, bool]] = {
    "lost before": (lost_before, False),
    "lost after": (lost_after, False),
    "serialization failure": (refused("40001"), False),
    "time-out": (refused("57014"), True),
}
"""Each, and whether it stays."""


@pytest.fixture
def url(postgres: Server) -> Iterator[str]:
    with postgres.database() as made:
        yield made


@pytest.mark.parametrize("name", _FAULTS)
async def test_a_statement_that_fails(
    name: str, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="gateway")
    (fault, for_good), failing, refusals = _FAULTS[name], Failing(monkeypatch), 0
    with collecting() as collector:
        traced = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint, "OTEL_TRACES_EXPORTER": "otlp"}
        async with furnished(tmp_path, monkeypatch, environ=traced, database_url=url) as home:
            for way in _WAYS:
                for at in count(1):
                    home.forget_keys(way.tenant)  # so that its key is read in each turn
                    with failing.during(at, fault, for_good=for_good):
                        call = await asked(home, way, stream=at % 2 == 0)
                        await asyncio.sleep(OWED_S)
                    if call.status == 503:
                        assert_refused(call, 503, "audit_unavailable", "protection_unavailable")
                        refusals += 1
                    else:
                        assert_whole(call, way.whole)
                    if not failing.hit:
                        assert at > 10
                        break
                home.forget_keys(way.tenant)
                assert_whole(await asked(home, way, stream=False), way.whole)
            await _given_back(home)
        collector.wait_for(b"gen_ai.")
        assert VALUE.encode() not in collector.raw
    assert refusals
    assert VALUE not in caplog.text


async def test_a_name_that_leads_to_a_standby_for_a_while(
    url: str, postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a fail-over, until the name leads to the new primary: no connection to the standby is kept."""
    base, way = make_url(url).database, STORED["lasting placeholders"]
    ours = f"pg_stat_activity WHERE datname = '{base}' AND application_name = 'privacy-gateway'"
    async with furnished(tmp_path, monkeypatch, database_url=url) as home:
        assert_whole(await asked(home, way, stream=False))
        postgres.execute(f"ALTER DATABASE {base} SET default_transaction_read_only = on")
        postgres.execute(f"SELECT pg_terminate_backend(pid) FROM {ours}")
        for _ in range(3):
            calls = [home.call(way, stream=False) for _ in range(3)]
            await went(home, *calls)
            for call in calls:
                assert_refused(call, 503, "audit_unavailable", "protection_unavailable")
        postgres.execute(f"ALTER DATABASE {base} SET default_transaction_read_only = off")
        await _serves_again(home)


async def test_a_pool_that_is_exhausted(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with furnished(tmp_path, monkeypatch, database_url=url) as home:
        engine, pool = home.inside.parts.keeping.database.engine, _pool(home)
        monkeypatch.setattr(pool, "_timeout", 0.2)
        with ExitStack() as held:
            while pool.checkedout() < 15:
                held.enter_context(engine.connect())
            for way in STORED.values():
                home.forget_keys(way.tenant)
                assert_refused(await asked(home, way, stream=True), 503, "audit_unavailable", "protection_unavailable")
        await _serves_again(home)
        await _given_back(home)


def _pool(home: House) -> QueuePool:
    pool: Pool = home.inside.parts.keeping.database.engine.pool
    assert isinstance(pool, QueuePool)
    return pool


async def _given_back(home: House) -> None:
    """All connections but the one that the record keeps, whatever background work has one for a moment."""
    async with asyncio.timeout(_RECOVERS_S):
        while _pool(home).checkedout() > 1:
            await asyncio.sleep(0.01)


async def _serves_again(home: House) -> None:
    """By itself."""
    way = STORED["lasting placeholders"]
    async with asyncio.timeout(_RECOVERS_S):
        while (call := await asked(home, way, stream=False)).status == 503:
            await asyncio.sleep(0.05)
    assert_whole(call)
