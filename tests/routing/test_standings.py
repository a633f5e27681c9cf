"""What is known of a deployment, and that every place is given back."""

from __future__ import annotations

from gateway.obligations import DeploymentRef
from gateway.routing.breaker import BreakerTerms
from gateway.routing.load import Load
from gateway.routing.standings import Standings
from tests.routing.fleet import A, B, C, Clock, Gpu, half


class House:
    def __init__(self, *in_force: Gpu) -> None:
        self.clock = Clock()
        self.opened: list[DeploymentRef] = []
        self.in_force = in_force or (A, B, C)
        terms = BreakerTerms(in_a_row=2)
        self.standings = Standings(self.clock, half, in_force=lambda: self.in_force, opened=self.opened.append, terms=terms)

    def call(self, deployment: Gpu, *, waits_s: float = 0.1, well: bool = True, tier: tuple[Gpu, ...] = ()) -> None:
        seat = self.standings.seat(self.standings.of(deployment), 1, tier)
        self.clock.passes(waits_s)
        if well:
            seat.answered()
        else:
            seat.failed()
        seat.leave()

    def fit(self, deployment: Gpu) -> bool:
        return self.standings.load(deployment).fit


def test_a_seat_weighs_until_it_is_left_and_is_left_once() -> None:
    house = House()
    one, other = house.standings.take(A, 100), house.standings.take(A, 20)
    assert house.standings.load(A) == Load(outstanding_tokens=120, open=2)
    one.leave()
    one.leave()
    assert house.standings.load(A) == Load(outstanding_tokens=20, open=1)
    other.leave()
    assert house.standings.load(A) == Load()


def test_capacity_is_what_policy_says() -> None:
    small = Gpu("small", concurrent=1)
    standings = House().standings
    assert standings.load(small).free
    standings.take(small, 1)
    assert not standings.load(small).free
    assert not standings.of(small).free


def test_whoever_wants_to_know_hears_of_places_and_of_breakers() -> None:
    house, free = House(), list[DeploymentRef]()
    house.standings.left = free.append
    house.call(A, well=False)
    assert (house.opened, free, house.fit(A)) == ([], [A], True)
    house.call(A, well=False)
    assert (house.opened, house.fit(A)) == ([A], False)


def test_a_stream_that_breaks_is_a_failure_though_it_began() -> None:
    house = House()
    for _ in range(2):
        seat = house.standings.take(A, 1)
        seat.answered()
        seat.failed()
        seat.leave()
    assert not house.fit(A)


def test_a_call_that_its_client_ended_is_neither_good_nor_bad() -> None:
    house = House()
    house.standings.take(A, 1).leave()
    assert house.standings.of(A).window.sums().calls == 0


def test_the_trial_is_over_with_the_first_byte() -> None:
    """A stream may last for minutes."""
    house = House()
    house.call(A, well=False)
    house.call(A, well=False)
    house.clock.passes(10)
    trial = house.standings.take(A, 1)
    assert not house.fit(A)
    trial.answered()
    assert house.fit(A)


def test_who_asks_for_rest_gets_it_but_not_for_a_day() -> None:
    house = House()
    house.standings.take(A, 1).rest(5)
    assert (house.fit(A), house.standings.of(A).rest_s) == (False, 5)
    house.clock.passes(5)
    assert house.fit(A)
    house.standings.take(A, 1).rest(86_400)
    assert house.standings.of(A).rest_s == 60


def test_probes_count_only_against_who_was_well_before() -> None:
    house = House()
    standing = house.standings.of(A)
    for _ in range(5):
        standing.probed(well=False)
    assert house.fit(A)
    standing.probed(well=True)
    standing.probed(well=False)
    assert house.fit(A)
    standing.probed(well=False)
    assert not house.fit(A)
    standing.probed(well=True)
    assert house.fit(A)


def test_an_answer_says_more_than_a_probe() -> None:
    house = House()
    house.call(A)
    for _ in range(2):
        house.standings.of(A).probed(well=False)
    assert not house.fit(A)
    house.call(A)
    assert house.fit(A)


def test_the_slow_one_is_ejected_for_a_while_and_longer_each_time() -> None:
    house, tier = House(), (A, B)
    for left_alone_s in (10, 20):
        calls = 0
        while house.fit(A):
            house.call(B, tier=tier)
            house.call(A, waits_s=0.9, tier=tier)
            calls += 1
        assert (calls < 10, house.fit(B)) == (True, True)
        house.clock.passes(left_alone_s - 2)
        assert not house.fit(A)
        house.clock.passes(2)
        assert house.fit(A)


def test_never_more_than_half_are_ejected() -> None:
    house, tier = House(), (A, B, C)
    fewest = 3
    for _ in range(12):
        house.call(C, tier=tier)
        house.call(A, waits_s=0.8, tier=tier)
        house.call(B, waits_s=2.5, tier=tier)
        fewest = min(fewest, sum(house.fit(one) for one in tier))
    assert fewest == 2


def test_what_policy_has_dropped_is_forgotten_when_its_calls_have_ended() -> None:
    house = House(A)
    seat = house.standings.take(A, 1)
    house.in_force = (B,)
    house.standings.of(B)
    assert {standing.deployment for standing in house.standings.known()} == {A, B}
    seat.leave()
    house.standings.of(C)
    assert {standing.deployment for standing in house.standings.known()} == {B, C}


def test_an_ejection_of_long_ago_is_forgotten() -> None:
    house, tier = House(), (A, B)
    for _ in range(3):
        while house.fit(A):
            house.call(B, tier=tier)
            house.call(A, waits_s=0.9, tier=tier)
        house.clock.passes(10)
        assert house.fit(A)
        house.clock.passes(121)
