"""Keys as lines for people, and as JSON for programs. Whole keys cannot be shown: they are not kept."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime

from gateway.identity.virtual_keys import KeyKind, KeyRecord, KeyState


def line_of(record: KeyRecord, now: datetime) -> str:
    """One key on one line."""
    return f"{record.key_id}  {_state_in_words(record, now):<20}  issued {day(record.created)}  {holder(record)}"


def json_of(records: Iterable[KeyRecord], now: datetime) -> str:
    """An array of objects; times are UTC, in ISO 8601."""
    return json.dumps([_object(record, now) for record in records], indent=2, ensure_ascii=False)


def holder(record: KeyRecord) -> str:
    """Whom the key is for."""
    return f"person {record.principal}" if record.kind is KeyKind.PERSON else f"{record.tenant}/{record.principal}"


def day(moment: datetime) -> str:
    return moment.astimezone(UTC).date().isoformat()


def minute(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _state_in_words(record: KeyRecord, now: datetime) -> str:
    state = record.state(now)
    if record.revoked:
        return f"{state.value} {day(record.revoked)}"
    if state is KeyState.VALID and record.expires:
        return f"until {day(record.expires)}"
    return state.value


def _object(record: KeyRecord, now: datetime) -> dict[str, str | None]:
    person = record.kind is KeyKind.PERSON
    return {
        "key_id": record.key_id,
        "kind": record.kind.name.lower(),
        "state": record.state(now).value,
        "tenant": None if person else record.tenant,
        "principal": None if person else record.principal,
        "person": record.principal if person else None,
        "created": _iso(record.created),
        "expires": _iso(record.expires),
        "revoked": _iso(record.revoked),
        "rotated_to": record.rotated_to,
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else None
