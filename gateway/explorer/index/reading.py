"""From an entry of the log to what the index knows of it. Pure, and never at a loss.

An entry may come from an older version, from a newer one, or from somebody who edited the file: whatever has not the shape that
is expected counts as unknown. Nothing here may raise, for one entry would then stop the index for good.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any, NamedTuple

import orjson

from gateway.explorer.index.row import Found, Row

_WORD = 500
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z", re.ASCII)
_NEVER = "1970-01-01T00:00:00.000Z"
_MOST = 2**53
_SMALL = 2**31
_TYPES = 200
UNREADABLE = "unreadable"
_REPORTED = "reported"
"""Where tokens came from before records said so."""


class LoggedEntry(NamedTuple):
    """What the log holds of an exchange at one phase; an erased entry has an empty body."""

    seq: int
    call_id: str
    phase: str
    at: str
    body: str


def row_of(entry: LoggedEntry) -> Row:
    """The exchange as this entry tells of it."""
    body = _object(entry.body)
    completed_at = _moment(entry.at, _NEVER) if entry.phase == "completed" else None
    if body is None or _word(body, "outcome") is None:
        return _unreadable(entry, completed_at)
    decision, usage, timings, served = (_part(body, name) for name in ("decision", "usage", "timings_ms", "served"))
    input_tokens, output_tokens = _count(usage, "input_tokens"), _count(usage, "output_tokens")
    return Row(
        seq=entry.seq,
        call_id=entry.call_id,
        opened_at=_moment(body.get("opened_at"), _moment(entry.at, _NEVER)),
        completed_at=completed_at,
        tenant=_word(body, "tenant"),
        team=_word(body, "team"),
        principal=_word(body, "principal"),
        surface=_word(body, "surface"),
        model=_word(body, "model"),
        deployment=_word(body, "deployment"),
        outcome=_word(body, "outcome") or UNREADABLE,
        allow=_truth(decision, "allow"),
        rule=_word(decision, "rule"),
        policy_version=_word(decision, "policy_version"),
        status=_count(body, "status", _SMALL),
        error_code=_word(body, "error_code"),
        stream=_truth(body, "stream") or False,
        cache=_word(body, "cache"),
        conversation=_word(body, "conversation"),
        duration_ms=_number(timings, "total"),
        first_event_ms=_number(timings, "first_event"),
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        cost=_count(body, "cost"),
        version=_word(served, "version"),
        external=_truth(served, "external") or None,
        busy_ms=busy_ms(body),
        tokens_from=None if input_tokens is output_tokens is None else _word(usage, "source") or _REPORTED,
        found=_found(body.get("findings")),
        response_id=_word(usage, "response_id"),
    )


@dataclass(frozen=True, slots=True)
class Told:
    """What some entries in a row tell of one exchange, as far as they tell it: from its opening, its end, or both."""

    call_id: str
    row: Row
    ended: bool

    def since(self, known: Row | None) -> Row:
        """The exchange now, if it was known before."""
        if known is None:
            return self.row
        return _completed(known, self.row) if self.ended else known


def told_by(entries: Iterable[LoggedEntry]) -> tuple[Told, ...]:
    """By exchange, in the order of the log. An end says all that the opening said, so it alone is read where it can be."""
    calls: dict[str, list[LoggedEntry]] = {}
    for entry in entries:
        calls.setdefault(entry.call_id, []).append(entry)
    return tuple(_told(found) for found in calls.values())


def _told(entries: Sequence[LoggedEntry]) -> Told:
    head, last = entries[0], entries[-1]
    if last.phase != "completed":
        return Told(head.call_id, row_of(head), ended=head.phase == "completed")
    end = row_of(last._replace(seq=head.seq))
    row = end if end.readable or head is last else _completed(row_of(head), end)
    return Told(head.call_id, row, ended=True)


def _completed(opened: Row, end: Row) -> Row:
    """An exchange whose opening is known, at its end. An end that cannot be read takes nothing away from what is known."""
    if end.readable or not opened.readable:
        return replace(end, seq=opened.seq)
    return replace(opened, completed_at=end.completed_at, outcome=UNREADABLE, readable=False)


def _unreadable(entry: LoggedEntry, completed_at: str | None) -> Row:
    return Row(
        seq=entry.seq,
        call_id=entry.call_id,
        opened_at=_moment(entry.at, _NEVER),
        completed_at=completed_at,
        outcome=UNREADABLE,
        readable=False,
    )


def _object(text: str) -> Mapping[str, Any] | None:
    try:
        found = orjson.loads(text)
    except (orjson.JSONDecodeError, UnicodeEncodeError):
        return None
    return found if isinstance(found, dict) else None


def _part(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = body.get(name)
    return found if isinstance(found, dict) else {}


def _word(fields: Mapping[str, Any], name: str) -> str | None:
    """A text of a length that an index can bear, without what Postgres cannot store."""
    found = fields.get(name)
    return found[:_WORD].replace("\0", "�") if isinstance(found, str) else None


def _truth(fields: Mapping[str, Any], name: str) -> bool | None:
    found = fields.get(name)
    return found if isinstance(found, bool) else None


def _count(fields: Mapping[str, Any], name: str, most: int = _MOST) -> int | None:
    found = fields.get(name)
    return found if type(found) is int and 0 <= found < most else None


def _number(fields: Mapping[str, Any], name: str) -> float | None:
    found = fields.get(name)
    if isinstance(found, bool) or not isinstance(found, int | float) or not isfinite(found):
        return None
    return float(found) if 0 <= found < _MOST else None


def _moment(found: object, otherwise: str) -> str:
    return found if isinstance(found, str) and _MOMENT.fullmatch(found) else otherwise


def busy_ms(body: Mapping[str, Any]) -> float | None:
    """How long the deployment that answered was at it: from the call to it until the exchange ended. None where none did, or
    the cache answered. Calls that failed or were abandoned before are not in it.
    """
    timings = _part(body, "timings_ms")
    total, began = _number(timings, "total"), _number(timings, "committed")
    attempts = body.get("attempts")
    for one in attempts if isinstance(attempts, list) else ():
        if isinstance(one, dict) and one.get("result") == "answered":
            began = _number(one, "started_ms")
    if _word(body, "deployment") is None or _word(body, "cache") == "hit" or total is None or began is None:
        return None
    return max(0.0, total - began)


def _found(findings: object) -> tuple[Found, ...]:
    counts: dict[tuple[str, str], int] = {}
    for one in findings[:_TYPES] if isinstance(findings, list) else ():
        fields = one if isinstance(one, dict) else {}
        entity, count = _word(fields, "entity"), _count(fields, "count", _SMALL)
        if entity is not None and count is not None:
            key = (entity, _word(fields, "operator") or "")
            counts[key] = counts.get(key, 0) + count
    return tuple(Found(entity, operator, count) for (entity, operator), count in sorted(counts.items()))
