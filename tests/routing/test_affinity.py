"""Where a key belongs, and how much one place may have."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.routing.affinity import Candidate, fraction, rendezvous, score, within_bound
from gateway.routing.load import Load
from tests.routing.test_choice import Ref

IDLE = Load()


def candidate(name: str, load: Load = IDLE, weight: float = 1.0) -> Candidate:
    return Candidate(Ref(name), load, weight, 1)


def test_a_fraction_is_always_the_same_and_never_an_end() -> None:
    assert fraction(b"key", b"word") == fraction(b"key", b"word")
    assert fraction(b"key", b"word") != fraction(b"key", b"other")
    assert all(0 < fraction(bytes([one]), b"word") < 1 for one in range(256))


def test_the_order_of_a_key_does_not_depend_on_who_else_is_there() -> None:
    some = [candidate(name) for name in "abcdef"]
    way = rendezvous(b"key", some)
    assert rendezvous(b"key", some[::-1]) == way
    assert rendezvous(b"key", [one for one in some if one is not way[2]]) == [*way[:2], *way[3:]]


def test_a_greater_weight_only_draws_keys_towards_it() -> None:
    light, heavy = candidate("a"), candidate("a", weight=2)
    assert all(score(bytes([one]), heavy) > score(bytes([one]), light) for one in range(256))


def test_short_calls_do_not_count_as_load() -> None:
    many = candidate("a", Load(outstanding_tokens=300, open=12))
    few = candidate("b", Load(outstanding_tokens=4_000, open=1))
    assert within_bound([many, few])(many)


def test_one_with_much_more_than_its_share_has_to_wait() -> None:
    busy, idle = candidate("a", Load(outstanding_tokens=8_000, open=4)), candidate("b")
    may = within_bound([busy, idle])
    assert (may(busy), may(idle)) == (False, True)
    heavy = candidate("a", Load(outstanding_tokens=8_000, open=4), weight=9)
    assert within_bound([heavy, idle])(heavy)


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 1_000), st.floats(0.01, 1_000)), min_size=1, max_size=8))
def test_somebody_may_always_have_one_more(loads: list[tuple[int, int, float]]) -> None:
    some = [candidate(str(at), Load(tokens, calls), weight) for at, (tokens, calls, weight) in enumerate(loads)]
    assert any(map(within_bound(some), some))
