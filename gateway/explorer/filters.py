"""The filters of a list as they stand in its address, and in words for the record. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from urllib.parse import urlencode

from gateway.audit.event import Outcome
from gateway.explorer.index.filters import Filters
from gateway.moments import meant

_LONGEST = 200
_WORDS = ("tenant", "team", "principal", "model", "deployment", "rule", "entity", "error_code", "cache", "conversation")
_WORD = re.compile(r"[^\x00-\x1f\x7f]+")
_DECISIONS: Mapping[str, bool] = MappingProxyType({"allow": True, "deny": False})
_NAMES = (
    *("since", "until", *_WORDS[:5], "decision", "rule", "entity", "outcome", "status", "min_ms"),
    *("error_code", "cache", "conversation", "policy", "version", "external", "text"),
)
_SELDOM = frozenset(
    {"team", "deployment", "rule", "status", "error_code", "min_ms", "cache", "conversation", "policy", "version", "external"}
)
_YES: Mapping[str, bool] = MappingProxyType({"yes": True})


@dataclass(frozen=True, slots=True)
class Asked:
    """`given` is what the address says, by field and as it was written; `problems` are the fields that make no sense."""

    given: Mapping[str, str]
    filters: Filters
    problems: tuple[str, ...] = ()

    def field(self, name: str) -> str:
        """What the form shows: a moment as a browser's field has it, which is empty where it makes no sense."""
        if name not in ("since", "until"):
            return self.given.get(name, "")
        moment = self.filters.since if name == "since" else self.filters.until
        return (moment or "").removesuffix("Z").removesuffix(".000").removesuffix(":00")

    @property
    def more(self) -> bool:
        """Whether one of the seldom used fields is."""
        return not _SELDOM.isdisjoint(self.given)

    @property
    def query(self) -> str:
        """The same filters as part of an address."""
        return urlencode(self.given)

    @property
    def words(self) -> str:
        """For the record. What content is searched for may itself be somebody's data: only its length is told."""
        told = {**self.given, **({"text": f"({len(self.given['text'])} characters)"} if "text" in self.given else {})}
        return " ".join(f"{name}={value}" for name, value in told.items()) or "everything"


def asked(query: Mapping[str, str], tenants: frozenset[str] | None, now: datetime) -> Asked:
    """What an address asks for at this moment, for somebody who may see these tenants."""
    given = {name: query[name].strip()[:_LONGEST] for name in _NAMES if query.get(name, "").strip()}
    found: dict[str, object] = {}
    problems: list[str] = []
    for name, said in given.items():
        try:
            found |= _field(name, said, now)
        except ValueError:
            problems.append(name)
    return Asked(MappingProxyType(given), Filters(tenants=tenants, **found), tuple(problems))  # type: ignore[arg-type]


def _field(name: str, written: str, now: datetime) -> Mapping[str, object]:
    """Raises ValueError."""
    match name:
        case "since" | "until":
            return {name: meant(written, now)}
        case "decision":
            return {"allow": _one_of(_DECISIONS, written)}
        case "external":
            return {name: _one_of(_YES, written)}
        case "outcome":
            return {name: Outcome(written).value}
        case "status":
            return {name: _between(int(written), 100, 599)}
        case "min_ms":
            return {"min_duration_ms": _between(float(written), 0, 1e9)}
        case "policy":
            return {"policy_version": _plain(written)}
        case _:
            return {name: _plain(written)}


def _one_of(words: Mapping[str, bool], written: str) -> bool:
    if written not in words:
        raise ValueError
    return words[written]


def _between(number: float, least: float, most: float) -> float:
    if not least <= number <= most:
        raise ValueError
    return number


def _plain(written: str) -> str:
    if not _WORD.fullmatch(written):
        raise ValueError
    return written
