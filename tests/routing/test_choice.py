"""The order in which deployments are tried."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.obligations import DeploymentRef, RouteTerms, Share
from gateway.routing.choice import drawn, ranked
from gateway.routing.load import Load


@dataclass(frozen=True)
class Ref:
    id: str
    model: str | None = None
    version: str | None = None
    digest: str | None = None
    external: bool = False
    concurrent: int | None = None


A, B, C, D, CANARY = map(Ref, ("a", "b", "c", "d", "canary"))
EQUALS = RouteTerms(tiers=((A, B, C),))
TWO_TIERS = RouteTerms(tiers=((A, B), (C, D)))


def loads(**by_id: Load) -> Callable[[DeploymentRef], Load]:
    return lambda one: by_id.get(one.id, Load())


def ids(terms: RouteTerms, of: Callable[[DeploymentRef], Load], key: bytes | None = None, draw: float = 0.5) -> list[str]:
    return [choice.deployment.id for choice in ranked(terms, of, key, draw)]


def test_the_only_one() -> None:
    (choice,) = ranked(RouteTerms(tiers=((A,),)), loads(), None, 0.0)
    assert (choice.deployment, choice.reason) == (A, "the only one that policy lets through")


def test_a_flat_list_is_tried_in_its_order() -> None:
    flat = RouteTerms(tiers=((A,), (B,), (C,)))
    choices = tuple(ranked(flat, loads(a=Load(outstanding_tokens=9_000, open=3)), b"key", 0.3))
    assert [choice.deployment.id for choice in choices] == ["a", "b", "c"]
    assert choices[0].reason == "the first of 3 that policy lets through"
    assert choices[1].reason == "tier 2, in its turn"


def test_the_least_loaded_goes_first_where_there_is_no_key() -> None:
    of = loads(a=Load(outstanding_tokens=500, open=1), b=Load(outstanding_tokens=200, open=1), c=Load(outstanding_tokens=900))
    assert ids(EQUALS, of) == ["b", "a", "c"]


def test_a_weight_counts_for_the_load() -> None:
    of = loads(a=Load(outstanding_tokens=900, open=3), b=Load(outstanding_tokens=500, open=1), c=Load(outstanding_tokens=1_000))
    assert ids(replace(EQUALS, weights={"a": 3}), of)[0] == "a"


def test_what_is_unfit_is_the_last_resort_also_in_the_best_tier() -> None:
    choices = tuple(ranked(TWO_TIERS, loads(a=Load(fit=False), b=Load(fit=False)), b"key", 0.5))
    assert {choice.deployment.id for choice in choices[:2]} == {"c", "d"}
    assert {choice.reason for choice in choices[2:]} == {"tier 1, out of order, the last resort"}


def test_what_has_no_free_place_comes_before_what_is_unfit() -> None:
    of = loads(a=Load(open=1, capacity=1), b=Load(fit=False), c=Load(), d=Load(open=4, capacity=4))
    choices = tuple(ranked(TWO_TIERS, of, b"key", 0.5))
    assert [choice.deployment.id for choice in choices] == ["c", "a", "d", "b"]
    assert choices[0].reason == "the only one in tier 2 that is fit and has a free place"
    assert choices[1].reason == "tier 1, when it has a free place"


def test_a_busy_place_gives_its_keys_to_the_next() -> None:
    key = next(key for key in (bytes([one]) for one in range(256)) if ids(EQUALS, loads(), key)[0] == "a")
    choices = tuple(ranked(EQUALS, loads(a=Load(outstanding_tokens=40_000, open=9)), key, 0.5))
    assert choices[0].deployment != A
    assert choices[0].reason == "where its beginning belongs of 3 in tier 1, the first place being busy"


def test_one_call_more_does_not_move_a_conversation() -> None:
    key = next(key for key in (bytes([one]) for one in range(256)) if ids(EQUALS, loads(), key)[0] == "a")
    assert ids(EQUALS, loads(a=Load(outstanding_tokens=40_000, open=1)), key)[0] == "a"


def test_a_canary_gets_its_share_and_is_not_in_the_way_otherwise() -> None:
    terms = replace(EQUALS, canary=Share(CANARY, 10))
    rng = random.Random(7)
    first = Counter(ids(terms, loads(), rng.randbytes(16), rng.random())[0] for _ in range(4_000))
    assert 300 < first["canary"] < 500
    assert all("canary" not in ids(terms, loads(canary=Load(fit=False)), rng.randbytes(16)) for _ in range(100))
    assert all("canary" not in ids(terms, loads(canary=Load(open=1, capacity=1)), rng.randbytes(16)) for _ in range(100))


@pytest.mark.parametrize(("percent", "every"), [(0, False), (100, True)])
def test_a_canary_of_none_and_of_all(percent: float, every: bool) -> None:
    terms = replace(EQUALS, canary=Share(CANARY, percent))
    rng = random.Random(3)
    assert all((ids(terms, loads(), rng.randbytes(16))[0] == "canary") is every for _ in range(50))


def test_every_turn_of_a_conversation_is_drawn_alike_and_shares_are_drawn_apart() -> None:
    share = Share(CANARY, 50)
    rng = random.Random(5)
    keys = [rng.randbytes(16) for _ in range(400)]
    assert all(len({drawn(share, key, rng.random(), b"canary") for _ in range(5)}) == 1 for key in keys)
    both = sum(drawn(share, key, 0, b"canary") and drawn(share, key, 0, b"shadow") for key in keys)
    assert 60 < both < 140


def test_in_the_long_run_each_gets_what_it_weighs() -> None:
    terms, rng = replace(EQUALS, weights={"a": 3}), random.Random(11)
    by_key = Counter(ids(terms, loads(), rng.randbytes(16), rng.random())[0] for _ in range(4_000))
    by_lot = Counter(ids(terms, loads(), None, rng.random())[0] for _ in range(4_000))
    for counted in (by_key, by_lot):
        assert 2_250 < counted["a"] < 2_550
        assert 680 < counted["b"] < 920


def test_without_one_only_its_own_keys_move() -> None:
    keys = [bytes([one, 1]) for one in range(200)]
    before = {key: ids(EQUALS, loads(), key)[0] for key in keys}
    after = {key: ids(RouteTerms(tiers=((A, B),)), loads(), key)[0] for key in keys}
    assert all(after[key] == before[key] for key in keys if before[key] != "c")
    assert {after[key] for key in keys if before[key] == "c"} == {"a", "b"}


_LOADS = st.builds(
    Load,
    outstanding_tokens=st.integers(0, 100_000),
    open=st.integers(0, 20),
    capacity=st.none() | st.integers(1, 20),
    fit=st.booleans(),
)


@given(
    st.lists(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=4), min_size=1, max_size=4),
    st.dictionaries(st.sampled_from("abcdefgh"), _LOADS),
    st.none() | st.binary(min_size=1, max_size=64),
    st.floats(0, 1, exclude_max=True),
    st.floats(0, 100),
)
def test_whatever_happens(
    tiers: list[list[str]], by_id: dict[str, Load], key: bytes | None, draw: float, percent: float
) -> None:
    seen = set[str]()
    distinct = tuple(tuple(Ref(one) for one in tier if not (one in seen or seen.add(one))) for tier in tiers)  # type: ignore[func-returns-value]
    terms = RouteTerms(tiers=tuple(filter(None, distinct)), canary=Share(CANARY, percent))
    choices = tuple(ranked(terms, loads(**by_id), key, draw))
    named = [choice.deployment.id for choice in choices if choice.deployment != CANARY]
    assert sorted(named) == sorted(seen)  # each once, and none from elsewhere
    assert choices == tuple(ranked(terms, loads(**by_id), key, draw))
    states = [(not load.fit, not load.free) for load in (by_id.get(one, Load()) for one in named)]
    ranks = [2 if unfit else int(full) for unfit, full in states]
    assert ranks == sorted(ranks)  # free, then full, then unfit
    assert all(choice.reason for choice in choices)
