"""Promises 2 and 6, wherever the database fails: an answer is whole or it is a refusal, each is on the record, and it goes on."""

from __future__ import annotations

import asyncio
import sqlite3
from itertools import count
from pathlib import Path

import orjson
import pytest

from tests.promises.test_6h_cut_anywhere import House, assert_whole, house, went
from tests.support.failing_sqlite import Failing
from tests.support.inside import Call

_OWED_S = 0.08
"""Longer than an entry that nobody waits for is owed, so that it meets the fault too."""


async def asked(home: House, tenant: str, model: str, *, stream: bool) -> Call:
    call = home.call(model, stream=stream, tenant=tenant)
    await went(home, call, at=0, cut=lambda _: None)
    return call


def assert_refused(call: Call, status: int, code: str) -> None:
    assert call.status == status, call.body
    error = orjson.loads(call.body)["error"]
    assert (set(error), error["code"]) == ({"message", "type", "param", "code"}, code)


@pytest.mark.parametrize(("code", "for_good"), [(sqlite3.SQLITE_FULL, False), (sqlite3.SQLITE_READONLY, True)])
async def test_a_statement_that_fails(code: int, for_good: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failing, refused = Failing(monkeypatch), 0
    async with house(tmp_path) as home:
        for tenant, model, stream in (("bare", "plain", True), ("bare", "unknown", False), ("kept", "plain", False)):
            for at in count(1):
                home.inside.parts.keeping.tenant_keys.forget(tenant)  # so that its key is read in each turn
                with failing.during(at, code, for_good=for_good):
                    call = await asked(home, tenant, model, stream=stream)
                    await asyncio.sleep(_OWED_S)
                if call.status == 503:
                    assert_refused(call, 503, "audit_unavailable")
                    refused += 1
                elif model == "unknown":
                    assert_refused(call, 404, "model_not_found")
                else:
                    assert_whole(call)
                home.inside.parts.keeping.tenant_keys.forget(tenant)  # that there was none is held for a second
                again = await asked(home, tenant, model, stream=stream)
                assert again.status == (404 if model == "unknown" else 200)
                if not failing.hit:
                    assert at > 5
                    break
        assert refused
