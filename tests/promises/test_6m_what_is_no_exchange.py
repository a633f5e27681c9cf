"""Promises 1, 2 and 6 for files, vector stores, searches and feedback, wherever they are cut and wherever the database fails:
what is done was entered before and its end after, once; who is refused is told so in one shape; nothing goes on behind.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from tests.promises.test_6h_cut_anywhere import server_stops
from tests.promises.ways import ROUTED, furnished
from tests.store.databases import postgres
from tests.store.postgres import Server
from tests.support.failing_postgres import Failing, Fault, lost_after, lost_before
from tests.support.house import House, asked, assert_refused, went
from tests.support.inside import VALUE, Call

__all__ = ["postgres"]

_REFUSALS = ("audit_unavailable", "protection_unavailable")
_FORM = (
    '--edge\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nassistants\r\n'
    f'--edge\r\ncontent-disposition: form-data; name="file"; filename="{VALUE}.txt"\r\n\r\nThe harbour of {VALUE}.\r\n--edge--\r\n'
).encode()

Ask = Callable[[House], Call]


def upload(home: House) -> Call:
    headers = {"content-type": "multipart/form-data; boundary=edge"}
    return Call("files", home.keys["writing"], _FORM, headers)


def make(home: House) -> Call:
    return _asking(home, "vector_stores", name=f"Of {VALUE}")


def _asking(home: House, path: str, tenant: str = "writing", **body: Any) -> Call:
    return Call(path, home.keys[tenant], body, {"content-type": "application/json"})


async def _asks(home: House) -> dict[str, Ask]:
    """Each kind of call; what it needs is there."""
    call = make(home)
    await went(home, call)
    store = _said(call)["id"]
    answer = (await asked(home, ROUTED["plain"], stream=False)).headers["x-request-id"]
    return {
        "upload": upload,
        "make": make,
        "search": lambda home: _asking(home, f"vector_stores/{store}/search", query=f"harbour of {VALUE}"),
        "feedback": lambda home: _asking(home, "feedback", "bare", call_id=answer, thumb="up"),
        "models": lambda home: Call("models", home.keys["bare"], b"", method="GET"),
    }


def _said(call: Call) -> dict[str, Any]:
    assert call.status in (200, 201), call.body
    said: dict[str, Any] = orjson.loads(call.body)
    return said


def acts(home: House) -> Counter[str]:
    """How many acts have which entries. Fails where one has two of a kind."""
    rows = text("SELECT call_id, phase FROM entries WHERE kind = 'act' AND body LIKE '%knowledge.%'")
    with home.inside.parts.keeping.database.reading() as connection:
        entries = Counter(tuple(row) for row in connection.execute(rows))
    assert set(entries.values()) <= {1}
    phases = Counter[str]()
    for call_id in {call_id for call_id, _ in entries}:
        phases[" ".join(sorted(phase for one, phase in entries if one == call_id))] += 1
    return phases


async def test_a_call_that_is_cut_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with furnished(tmp_path, monkeypatch) as home:
        for ask in (await _asks(home)).values():
            for at in count(1):
                call = ask(home)
                if not await went(home, call, at=at, cut=partial(server_stops, call)):
                    assert at > 1
                    _said(call)
                    break
        assert set(acts(home)) <= {"completed opened", "opened"}


@pytest.fixture
def url(postgres: Server) -> Iterator[str]:
    with postgres.database() as made:
        yield made


@pytest.mark.parametrize("fault", [lost_before, lost_after], ids=["before", "after"])
async def test_a_statement_that_fails(
    fault: Fault, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="gateway")
    failing = Failing(monkeypatch)
    async with furnished(tmp_path, monkeypatch, database_url=url) as home:
        for name, ask in (await _asks(home)).items():
            for at in count(1):
                home.forget_keys("writing")
                call = ask(home)
                with failing.during(at, fault):
                    await went(home, call)
                if call.status == 503:
                    assert_refused(call, 503, *_REFUSALS)
                else:
                    _said(call)
                if not failing.hit:
                    assert at > (2 if name != "models" else 0)
                    break
        async with asyncio.timeout(10):
            while set(acts(home)) != {"completed opened"}:  # what could not be entered at once is owed
                await asyncio.sleep(0.05)
    assert VALUE not in caplog.text
