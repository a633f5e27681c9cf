"""Files and vector stores as users of the openai package know them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from openai import APIStatusError, BadRequestError, NotFoundError, OpenAI, PermissionDeniedError
from openai.types import VectorStore

from gateway.audit.act import Action
from gateway.audit.act_reader import read_acts
from tests.api.knowledge.conftest import House
from tests.knowledge import files as samples
from tests.store.databases import sqlite_at

HANDBOOK = b"# Leave\n\nAnna Schmidt grants thirty days of holiday to everybody. Write to anna.schmidt@example.com.\n"
SIGNAL = 100
"""Milliseconds between two looks."""


@pytest.fixture(scope="module")
def store(house: House) -> VectorStore:
    """With a handbook and a price list, processed."""
    made = house.app.vector_stores.create(
        name="Handbook", metadata={"team": "people"}, expires_after={"anchor": "last_active_at", "days": 7}
    )
    adding = house.app.vector_stores.files
    handbook = house.app.files.create(file=("handbook.md", HANDBOOK), purpose="assistants")
    added = adding.create_and_poll(
        handbook.id, vector_store_id=made.id, attributes={"year": 2026, "draft": False}, poll_interval_ms=SIGNAL
    )
    assert (added.status, added.last_error) == ("completed", None)
    prices = house.app.files.create(file=("prices.xlsx", samples.an_xlsx()), purpose="user_data")
    house.app.vector_stores.file_batches.create_and_poll(made.id, file_ids=[prices.id], poll_interval_ms=SIGNAL)
    return house.app.vector_stores.retrieve(made.id)


def refusal(error: APIStatusError) -> tuple[int, object, str]:
    body = error.response.json()["error"]
    return error.status_code, body["code"], body["message"]


def test_a_store_tells_what_is_in_it(house: House, store: VectorStore) -> None:
    assert (store.name, store.status, store.metadata) == ("Handbook", "completed", {"team": "people"})
    assert (store.file_counts.completed, store.file_counts.total) == (2, 2)
    assert store.usage_bytes > 0
    assert store.expires_at is not None
    assert store.expires_at - (store.last_active_at or 0) == 7 * 86_400
    inside = house.app.vector_stores.files.list(store.id, filter="completed", order="asc", limit=1)
    assert [file.attributes for file in inside.data] == [{"year": 2026, "draft": False}]
    assert len(list(house.app.vector_stores.files.list(store.id, limit=1))) == 2  # over two pages
    assert [one.id for one in house.app.vector_stores.list()] == [store.id]


def test_what_is_found_has_its_people_again_for_whom_policy_lets(house: House, store: VectorStore) -> None:
    found = house.app.vector_stores.search(store.id, query="Who grants days off?").data
    assert found[0].filename == "Leave"
    assert "Anna Schmidt grants" in found[0].content[0].text
    assert 0 < found[0].score <= 1
    assert house.app.vector_stores.search(store.id, query="How do volcanoes form under the sea?").data == []


def test_a_search_tells_no_more_than_a_grounded_answer(house: House, store: VectorStore) -> None:
    """What is masked in a caller's requests comes back nowhere; what it may not send at all it does not get."""
    found = _search_as(house, "masked", store)
    assert found["data"][0]["content"][0]["text"].startswith("<PERSON> grants thirty days of holiday")
    assert "anna.schmidt@example.com" in found["data"][0]["content"][0]["text"]
    assert "Leave" not in {one["filename"] for one in _search_as(house, "blocked", store)["data"]}


def _search_as(house: House, principal: str, store: VectorStore) -> Any:
    told = {"authorization": f"Bearer {house.gateway.issue(principal, 'acme')}"}
    path, body = f"{house.gateway.base_url}/vector_stores/{store.id}/search", {"query": "Who grants days off?"}
    return httpx.post(path, headers=told, json=body, timeout=60).json()


@pytest.mark.parametrize(
    ("filters", "finds"),
    [
        ({"type": "eq", "key": "year", "value": 2026}, True),
        ({"type": "gt", "key": "year", "value": 2026}, False),
        (
            {
                "type": "and",
                "filters": [{"type": "gte", "key": "year", "value": 2000}, {"type": "ne", "key": "draft", "value": True}],
            },
            True,
        ),
    ],
)
def test_filters_by_attributes(house: House, store: VectorStore, filters: dict[str, object], *, finds: bool) -> None:
    found = house.app.vector_stores.search(store.id, query="days of holiday", filters=filters).data  # type: ignore[arg-type]
    assert bool(found) is finds


def test_a_file_is_its_uploaders(house: House, store: VectorStore) -> None:
    first = next(file for file in house.app.files.list() if file.filename == "handbook.md")
    assert (first.bytes, first.purpose) == (len(HANDBOOK), "assistants")
    assert house.app.files.wait_for_processing(first.id, poll_interval=0.1).status == "processed"
    assert house.app.files.content(first.id).content == HANDBOOK
    assert list(house.clerk.files.list()) == []
    assert store.id.startswith("vs_")


def test_not_there_and_not_yours_are_the_same(house: House, store: VectorStore) -> None:
    file = next(iter(house.app.files.list())).id
    secret = house.app.vector_stores.create(name="Law", metadata={"labels": "legal"})

    def asked(client: OpenAI, store_id: str, file_id: str) -> list[tuple[int, object, str]]:
        refused = []
        for ask in (
            lambda: client.vector_stores.retrieve(store_id),
            lambda: client.vector_stores.search(store_id, query="holiday"),
            lambda: client.vector_stores.files.list(store_id),
            lambda: client.vector_stores.files.retrieve(file_id, vector_store_id=store_id),
            lambda: client.files.retrieve(file_id),
            lambda: client.files.content(file_id),
            lambda: client.files.delete(file_id),
        ):
            with pytest.raises(NotFoundError) as refusal_of:
                ask()
            refused.append(refusal(refusal_of.value))
        return refused

    nothing = asked(house.app, "vs_" + "0" * 24, "file-" + "0" * 24)
    assert asked(house.spy, store.id, file) == nothing  # another tenant
    assert asked(house.stranger, store.id, file) == nothing  # no collection is granted
    assert asked(house.clerk, secret.id, file) == nothing  # without the label
    assert house.clerk.vector_stores.retrieve(store.id).name == "Handbook"
    assert secret.id not in {one.id for one in house.clerk.vector_stores.list()}
    assert house.app.vector_stores.delete(secret.id).deleted


def test_who_may_write_is_policy(house: House, store: VectorStore) -> None:
    for write in (
        lambda: house.clerk.files.create(file=("a.md", b"a"), purpose="assistants"),
        lambda: house.clerk.vector_stores.create(name="mine"),
        lambda: house.clerk.vector_stores.delete(store.id),
    ):
        with pytest.raises(PermissionDeniedError) as denied:
            write()
        assert denied.value.code == "policy_denied"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("bomb.docx", samples.a_bomb()),
        ("entities.docx", samples.with_entities()),
        ("macros.xlsx", samples.with_macros()),
        ("broken.pdf", b"%PDF-1.7 no more"),
        ("program.exe", b"MZ"),
    ],
)
def test_hostile_files_are_refused(house: House, name: str, data: bytes) -> None:
    with pytest.raises(BadRequestError) as refused:
        house.app.files.create(file=(name, data), purpose="assistants")
    assert refused.value.param == "file"
    assert name not in {file.filename for file in house.app.files.list()}


def test_stores_keep_to_limits(house: House) -> None:
    mine = house.app.vector_stores.create(name="other")
    with pytest.raises(NotFoundError):
        house.app.vector_stores.files.create(mine.id, file_id="file-" + "0" * 24)
    changed = house.app.vector_stores.update(mine.id, name="renamed", metadata={"a": "b"})
    assert (changed.name, changed.metadata) == ("renamed", {"a": "b"})
    with pytest.raises(BadRequestError):
        house.app.vector_stores.update(mine.id, metadata={"labels": "legal"})
    with pytest.raises(BadRequestError):
        house.app.vector_stores.update(mine.id, metadata={str(number): "" for number in range(17)})
    with pytest.raises(PermissionDeniedError):
        house.app.vector_stores.create(name="shut", metadata={"labels": "board"})
    assert house.app.vector_stores.delete(mine.id).deleted


def test_a_deleted_file_is_found_no_more(house: House) -> None:
    made = house.app.vector_stores.create(name="short")
    added = house.app.vector_stores.files.upload_and_poll(
        vector_store_id=made.id, file=("zebra.txt", b"Zebras are kept in enclosure nine."), poll_interval_ms=SIGNAL
    )
    assert house.app.vector_stores.search(made.id, query="Where are zebras kept?").data[0].file_id == added.id
    assert house.app.files.delete(added.id).deleted
    assert house.app.vector_stores.search(made.id, query="Where are zebras kept?").data == []
    assert house.app.vector_stores.retrieve(made.id).file_counts.total == 0


def test_malformed_bodies(house: House) -> None:
    http: httpx.Client = house.gateway.http
    for path, body in (("/files", b"{}"), ("/vector_stores", b"["), ("/vector_stores", b'{"name": 7}')):
        answer = http.post(path, content=body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "malformed_body")
    for limit in ("x", "0", "010000" + "9" * 5_000):
        assert http.get("/vector_stores", params={"limit": limit}).status_code == 400
    assert httpx.get(f"{house.gateway.base_url}/files").status_code == 401


def test_names_and_numbers_that_cannot_be_written(house: House, store: VectorStore) -> None:
    """The charset of a form is its sender's choice, and gives half of a pair of surrogates here; numbers have any size."""
    http: httpx.Client = house.gateway.http
    head = '--b\r\ncontent-disposition: form-data; name="{}"{}\r\n\r\n{}\r\n'
    form = head.format("purpose", "", "assistants") + head.format("file", '; filename="a+2AA-.md"', "word") + "--b--\r\n"
    kind = {"content-type": "multipart/form-data; charset=utf-7; boundary=b"}
    made = http.post("/files", content=form.encode(), headers=kind).json()
    assert made["filename"] == "a?.md"
    huge = {"file_id": made["id"], "attributes": {"huge": 10**30}}
    assert http.post(f"/vector_stores/{store.id}/files", json=huge).status_code in (200, 400)
    endless = f'{{"file_id": "{made["id"]}", "attributes": {{"a": 1e999}}}}'
    assert http.post(f"/vector_stores/{store.id}/files", content=endless).status_code == 400
    house.app.files.delete(made["id"])


def test_all_of_it_is_on_the_record_and_sealed(house: House, store: VectorStore) -> None:
    path = house.gateway.settings.audit_path
    acts = [row.act for row in read_acts(sqlite_at(path), limit=1_000)]
    done = {(act.action, act.principal) for act in acts if act.outcome == "done"}
    wanted = (
        Action.KNOWLEDGE_UPLOAD,
        Action.KNOWLEDGE_ADD,
        Action.KNOWLEDGE_SEARCH,
        Action.KNOWLEDGE_READ,
        Action.KNOWLEDGE_REMOVE,
    )
    assert {(action, "app") for action in wanted} <= done
    assert any(act.action is Action.KNOWLEDGE_UPLOAD and act.outcome == "denied" and act.principal == "clerk" for act in acts)
    raw = b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
    assert store.id.encode() in raw
    for planted in (b"Anna Schmidt", b"handbook.md", b"holiday", b"people"):
        assert planted not in raw
