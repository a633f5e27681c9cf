"""Reads what callers said of their answers, for the exchanges of a data set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from gateway.audit.act import Act, Action
from gateway.audit.kept import DataKeys, read_content
from gateway.audit.log import Kind
from gateway.dp.budget import Budget
from gateway.dp.feedback.given import Thumb
from gateway.store.tables.ledger import ENTRIES


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The last word about a call. `act_id` leads to the correction, where there is one."""

    thumb: Thumb
    act_id: str
    corrected: bool


def feedback_of(connection: Connection, budget: Budget) -> Mapping[str, Said]:
    """By call, the last that was said."""
    given = ENTRIES.c.body.contains(f'"{Action.FEEDBACK_GIVE}"')
    query = select(ENTRIES.c.body).where(ENTRIES.c.kind == Kind.ACT.value, ENTRIES.c.at >= budget.since, given)
    found: dict[str, Said] = {}
    for (body,) in connection.execute(query.order_by(ENTRIES.c.seq)):
        act = _read(body)
        if act is not None and act.tenant == budget.tenant and act.target and act.result:
            found[act.target] = Said(thumb=Thumb(act.result), act_id=act.act_id, corrected=act.note is not None)
    return found


def correction(connection: Connection, keyring: DataKeys, tenant: str, said: Said) -> str | None:
    """None where it was erased, or names somebody: its placeholders are not those of the request."""
    kept = read_content(connection, keyring, said.act_id, tenant).request
    return None if kept is None or kept.get("replaced") else kept.get("correction")


def _read(body: str) -> Act | None:
    try:
        act = Act.from_json(body)
    except ValueError:
        return None
    return act if act.action is Action.FEEDBACK_GIVE else None
