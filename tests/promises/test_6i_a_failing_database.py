"""Promises 2 and 6, wherever the database fails: an answer is whole or it is a refusal, each is on the record, and it goes on."""

from __future__ import annotations

import asyncio
import sqlite3
from itertools import count
from pathlib import Path

import pytest

from tests.promises.ways import OWED_S, ROUTED, STORED, SURFACES, furnished
from tests.support.failing_sqlite import Failing
from tests.support.house import Way, asked, assert_refused, assert_whole, chat

_UNKNOWN = Way("bare", chat("unknown"))
_WAYS = (
    (ROUTED["plain"], True),
    (_UNKNOWN, False),
    (ROUTED["shared and kept"], False),
    (STORED["documents"], True),
    (STORED["an answer that goes on"], False),
    (SURFACES["items that are kept"], True),
    (STORED["an item by reference"], False),
)


@pytest.mark.parametrize(("code", "for_good"), [(sqlite3.SQLITE_FULL, False), (sqlite3.SQLITE_READONLY, True)])
async def test_a_statement_that_fails(code: int, for_good: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failing, refused = Failing(monkeypatch), 0
    async with furnished(tmp_path, monkeypatch) as home:
        for way, stream in _WAYS:
            for at in count(1):
                home.forget_keys(way.tenant)  # so that its key is read in each turn
                with failing.during(at, code, for_good=for_good):
                    call = await asked(home, way, stream=stream)
                    await asyncio.sleep(OWED_S)
                if call.status == 503:
                    assert_refused(call, 503, "audit_unavailable", "protection_unavailable")
                    refused += 1
                elif way is _UNKNOWN:
                    assert_refused(call, 404, "model_not_found")
                else:
                    assert_whole(call, way.whole)
                home.forget_keys(way.tenant)  # that there was none is held for a second
                again = await asked(home, way, stream=stream)
                assert again.status == (404 if way is _UNKNOWN else 200)
                if not failing.hit:
                    assert at > 5
                    break
        assert refused
