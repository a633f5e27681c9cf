"""Which call feedback is about: found by the index, however long ago it was, and before the index has come to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gateway.dp.feedback import calls
from gateway.dp.feedback.calls import own_call
from gateway.dp.feedback.given import Feedback, Thumb
from gateway.errors import CallNotFound
from gateway.exchange import Principal
from gateway.explorer.index.index import Index
from gateway.protocol.usage import Usage
from gateway.store import Database
from tests.dp.records import an_exchange, put
from tests.store.databases import sqlite_at

ANN, BOB, CLERK = (Principal(tenant=tenant, id=who) for tenant, who in (("acme", "ann"), ("acme", "bob"), ("bank", "ann")))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Two of Ann's answers have one id, and one of Bob's."""
    with closing(sqlite_at(tmp_path / "audit.sqlite")) as opened:
        told = [("c1", "ann", "id-1"), ("c2", "ann", "id-2"), ("c3", "bob", "id-2"), ("c4", "ann", "id-2"), ("c5", "ann", None)]
        put(opened, (an_exchange(call, who, usage=Usage(response_id=name)) for call, who, name in told))
        yield opened


def found(database: Database, who: Principal, response_id: str) -> str:
    feedback = Feedback(thumb=Thumb.UP, response_id=response_id)
    return own_call(database, Index(database).answers, who, feedback).call_id


def test_the_newest_of_the_callers_own_is_meant(database: Database) -> None:
    for indexed in (False, True):
        assert (found(database, ANN, "id-1"), found(database, ANN, "id-2"), found(database, BOB, "id-2")) == ("c1", "c4", "c3")
        for who, name in ((BOB, "id-1"), (CLERK, "id-2"), (ANN, "id-"), (ANN, 'id-1"')):
            with pytest.raises(CallNotFound):
                found(database, who, name)
        if not indexed:
            assert Index(database).catch_up(60)


def test_what_is_indexed_is_not_looked_through(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    Index(database).catch_up(60)
    put(database, [an_exchange("c6", "ann", usage=Usage(response_id="id-3"))])
    assert found(database, ANN, "id-3") == "c6", "it ended a moment ago"
    monkeypatch.setattr(calls, "NEWEST", 0)
    assert found(database, ANN, "id-1") == "c1"
    with pytest.raises(CallNotFound):
        found(database, ANN, "id-3")


def test_an_index_that_is_made_anew_hides_nothing(database: Database) -> None:
    index = Index(database)
    index.catch_up(60)
    index.rebuild()
    assert found(database, ANN, "id-1") == "c1"
    assert index.answers("id-1", "acme", "ann")[1] <= 0
