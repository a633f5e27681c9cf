"""Words on a shelf of which only some passages are wanted."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import event, insert

from gateway.knowledge import wording
from gateway.knowledge.wording import Asked, Frequencies
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


@pytest.mark.parametrize("among", [None, frozenset(range(0, 1_100, 2))])
def test_a_question_may_be_asked_of_more_shelves_than_one_statement_holds(
    database: Database, among: frozenset[int] | None
) -> None:
    """Twelve terms on each of 1,100; chunk 7 says the most of them, and 1,001 comes next."""
    counts = {7: 9, 1_001: 5}
    shelves, said = range(1_100), range(12)
    names = {(shelf, 1_000 * shelf + term): str(term) for shelf in shelves for term in said}
    rows = [
        {"shelf": shelf, "term": term, "chunk": shelf, "count": counts.get(shelf, 1), "length": 50} for shelf, term in names
    ]
    database.prepare()
    with database.writing() as connection:
        connection.execute(insert(POSTINGS), rows)
    with database.reading() as connection:
        found = Frequencies().of(connection, dict.fromkeys(shelves, 1), names)
        assert found == dict.fromkeys(names, 1)
        asked = Asked(names, found, {str(term): 1.0 for term in said}, 12.0, 50.0)
        best = asked.best(connection, 3, among)
        assert best == ([7, 1_001, 0] if among is None else [0, 2, 4])
        assert asked.shares(connection, [7, 1_001]) == {7: 1.0, 1_001: 1.0}
