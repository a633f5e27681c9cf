"""What policy says of a caller's requests holds for files, stores and searches too: limits, rules with conditions, operators."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest
from openai import OpenAI, PermissionDeniedError, RateLimitError
from openai.types import VectorStore
from sqlalchemy import update

from gateway.audit.act_reader import read_acts
from gateway.moments import read
from gateway.store.tables.knowledge import STORES
from tests.api.knowledge.conftest import House
from tests.store.databases import sqlite_at

WITH_ADDRESS = b"# Post\n\nMary Miller keeps the post room. Write to mary.miller@example.com about parcels.\n"
WITHOUT = b"# Kitchen\n\nAnna Schmidt keeps the kitchen, with its three ovens, open on Mondays.\n"


def shelved(client: OpenAI, **files: bytes) -> VectorStore:
    store = client.vector_stores.create(name="rules")
    for name, content in files.items():
        added = client.vector_stores.files.upload_and_poll(
            vector_store_id=store.id, file=(f"{name}.md", content), poll_interval_ms=100
        )
        assert added.status == "completed"
    return store


@pytest.fixture(scope="module")
def store(house: House) -> Iterator[VectorStore]:
    made = shelved(house.app, post=WITH_ADDRESS, kitchen=WITHOUT)
    files = [one.id for one in house.app.vector_stores.files.list(made.id)]
    yield made
    house.app.vector_stores.delete(made.id)
    for file in files:
        house.app.files.delete(file)


def test_searches_and_uploads_count_as_requests_and_looking_on_does_not(house: House, store: VectorStore) -> None:
    limited = house.client("limited")
    first = limited.vector_stores.with_raw_response.search(store.id, query="Who keeps the kitchen?")
    assert (first.headers["x-ratelimit-limit-requests"], first.headers["x-ratelimit-remaining-requests"]) == ("2", "1")
    file = limited.files.create(file=("a.txt", b"Nothing much."), purpose="assistants")
    assert limited.files.retrieve(file.id).id == file.id
    assert limited.vector_stores.retrieve(store.id).id == store.id
    for beyond in (
        lambda: limited.vector_stores.search(store.id, query="Who keeps the kitchen?"),
        lambda: limited.files.content(file.id),
        lambda: limited.files.delete(file.id),
    ):
        with pytest.raises(RateLimitError) as refused:
            beyond()
        assert refused.value.code == "rate_limit_exceeded"


def test_rules_are_asked_of_searches_in_view_of_what_they_find(house: House, store: VectorStore) -> None:
    careful = house.client("careful")
    (found,) = careful.vector_stores.search(store.id, query="Who keeps the kitchen with its ovens?", max_num_results=1)
    assert found.content[0].text.startswith("<PERSON> keeps the kitchen"), "a rule demands it"
    for query in ("Whom do I write to about parcels in the post room?", "Is jo.doe@example.com in the kitchen?"):
        with pytest.raises(PermissionDeniedError, match=r"careful\.rules\.no-addresses: No addresses"):
            careful.vector_stores.search(store.id, query=query, max_num_results=1)
    with pytest.raises(PermissionDeniedError, match="other documents"):
        careful.vector_stores.search(store.id, query="Is 203.0.113.7 in the kitchen with its ovens?", max_num_results=1)
    file = "file-" + 24 * "0"
    for attempt in (
        lambda: careful.files.create(file=("a.md", b"a"), purpose="assistants"),
        lambda: careful.files.content(file),
        lambda: careful.files.delete(file),
    ):
        with pytest.raises(PermissionDeniedError, match="no-files"):
            attempt()
    with closing(sqlite_at(house.gateway.settings.audit_path)) as database:
        acts = [row.act for row in read_acts(database, limit=3)]
    assert {act.outcome for act in acts} == {"denied"}
    assert [act.action for act in acts] == ["knowledge.remove", "knowledge.read", "knowledge.upload"]


def test_rules_are_asked_of_uploads_and_of_words_about_stores_in_view_of_what_they_hold(house: House) -> None:
    wary = house.client("wary")
    kept = wary.files.create(file=("kitchen.md", WITHOUT), purpose="assistants")
    store = wary.vector_stores.create(name="rooms")
    for attempt in (
        lambda: wary.files.create(file=("post.md", WITH_ADDRESS), purpose="assistants"),
        lambda: wary.files.create(file=("jo.doe@example.com.md", WITHOUT), purpose="assistants"),
        lambda: wary.vector_stores.update(store.id, name="of jo.doe@example.com"),
        lambda: wary.vector_stores.files.create(
            vector_store_id=store.id, file_id=kept.id, attributes={"by": "jo.doe@example.com"}
        ),
    ):
        with pytest.raises(PermissionDeniedError, match="No addresses"):
            attempt()
    with closing(sqlite_at(house.gateway.settings.audit_path)) as database:
        acts = [row.act for row in read_acts(database, limit=4)]
    assert [(act.action, act.outcome) for act in acts] == 2 * [("knowledge.add", "denied")] + 2 * [
        ("knowledge.upload", "denied")
    ]
    assert wary.vector_stores.retrieve(store.id).name == "rooms"
    assert wary.vector_stores.delete(store.id).deleted
    assert wary.files.delete(kept.id).deleted


def test_whoever_has_no_label_in_view_of_what_is_said_says_nothing_of_its_stores(house: House) -> None:
    shy = house.client("shy")
    store, said = shy.vector_stores.create(name="rooms", metadata={"labels": "legal"}), "of jo.doe@example.com"
    with pytest.raises(PermissionDeniedError, match="other labels"):
        shy.vector_stores.create(name=said, metadata={"labels": "legal"})
    with pytest.raises(PermissionDeniedError, match="other labels"):
        shy.vector_stores.update(store.id, name=said)
    assert shy.vector_stores.retrieve(store.id).name == "rooms"
    assert shy.vector_stores.delete(store.id).deleted


@pytest.mark.parametrize(
    ("method", "path", "action"),
    [
        ("POST", "/files", "knowledge.upload"),
        ("GET", "/files", "knowledge.read"),
        ("GET", "/files/file-1/content", "knowledge.read"),
        ("DELETE", "/files/file-1", "knowledge.remove"),
        ("POST", "/vector_stores", "knowledge.add"),
        ("GET", "/vector_stores/vs-1", "knowledge.read"),
        ("POST", "/vector_stores/vs-1/search", "knowledge.search"),
        ("DELETE", "/vector_stores/vs-1/files/file-1", "knowledge.remove"),
        ("POST", "/vector_stores/vs-1/file_batches/b-1/cancel", "knowledge.remove"),
    ],
)
def test_a_wrong_key_is_on_record(house: House, method: str, path: str, action: str) -> None:
    tried = "pgw_" + "x" * 40
    refused = httpx.request(method, f"{house.gateway.base_url}{path}", headers={"authorization": f"Bearer {tried}"})
    assert refused.status_code == 401
    with closing(sqlite_at(house.gateway.settings.audit_path)) as database:
        (act,) = [row.act for row in read_acts(database, limit=1)]
    assert (act.action, act.outcome, act.error_code) == (action, "denied", refused.json()["error"]["code"])
    assert (act.tenant, act.principal, act.key_id) == (None, None, None)
    assert tried not in repr(act)


def test_what_comes_in_chunks_is_as_large_as_it_may_be(house: House) -> None:
    headers = {"authorization": f"Bearer {house.gateway.issue('small')}"}
    where, said = f"{house.gateway.base_url}/vector_stores", b"{}"
    made = httpx.post(where, content=said, headers=headers)
    assert httpx.delete(f"{where}/{made.json()['id']}", headers=headers).status_code == 200
    refused = httpx.post(where, content=iter([said]), headers=headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "policy_denied")


def test_a_search_makes_a_store_whose_time_is_over_no_younger(house: House) -> None:
    old = house.app.vector_stores.create(name="old", expires_after={"anchor": "last_active_at", "days": 1})
    ago = "2026-01-01T00:00:00.000Z"
    with closing(sqlite_at(house.gateway.settings.audit_path)) as database, database.writing() as connection:
        connection.execute(update(STORES).where(STORES.c.id == old.id).values(active_at=ago))
    assert house.app.vector_stores.search(old.id, query="Who keeps the kitchen?").data == []
    after = house.app.vector_stores.retrieve(old.id)
    assert (after.status, after.last_active_at) == ("expired", int(read(ago).timestamp()))
    assert house.app.vector_stores.delete(old.id).deleted


def test_what_only_the_readers_rules_protect_is_taken_out_of_results(house: House) -> None:
    """The tenant keeps addresses in its documents; not everybody in it may have them."""
    store = shelved(house.client("app", "loose"), post=WITH_ADDRESS)

    def told(principal: str) -> list[str]:
        found = house.client(principal, "loose").vector_stores.search(store.id, query="Whom do I write to about parcels?")
        return [one.content[0].text for one in found]

    assert ["mary.miller@example.com" in text for text in told("app")] == [True]
    (strict,) = told("strict")
    assert "Mary Miller keeps the post room." in strict
    assert "mary.miller" not in strict
    assert told("barred") == []
