"""A search finds what the log holds: no more, no less, in order, in both directions, and never across a viewer's tenants."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from gateway.explorer.index.filters import Cursor, Filters, Page
from gateway.explorer.index.index import Index
from gateway.explorer.index.reading import LoggedEntry
from gateway.explorer.index.row import Row
from gateway.explorer.index.search import Budget
from gateway.explorer.index.terms import term_of
from gateway.store import Database
from tests.explorer.index.logs import ended, follow_all, moment, rows, write

TENANTS = ("acme", "globex", "initech", None)
MODELS = ("small", "large", None)
ENTITIES = ("PERSON", "EMAIL", "IBAN")


def exchange(number: int) -> LoggedEntry:
    """All combinations, one after the other; an exchange a quarter of an hour."""
    allow = number % 5 != 0
    return ended(
        number,
        "completed" if allow else "denied",
        opened_at=moment(number * 15),
        tenant=TENANTS[number % 4],
        principal=f"p{number % 6}",
        model=MODELS[number % 3],
        status=200 if allow else 403,
        decision={"allow": allow, "rule": f"r{number % 7}", "policy_version": f"v{number // 50}"},
        findings=[{"entity": one, "operator": "mask", "count": 1} for one in ENTITIES[: number % 4]],
        conversation=f"k{number % 11}",
        timings_ms={"total": 1.5 ** (number % 25)},
    )


ENTRIES = tuple(exchange(number) for number in range(150))
ALL = rows(ENTRIES)


@pytest.fixture
def index(database: Database) -> Index:
    write(database, ENTRIES)
    found = Index(database)
    follow_all(found)
    return found


def matches(row: Row, filters: Filters) -> bool:
    """What the filters say, without an index."""
    fields = ("tenant", "principal", "model", "outcome", "allow", "rule", "policy_version", "status", "conversation")
    wanted = [(getattr(row, name), getattr(filters, name)) for name in fields]
    return (
        (filters.tenants is None or row.tenant in filters.tenants)
        and all(expected is None or value == expected for value, expected in wanted)
        and (filters.since is None or row.opened_at >= filters.since)
        and (filters.until is None or row.opened_at < filters.until)
        and (filters.entity is None or filters.entity in {one.entity for one in row.found})
        and (filters.min_duration_ms is None or (row.duration_ms or 0) >= filters.min_duration_ms)
    )


def pages(index: Index, filters: Filters, limit: int) -> Iterator[Page]:
    """From the newest to the oldest."""
    cursor: Cursor | None = None
    while True:
        page = index.search(filters, cursor, limit)
        yield page
        if page.older is None:
            return
        cursor = page.older


def maybe(*values: object) -> st.SearchStrategy[object]:
    return st.one_of(st.none(), st.sampled_from(values))


FILTERS = st.builds(
    Filters,
    tenants=st.one_of(st.none(), st.frozensets(st.sampled_from(("acme", "globex", "umbrella")))),
    tenant=maybe("acme", "initech"),
    principal=maybe("p1", "p2", "nobody"),
    model=maybe("small", "large"),
    outcome=maybe("completed", "denied"),
    allow=maybe(True, False),
    rule=maybe("r1", "r5"),
    policy_version=maybe("v0", "v2"),
    status=maybe(200, 403),
    entity=maybe(*ENTITIES),
    conversation=maybe("k1", "k7"),
    since=maybe(moment(300), moment(1_507)),
    until=maybe(moment(400), moment(2_000)),
    min_duration_ms=maybe(0, 2.0, 100, 1e6),
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(filters=FILTERS, limit=st.integers(12, 40))
def test_it_finds_what_a_look_at_every_exchange_finds(index: Index, filters: Filters, limit: int) -> None:
    wanted = [row for row in reversed(ALL) if matches(row, filters)]
    turned = list(pages(index, filters, limit))
    assert [row for page in turned for row in page.rows] == wanted
    assert all(len(page.rows) == limit for page in turned[:-1])
    assert all(page.searched_to is None for page in turned)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(filters=FILTERS, limit=st.integers(1, 20), start=st.integers(0, 160))
def test_towards_newer_ones_it_finds_the_same(index: Index, filters: Filters, limit: int, start: int) -> None:
    wanted = [row for row in ALL if matches(row, filters) and row.seq > start]
    page = index.search(filters, Cursor(start, newer=True), limit)
    assert list(page.rows) == wanted[:limit][::-1]
    assert (page.newer is not None) == (len(wanted) > limit)
    assert page.older is not None


def test_one_comes_back_to_the_page_that_one_came_from(index: Index) -> None:
    everything = Filters(tenants=None)
    first = index.search(everything, limit=20)
    assert first.older is not None
    second = index.search(everything, first.older, 20)
    assert (first.newer, second.newer is not None) == (None, True)
    back = index.search(everything, second.newer, 20)
    assert back.rows == first.rows


def test_a_viewer_sees_his_tenants_and_none_of_those_in_no_tenant(index: Index) -> None:
    mine = frozenset({"globex"})
    found = [row for page in pages(index, Filters(tenants=mine), 30) for row in page.rows]
    assert {row.tenant for row in found} == {"globex"}
    assert index.search(Filters(tenants=mine, tenant="acme")).rows == ()
    assert index.search(Filters(tenants=frozenset())).rows == ()
    theirs = next(row for row in ALL if row.tenant == "acme")
    assert index.exchange(theirs.call_id, mine) is None
    assert index.exchange(theirs.call_id, None) == theirs
    assert index.exchange("nobody's", None) is None


def test_a_conversation_is_in_order_and_ends_at_the_border_too(index: Index) -> None:
    wanted = tuple(row for row in ALL if row.conversation == "k3")
    assert index.conversation("k3", None) == wanted
    assert index.conversation("k3", frozenset({"acme"})) == tuple(row for row in wanted if row.tenant == "acme")
    assert index.conversation("k3", None, limit=2) == wanted[-2:]  # the latest, in their order
    assert index.conversation("none", None) == ()


def test_a_search_that_runs_out_of_time_says_how_far_it_came_and_goes_on(sqlite: Database) -> None:
    written = [ended(number, opened_at=moment(number), principal="rare" if number == 0 else "usual") for number in range(9_000)]
    write(sqlite, written)
    ticks = count()
    index = Index(sqlite, budget=Budget(seconds=0.5), monotonic=lambda: float(next(ticks)))
    follow_all(index, 9_000)
    turned = list(pages(index, Filters(tenants=None, principal="rare"), 10))
    assert [row.call_id for page in turned for row in page.rows] == ["c0"]
    assert [(len(page.rows), page.searched_to) for page in turned] == [
        (0, moment(4_904)),
        (0, moment(808)),
        (1, None),
    ]


def test_a_rare_filter_is_led_by_its_own_range_and_not_by_a_common_one(sqlite: Database) -> None:
    many = [ended(number, principal="rare" if number % 100 == 0 else "usual") for number in range(900)]
    write(sqlite, many)
    index = Index(sqlite)
    follow_all(index)
    asked: list[tuple[str, object]] = []
    event.listen(sqlite.engine, "before_cursor_execute", lambda *args: asked.append((args[2], args[3])))
    page = index.search(Filters(tenants=None, tenant="acme", principal="rare", outcome="completed"))
    assert len(page.rows) == 9
    statement, values = asked[-1]
    assert "AS lead" in statement
    assert isinstance(values, tuple)
    leading = statement[: statement.index("lead.term = ?")].count("?")
    assert values[leading] == term_of("principal", "rare")


class Kept:
    """Texts by call; counts what was opened."""

    def __init__(self, texts: dict[str, str]) -> None:
        self.texts = texts
        self.opened: list[str] = []

    def __call__(self, _: object, row: Row) -> tuple[str, ...] | None:
        self.opened.append(row.call_id)
        return (self.texts[row.call_id],) if row.call_id in self.texts else None


def test_text_is_looked_for_in_what_the_other_filters_let_through(sqlite: Database) -> None:
    write(sqlite, ENTRIES)
    kept = Kept({f"c{number}": f"Angebot für <PERSON_1> Nr. {number}" for number in range(0, 150, 2)})
    index = Index(sqlite, texts=kept)
    follow_all(index)
    page = index.search(Filters(tenants=frozenset({"acme"}), text="NR. 1"))
    wanted = [row.call_id for row in reversed(ALL) if row.tenant == "acme" and f"nr. {row.call_id[1:]}".startswith("nr. 1")]
    assert [row.call_id for row in page.rows] == [one for one in wanted if one in kept.texts]
    assert set(kept.opened) == {row.call_id for row in ALL if row.tenant == "acme"}
    assert page.unread == sum(row.tenant == "acme" and row.call_id not in kept.texts for row in ALL)


def test_a_search_for_text_ends_with_what_may_be_opened_and_goes_on_from_there(sqlite: Database) -> None:
    write(sqlite, ENTRIES)
    kept = Kept({f"c{number}": "needle" if number == 3 else "hay" for number in range(150)})
    index = Index(sqlite, texts=kept, budget=Budget(opened=40))
    follow_all(index)
    filters = Filters(tenants=None, text="needle")
    first = index.search(filters, limit=10)
    assert (first.rows, len(kept.opened), first.older is not None) == ((), 44, True)
    assert first.searched_to == moment(106 * 15)
    assert [row.call_id for page in pages(index, filters, 10) for row in page.rows] == ["c3"]


def test_without_somebody_to_open_content_there_is_no_search_in_it(index: Index) -> None:
    with pytest.raises(LookupError):
        index.search(replace(Filters(tenants=None), text="anything"))


def test_a_cursor_is_a_word_of_an_address() -> None:
    assert Cursor.parse(str(Cursor(12))) == Cursor(12)
    assert Cursor.parse(str(Cursor(7, newer=True))) == Cursor(7, newer=True)
    for word in ("", "b", "12", "c1", "b-1", "b1 ", "b" + "9" * 19, "b１"):
        with pytest.raises(ValueError, match="not a place"):
            Cursor.parse(word)
