"""Finds acts on the record, newest first. Acts are few: they are read in order and looked at one by one, up to a limit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import urlencode

from sqlalchemy import Connection, and_, desc, select

from gateway.audit.act import Act, ActOutcome
from gateway.store.tables.ledger import ENTRIES

KINDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "policy": ("policy.",),
        "keys": ("keys.", "master_key.", "audit.rotate_key"),
        "views": ("explorer.", "audit.export", "acts.", "subject.find", "subject.export"),
        "originals": ("break_glass.",),
        "erasures": ("subject.erase", "tenant.erase", "retention."),
        "limits": ("limits.", "cache."),
        "dp": ("dp.",),
    }
)
"""Groups of actions, by how they begin."""
_BATCH = 500
_MOST = 5_000
_LONGEST = 200
_NAMES = ("kind", "actor", "tenant", "target", "outcome")

_HEAD, _TAIL, _START = ENTRIES.alias("head"), ENTRIES.alias("tail"), ENTRIES.alias("start")
_QUERY = (
    select(_HEAD.c.seq, _HEAD.c.phase, _HEAD.c.at, _HEAD.c.body, _TAIL.c.at.label("ended_at"), _TAIL.c.body.label("end"))
    .outerjoin(_TAIL, and_(_TAIL.c.call_id == _HEAD.c.call_id, _TAIL.c.phase == "completed", _TAIL.c.seq != _HEAD.c.seq))
    .outerjoin(_START, and_(_START.c.call_id == _HEAD.c.call_id, _START.c.phase == "opened", _START.c.seq != _HEAD.c.seq))
    .where(_HEAD.c.kind == "act", _START.c.seq.is_(None))
    .order_by(desc(_HEAD.c.seq))
    .limit(_BATCH)
)
"""An act at its first entry, with its end beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActFilters:
    """`tenants` are those that the viewer may see; None: all, and acts in no tenant. The rest is as the address has it."""

    tenants: frozenset[str] | None
    given: Mapping[str, str]

    @property
    def query(self) -> str:
        return urlencode(self.given)

    @property
    def words(self) -> str:
        return " ".join(f"{name}={value}" for name, value in self.given.items()) or "everything"

    def admits(self, act: Act) -> bool:
        if self.tenants is not None and act.tenant not in self.tenants:
            return False
        given, kinds = self.given, KINDS.get(self.given.get("kind", ""), ("",))
        return (
            act.action.value.startswith(kinds)
            and given.get("outcome", act.outcome.value) == act.outcome.value
            and all(given.get(name, getattr(act, name)) == getattr(act, name) for name in ("actor", "tenant"))
            and given.get("target", "") in (act.target or "")
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedAct:
    """`seq` is that of the act's first entry; `ended_at` is None for an act that has not ended."""

    seq: int
    ended_at: str | None
    act: Act


@dataclass(frozen=True, slots=True, kw_only=True)
class ActPage:
    """`older` leads on; `searched_to` is set where the search stopped before the page was full."""

    rows: tuple[LoggedAct, ...] = ()
    older: int | None = None
    searched_to: str | None = None


def act_filters(query: Mapping[str, str], tenants: frozenset[str] | None) -> ActFilters:
    """What an address asks for. A kind or an outcome that there is not finds nothing."""
    given = {name: query[name].strip()[:_LONGEST] for name in _NAMES if query.get(name, "").strip()}
    known = given.get("kind", "policy") in KINDS and given.get("outcome", "done") in list(ActOutcome)
    return ActFilters(tenants=tenants if known else frozenset(), given=MappingProxyType(given))


def find_acts(connection: Connection, filters: ActFilters, before: int | None, limit: int) -> ActPage:
    """Raises AuditUnavailable, by whoever gave the connection."""
    found: list[LoggedAct] = []
    for looked_at, one in enumerate(_acts(connection, before), 1):
        found += [one] if filters.admits(one.act) else []
        if len(found) > limit:
            return ActPage(rows=tuple(found[:limit]), older=found[limit - 1].seq)
        if looked_at == _MOST:
            return ActPage(rows=tuple(found), older=one.seq, searched_to=one.act.at)
    return ActPage(rows=tuple(found))


def _acts(connection: Connection, before: int | None) -> Iterator[LoggedAct]:
    """Each once, at its opening, as its end tells it; what this version cannot read is left out."""
    while rows := connection.execute(_QUERY if before is None else _QUERY.where(_HEAD.c.seq < before)).all():
        for row in rows:
            yield from _logged(row.seq, row.ended_at or (row.at if row.phase == "completed" else None), row.end or row.body)
        before = rows[-1].seq


def _logged(seq: int, ended_at: str | None, body: str) -> Iterator[LoggedAct]:
    try:
        yield LoggedAct(seq=seq, ended_at=ended_at, act=Act.from_json(body))
    except ValueError:
        return
