"""Words on a shelf of which only some passages are wanted."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import event, insert

from gateway.knowledge import wording
from gateway.knowledge.wording import Asked
from gateway.store import Database
from gateway.store.tables.knowledge import POSTINGS

CHUNKS = 400
COUNTS = {1: 300, 2: 90, 3: 30}


@pytest.fixture
def asked(database: Database) -> Asked:
    """Three words, of which most passages have one."""
    drawn = random.Random(7)
    rows = [
        {"shelf": 1, "term": term, "chunk": chunk, "count": drawn.randint(1, 4), "length": drawn.randint(20, 200)}
        for term, count in COUNTS.items()
        for chunk in drawn.sample(range(CHUNKS), count)
    ]
    database.prepare()
    with database.writing() as connection:
        connection.execute(insert(POSTINGS), rows)
    weights = {str(term): 1.0 / term for term in COUNTS}
    names = {(1, term): str(term) for term in COUNTS}
    return Asked(names, {(1, term): count for term, count in COUNTS.items()}, weights, 2.0, 100.0)


@pytest.mark.parametrize("wanted", [0, 1, 20, CHUNKS])
def test_the_best_of_some_are_the_same_however_they_are_named(
    database: Database, asked: Asked, monkeypatch: pytest.MonkeyPatch, wanted: int
) -> None:
    among = frozenset(random.Random(wanted).sample(range(CHUNKS), wanted))
    with database.reading() as connection:
        every = asked.best(connection, CHUNKS)
        named = asked.best(connection, 15, among)
        monkeypatch.setattr(wording, "_MOST_NAMED", -1)
        assert named == asked.best(connection, 15, among) == [chunk for chunk in every if chunk in among][:15]


def test_of_a_few_passages_no_others_are_read(database: Database, asked: Asked) -> None:
    said: list[str] = []
    with database.reading() as connection:
        event.listen(connection, "before_cursor_execute", lambda *what: said.append(what[2]))
        assert len(asked.best(connection, 50, frozenset(range(40)))) > 0
    (statement,) = said
    assert "chunk IN" in statement
    assert "LIMIT" in statement
