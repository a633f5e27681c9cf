"""How each deployment stands, as this process sees it: what it has to do, how it did lately, and whether to leave it alone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from gateway.obligations import DeploymentRef
from gateway.routing.breaker import Breaker, BreakerTerms, State
from gateway.routing.load import Load
from gateway.routing.outliers import is_outlier, may_eject
from gateway.routing.window import Window

_LONGEST_REST_S = 60.0
"""A backend's `Retry-After` is believed up to here: one that says a day would be out of service for a slip."""
_PROBES = 2
_COMPARED_S = 1.0
_EJECTED_S = 10.0
_LONGEST_EJECTED_S = 120.0

Told = Callable[[DeploymentRef], None]


class Standing:
    """One deployment. Times are those of the clock, in seconds."""

    def __init__(
        self, deployment: DeploymentRef, clock: Callable[[], float], draw: Callable[[], float], terms: BreakerTerms
    ) -> None:
        self.deployment = deployment
        self.tokens = 0
        self.open = 0
        self.rests_until = 0.0
        self.window = Window(clock)
        self.breaker = Breaker(self.window, clock, draw, terms)
        self._clock = clock
        self._ejected_until = 0.0
        self._ejections = 0
        self._compare_at = 0.0
        self._probes_failed = 0
        self._was_well = False

    @property
    def load(self) -> Load:
        return Load(self.tokens, self.open, self.deployment.concurrent, self.fit)

    @property
    def free(self) -> bool:
        """Whether one call more fits under what policy sets as the most."""
        return self.deployment.concurrent is None or self.open < self.deployment.concurrent

    @property
    def fit(self) -> bool:
        if not self.breaker.admits or self._probes_failed >= _PROBES:
            return False
        now = self._clock()
        return now >= self.rests_until and now >= self._ejected_until

    @property
    def ejected(self) -> bool:
        return self._clock() < self._ejected_until

    @property
    def rest_s(self) -> float:
        """How long it still wants to be left alone, by its own word."""
        return max(0.0, self.rests_until - self._clock())

    def rest(self, seconds: float) -> None:
        self.rests_until = max(self.rests_until, self._clock() + min(seconds, _LONGEST_REST_S))

    def answered(self) -> None:
        """It answers calls, whatever a probe says."""
        self._probes_failed, self._was_well = 0, True

    def probed(self, *, well: bool) -> None:
        """What a probe says. Of one that was never well it says nothing: perhaps there is nothing to be probed."""
        if well:
            self.answered()
            self.breaker.half_open()
        elif self._was_well:
            self._probes_failed += 1

    def is_due(self) -> bool:
        """Whether it is time to compare it with its equals again; once in a while."""
        now = self._clock()
        if now < self._compare_at:
            return False
        self._compare_at = now + _COMPARED_S
        return True

    def eject(self) -> None:
        """Leave it alone for a while, and for longer where that was not long ago."""
        now = self._clock()
        self._ejections = 1 if now - self._ejected_until > _LONGEST_EJECTED_S else self._ejections + 1
        self._ejected_until = now + min(_LONGEST_EJECTED_S, _EJECTED_S * self._ejections)
        self.window.clear()


def _never() -> bool:
    """Nothing is known of the request."""
    return False


class Seat:
    """One call's place at a deployment. Whoever took it leaves it, once or more often. `suspected` says whether the
    request itself makes backends fail.
    """

    def __init__(
        self,
        standing: Standing,
        tokens: int,
        clock: Callable[[], float],
        opened: Told,
        left: Told,
        suspected: Callable[[], bool] = _never,
    ) -> None:
        self.deployment = standing.deployment
        self._standing = standing
        self._tokens = tokens
        self._clock = clock
        self._opened = opened
        self._left = left
        self._suspected = suspected
        self._began = clock()
        self._answered = self._failed = self._over = False
        self._pass = standing.breaker.begin()
        standing.tokens += tokens
        standing.open += 1

    def answered(self) -> None:
        """The first byte is there, and it is no failure."""
        standing = self._standing
        self._answered = True
        standing.window.waited(self._clock() - self._began)
        standing.answered()
        if standing.breaker.state is not State.CLOSED:  # the trial has been made; a long stream need not end first
            standing.breaker.succeeded(self._pass)

    def failed(self, *, unreached: bool = False) -> None:
        """Before the first byte, or after it. A call that was read may be to blame itself; `unreached` none was."""
        if self._failed or self._over:
            return
        self._failed = True
        if not unreached and self._suspected():
            self._standing.breaker.gave_up(self._pass)
            return
        self._standing.window.ended(failed=True)
        if self._standing.breaker.failed(self._pass):
            self._opened(self.deployment)

    def outrun(self) -> None:
        """Another was asked as well and was quicker: that is known of its speed."""
        if not self._answered:
            self._standing.window.waited(self._clock() - self._began)

    def rest(self, seconds: float) -> None:
        """It asked to be left alone for so long."""
        self._standing.rest(seconds)

    def leave(self) -> None:
        """The call is over, however it ended."""
        if self._over:
            return
        self._over = True
        self._standing.tokens -= self._tokens
        self._standing.open -= 1
        self._conclude()
        self._left(self.deployment)

    def _conclude(self) -> None:
        if self._failed:
            return
        if self._answered:
            self._standing.window.ended(failed=False)
            self._standing.breaker.succeeded(self._pass)
        else:
            self._standing.breaker.gave_up(self._pass)


def _nobody(_: DeploymentRef) -> None:
    """Where nobody wants to know."""


class Standings:
    """Of all deployments, by value. `in_force` are those of the policy: of others only what is still at work is remembered.

    `opened` hears of every breaker that opens, `left` of every place that is free again.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        draw: Callable[[], float],
        *,
        in_force: Callable[[], Collection[DeploymentRef]] | None = None,
        opened: Told = _nobody,
        terms: BreakerTerms | None = None,
    ) -> None:
        self.left: Told = _nobody
        self._clock = clock
        self._draw = draw
        self._in_force = in_force
        self._opened = opened
        self._terms = terms or BreakerTerms()
        self._all: dict[DeploymentRef, Standing] = {}

    def of(self, deployment: DeploymentRef) -> Standing:
        known = self._all.get(deployment)
        return known if known is not None else self._new(deployment)

    def load(self, deployment: DeploymentRef) -> Load:
        return self.of(deployment).load

    def take(self, deployment: DeploymentRef, tokens: int) -> Seat:
        """A place for a call of so many tokens."""
        return self.seat(self.of(deployment), tokens)

    def seat(
        self,
        standing: Standing,
        tokens: int,
        tier: Sequence[DeploymentRef] = (),
        suspected: Callable[[], bool] = _never,
    ) -> Seat:
        """The same, for who knows how the deployment stands. `tier` are its equals, itself among them."""
        if len(tier) > 1 and standing.is_due():
            self._compare(standing, tier)
        return Seat(standing, tokens, self._clock, self._opened, self._freed, suspected)

    def known(self) -> list[Standing]:
        return list(self._all.values())

    def _freed(self, deployment: DeploymentRef) -> None:
        self.left(deployment)

    def _new(self, deployment: DeploymentRef) -> Standing:
        if self._in_force is not None:
            self._forget_all_but(self._in_force())
        standing = Standing(deployment, self._clock, self._draw, self._terms)
        self._all[deployment] = standing
        return standing

    def _forget_all_but(self, in_force: Collection[DeploymentRef]) -> None:
        for gone in [one for one, standing in self._all.items() if not standing.open and one not in in_force]:
            del self._all[gone]

    def _compare(self, standing: Standing, tier: Sequence[DeploymentRef]) -> None:
        others = [self.of(one) for one in tier if one != standing.deployment]
        ejected = sum(other.ejected for other in others)
        if standing.ejected or not may_eject(ejected, len(tier)):
            return
        compared = [other.window.sums() for other in others if not other.ejected]
        if is_outlier(standing.window.sums(), compared):
            standing.eject()
