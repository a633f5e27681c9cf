"""Whatever happens, somebody else finds a thread."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.detection.service.shares import Shares

WISHES = st.lists(st.tuples(st.sampled_from("abc"), st.booleans(), st.booleans()), max_size=40)


@given(st.integers(1, 5), WISHES)
def test_no_tenant_and_no_long_steps_hold_all_threads(threads: int, wishes: list[tuple[str, bool, bool]]) -> None:
    shares = Shares(threads)
    held: list[tuple[str, bool]] = []
    for tenant, long, ends in wishes:
        if ends and held:
            gone, was_long = held.pop(0)
            shares.give_back(gone, long=was_long)
        if len(held) < threads and shares.allow(tenant, long=long):
            shares.take(tenant, long=long)
            held.append((tenant, long))
        assert all([one for one, _ in held].count(tenant) <= max(1, threads - 1) for tenant in "abc")
        assert sum(long for _, long in held) <= max(1, threads - 1)
        assert all(held.count((tenant, True)) <= max(1, threads - 2) for tenant in "abc")


def test_what_is_given_back_can_be_had_again() -> None:
    shares = Shares(2)
    shares.take("a", long=True)
    assert not shares.allow("a", long=False)
    assert not shares.allow("b", long=True)
    assert shares.allow("b", long=False)
    shares.give_back("a", long=True)
    assert shares.allow("a", long=True)


def test_one_thread_is_everybodys() -> None:
    shares = Shares(1)
    assert shares.allow("a", long=True)
    assert shares.allow("a", long=False)
