"""Whether keys are as the signed record says they were left: who can write to where keys lie may have given one back. Pure.

Each act only ever takes from a key: a revocation stays, an end only comes nearer. So what an act says holds for good, whichever
acts came after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime

from gateway.audit.act import Act, Action, ActOutcome
from gateway.identity.ends import End
from gateway.identity.virtual_keys import KeyRecord
from gateway.moments import read

ACTIONS = frozenset({Action.KEYS_ISSUE, Action.KEYS_ROTATE, Action.KEYS_EXPIRE, Action.KEYS_REVOKE})
_NAMING = frozenset({Action.KEYS_ISSUE, Action.KEYS_ROTATE})
_END = re.compile(r"(pg[wa]_[a-z0-9]{8}) ends (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00)")


def ends(key_id: str, moment: datetime | None) -> str | None:
    """The words of an act's note by which the end of a key is found again; None for a key without an end."""
    return None if moment is None else f"{key_id} ends {moment.astimezone(UTC).isoformat(timespec='seconds')}"


def overlap_noted(overlap: str, old: KeyRecord, ends_at: datetime, new: KeyRecord) -> str:
    """The note of a rotation: how long both keys work, and when each ends."""
    ended = (ends(old.key_id, ends_at), ends(new.key_id, new.expires))
    return ", ".join([f"overlap of {overlap}", *filter(None, ended)])


def disagreements(keys: Mapping[str, KeyRecord], acts: Iterable[Act]) -> Iterator[str]:
    """A sentence for each key that is more than an act left of it. A key that is gone opens nothing, and is no matter."""
    for act in acts:
        if act.outcome is not ActOutcome.DONE:
            continue
        record = keys.get(act.target or "")
        if record is not None and (why := _more(record, act)):
            yield f"key {record.key_id}: {why}, by act {act.act_id} of {act.at}, and is not so where keys are kept"
        for key_id, moment in _END.findall(act.note or ""):
            ending = keys.get(key_id)
            if ending is not None and (ending.expires is None or ending.expires > datetime.fromisoformat(moment)):
                yield f"key {key_id}: it ends {moment} at the latest, by act {act.act_id}, and later where keys are kept"


def ends_of(acts: Iterable[Act]) -> Mapping[str, End]:
    """How far acts say that keys have ended, by key id. What no gateway wrote, such as a moment that nobody can read, is
    no matter and raises nothing: whoever put it there would else keep every gateway from starting.
    """
    found: dict[str, End] = {}

    def also(key_id: str, end: End) -> None:
        found[key_id] = found.get(key_id, End()).nearer(end)

    for act in acts:
        if act.outcome is not ActOutcome.DONE:
            continue
        with suppress(ValueError, TypeError, OverflowError):
            if act.action is Action.KEYS_REVOKE and act.target:
                also(act.target, End(revoked=read(act.at).astimezone(UTC)))
            for key_id, moment in _END.findall(act.note or ""):
                also(key_id, End(expires=datetime.fromisoformat(moment)))
    return found


def _more(record: KeyRecord, act: Act) -> str | None:
    """What the act did to this key and is not there, in words."""
    if act.action is Action.KEYS_REVOKE and record.revoked is None:
        return "it was revoked"
    if act.action is Action.KEYS_ROTATE and (record.rotated_to != act.result or record.expires is None):
        return f"it was rotated to {act.result}"
    if act.action in _NAMING and (record.tenant or None, record.principal) != (act.tenant, act.principal):
        done = "issued to" if act.action is Action.KEYS_ISSUE else "rotated as a key of"
        return f"it was {done} {'/'.join(filter(None, (act.tenant, act.principal)))}"
    return None
