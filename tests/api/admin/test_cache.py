from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.audit.act import ActOutcome
from gateway.caching.memory import MemoryStore
from gateway.caching.store import Name
from tests.api.admin import office
from tests.api.admin.office import Office, open_office
from tests.caching.test_stores import kept, known

BANKS, SHOPS = Name("bank", "small", b"1" * 32), Name("shop", "small", b"2" * 32)


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> MemoryStore:
    """The one that the office clears."""
    made = MemoryStore(10_000)
    monkeypatch.setattr(office, "MemoryStore", lambda _: made)
    return made


@pytest.fixture
async def here(store: MemoryStore, tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(tmp_path) as opened:
        yield opened


@pytest.mark.parametrize(("person", "more"), [("ops", {}), ("ops@bank", {}), ("dpo@bank", {"model": "small"})])
async def test_a_tenants_answers_are_forgotten(here: Office, store: MemoryStore, person: str, more: dict[str, str]) -> None:
    await kept(store, BANKS, SHOPS)
    answer = await here.call(person, "POST", "/cache/clear", json={"tenant": "bank", **more})
    assert answer.json() == {"tenant": "bank", "model": more.get("model"), "policy": None, "answers": 1}
    assert await known(store, BANKS, SHOPS) == [None, b"sealed"]
    (act,) = here.acts()
    assert (act.outcome, act.tenant, act.target) == (ActOutcome.DONE, "bank", more.get("model"))


async def test_an_alias_is_the_model_that_it_stands_for(store: MemoryStore, tmp_path: Path) -> None:
    policy = (office.TENANTS + office.PEOPLE).replace("\nmodels:\n", "\nmodels:\n  tiny: {alias: small}\n")
    await kept(store, BANKS)
    async with open_office(tmp_path, policy) as here:
        answer = await here.call("ops", "POST", "/cache/clear", json={"tenant": "bank", "model": "tiny"})
        assert answer.json() == {"tenant": "bank", "model": "small", "policy": None, "answers": 1}
        assert [act.target for act in here.acts()] == ["small"]


async def test_the_answers_of_one_version_of_the_policy(here: Office, store: MemoryStore) -> None:
    old, new = (Name("bank", "small", version.encode() * 16, version) for version in ("v1", "v2"))
    await kept(store, old, new)
    answer = await here.call("ops", "POST", "/cache/clear", json={"tenant": "bank", "policy": "v1"})
    assert answer.json() == {"tenant": "bank", "model": None, "policy": "v1", "answers": 1}
    assert await known(store, old, new) == [None, b"sealed"]
    (act,) = here.acts()
    assert (act.target, act.note) == ("v1", "of a version of the policy")


@pytest.mark.parametrize(
    ("person", "body", "status"),
    [
        ("ops@bank", {"tenant": "shop"}, 404),
        ("ops", {"tenant": "nobody"}, 404),
        ("ops", {"tenant": "bank", "model": "none"}, 404),
        ("dev@bank", {"tenant": "bank"}, 403),
        ("aud", {"tenant": "bank"}, 403),
        ("ops", {}, 400),
        ("ops", {"tenant": "bank", "model": "small", "policy": "v1"}, 400),
    ],
)
async def test_whose_it_is_not(here: Office, store: MemoryStore, person: str, body: dict[str, str], status: int) -> None:
    await kept(store, BANKS, SHOPS)
    assert (await here.call(person, "POST", "/cache/clear", json=body)).status_code == status
    assert await known(store, BANKS, SHOPS) == [b"sealed"] * 2
