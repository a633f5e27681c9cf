"""Items of answers that are kept for their callers and mention a person, as that person is told of them."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import Connection

from gateway.assurance.subject_blanks import Blanked, blanked
from gateway.assurance.subjects import Subject
from gateway.errors import Unreadable
from gateway.keys.data_key import TenantKey
from gateway.vault.items import read
from gateway.vault.mentioned import Closed, MentioningItem, mentioned_by


class Withheld(StrEnum):
    """Why an item that opens is not shown."""

    OTHERS_VALUES = "others_values"
    """Of the values that were found in it, one is not found again, and it may be somebody else's."""


def item_document(connection: Connection, owner: TenantKey, whom: Subject, one: MentioningItem, now: str) -> dict[str, Any]:
    """The item with everybody's values blanked, and what stands for the person's own; or why it is not shown."""
    shown = one.closed or _shown(connection, owner, whom, one, now)
    times = {"kept_at": one.kept_at, "kept_until": one.kept_until}
    if isinstance(shown, Blanked):
        return {**times, "item": shown.item, "your_values": shown.own, "not_shown": None}
    return {**times, "item": None, "your_values": {}, "not_shown": shown.value}


def _shown(
    connection: Connection, owner: TenantKey, whom: Subject, one: MentioningItem, now: str
) -> Blanked | Closed | Withheld:
    mentioned = mentioned_by(connection, whom.tenant, one.item)  # before the item: an erasure takes both in one step
    try:
        plain = read(connection, owner, [one.item], now).get(one.item)
    except Unreadable:
        return Closed.UNREADABLE
    if plain is None:  # since it was found
        return Closed.ERASED
    return blanked(orjson.loads(plain), owner.tag, mentioned, whom.tags) or Withheld.OTHERS_VALUES
