"""The time that a dashboard covers, as its address says. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType

from gateway.explorer.index.sums import Grain

_DAYS: Mapping[str, int] = MappingProxyType({"24h": 1, "7d": 7, "30d": 30, "90d": 90})
RANGES = tuple(_DAYS)
_USUAL = "7d"


@dataclass(frozen=True, slots=True)
class Times:
    """`periods` are the hours or days in order, as the index names them. `last_day` is given where it is not today."""

    range: str
    grain: Grain
    periods: tuple[str, ...]
    last_day: str | None = None

    @property
    def since(self) -> str:
        """The beginning, as the list of exchanges filters by it."""
        return self.periods[0] + (":00" if self.grain is Grain.HOUR else "T00:00")


def times_of(query: Mapping[str, str], now: datetime) -> Times:
    """`range` is one of RANGES, `until` the last day (2026-11-22, UTC); what makes no sense counts as not given."""
    chosen = query.get("range", "")
    name = chosen if chosen in _DAYS else _USUAL
    last = _day(query.get("until", ""))
    end = now.astimezone(UTC) if last is None else datetime.combine(last, time(23, 59), UTC)
    grain = Grain.HOUR if _DAYS[name] == 1 else Grain.DAY
    step, count = (timedelta(hours=1), 24) if grain is Grain.HOUR else (timedelta(days=1), _DAYS[name])
    moments = (end - step * back for back in range(count - 1, -1, -1))
    periods = tuple(grain.period(moment.isoformat()) for moment in moments)
    return Times(name, grain, periods, None if last is None else last.isoformat())


def _day(written: str) -> date | None:
    """A day far enough from either end of the calendar to count back from."""
    try:
        found = date.fromisoformat(written)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2200 else None
