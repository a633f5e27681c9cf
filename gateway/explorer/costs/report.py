"""Puts the report together: deployments with what they cost, and rows that share that cost by their tokens. Pure.

The hours of a deployment in a month are shared by the tokens of that month, so that a row has the same cost whatever else the
report is about. Hours in which a month had no tokens at all belong to nobody: they stand at the deployment, in no row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType

from gateway.explorer.costs.cells import Cell
from gateway.explorer.costs.figures import Hosted, Used
from gateway.explorer.costs.prices import Comparison
from gateway.policy.compile import CompiledDeployment


class By(StrEnum):
    """What rows are told apart by."""

    MONTH = "month"
    MODEL = "model"
    DEPLOYMENT = "deployment"
    TENANT = "tenant"
    TEAM = "team"


_WORDS: Mapping[By, Callable[[Cell], str]] = MappingProxyType(
    {
        By.MONTH: lambda cell: cell.month,
        By.MODEL: lambda cell: cell.model,
        By.DEPLOYMENT: lambda cell: cell.deployment,
        By.TENANT: lambda cell: cell.tenant,
        By.TEAM: lambda cell: f"{cell.tenant}/{cell.team}",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Up to `until`, which is not in it; not later than now."""

    since: datetime
    until: datetime

    def hours(self, first: datetime) -> float:
        """Of something that is there since `first`."""
        return max(0.0, (self.until - max(self.since, first)).total_seconds() / 3_600)

    def within(self, month: str) -> Window:
        """The part of it that lies in this month."""
        began = datetime.fromisoformat(f"{month}-01").replace(tzinfo=UTC)
        ended = began.replace(year=began.year + began.month // 12, month=began.month % 12 + 1)
        return Window(since=max(self.since, began), until=max(min(self.until, ended), max(self.since, began)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`own` is its share of what deployments cost by the hour, `public` what its tokens would have cost elsewhere; None where a
    part of its tokens has no such figure.
    """

    word: str
    used: Used
    own: float | None
    public: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    window: Window
    hosted: tuple[Hosted, ...]
    rows: tuple[Row, ...]
    total: Used


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """The deployments of the policy in force, and when each was first called."""

    deployments: Mapping[str, CompiledDeployment]
    first_calls: Mapping[str, str]

    def hours(self, deployment: str, window: Window) -> float | None:
        """In service: from its first call on, for the record knows no other sign of it."""
        first = self.first_calls.get(deployment)
        return None if first is None else window.hours(_moment(first))

    def cost(self, deployment: str, window: Window, used: Used) -> float | None:
        """Of these hours, or of what was used in them where it costs by the token."""
        return self.hosted(deployment, window, used).cost

    def hosted(self, deployment: str, window: Window, used: Used, public: float | None = None) -> Hosted:
        known = self.deployments.get(deployment)
        return Hosted(
            deployment=deployment,
            used=used,
            hours=self.hours(deployment, window),
            price_per_hour=known.price_per_hour if known else None,
            concurrent=known.planned if known else None,
            external=known.external if known else False,
            public=public,
        )


def report_of(cells: Sequence[Cell], window: Window, fleet: Fleet, comparison: Comparison, by: By) -> Report:
    names = sorted({*fleet.deployments, *(cell.deployment for cell in cells if cell.deployment)})
    shares = _Shares(cells, window, fleet)
    groups: dict[str, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(_WORDS[by](cell), []).append(cell)
    return Report(
        window=window,
        hosted=hosted(cells, names, window, fleet, comparison),
        rows=tuple(_row(word, found, shares, comparison) for word, found in sorted(groups.items())),
        total=_summed(cells),
    )


def hosted(
    cells: Iterable[Cell], names: Iterable[str], window: Window, fleet: Fleet, comparison: Comparison
) -> tuple[Hosted, ...]:
    """Deployments, with what each did."""
    own: dict[str, list[Cell]] = {name: [] for name in names}
    for cell in cells:
        own.setdefault(cell.deployment, []).append(cell)
    return tuple(fleet.hosted(name, window, _summed(own[name]), _public(own[name], comparison)) for name in own if name)


class _Shares:
    """Each deployment's cost by month, shared by tokens."""

    def __init__(self, cells: Iterable[Cell], window: Window, fleet: Fleet) -> None:
        self._used: dict[tuple[str, str], Used] = {}
        for cell in cells:
            key = (cell.deployment, cell.month)
            self._used[key] = self._used.get(key, Used()) + cell.used
        self._costs = {key: fleet.cost(key[0], window.within(key[1]), used) for key, used in self._used.items()}

    def of(self, cell: Cell) -> float | None:
        """Nothing for what no deployment did."""
        key = (cell.deployment, cell.month)
        cost, tokens = self._costs[key], cell.used.tokens
        if not tokens or not cell.deployment:
            return 0.0
        return None if cost is None else cost * tokens / self._used[key].tokens


def _row(word: str, cells: Sequence[Cell], shares: _Shares, comparison: Comparison) -> Row:
    return Row(word=word, used=_summed(cells), own=_total(map(shares.of, cells)), public=_public(cells, comparison))


def _public(cells: Iterable[Cell], comparison: Comparison) -> float | None:
    return _total(comparison.cost(cell.model, cell.used) for cell in cells if cell.used.tokens)


def _total(amounts: Iterable[float | None]) -> float | None:
    total = 0.0
    for amount in amounts:
        if amount is None:
            return None
        total += amount
    return total


def _summed(cells: Iterable[Cell]) -> Used:
    return sum((cell.used for cell in cells), Used())


def _moment(written: str) -> datetime:
    return datetime.fromisoformat(written).astimezone(UTC)
