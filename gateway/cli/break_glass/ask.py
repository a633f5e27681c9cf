"""`gateway break-glass ask`: ask to see the originals of an exchange."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.audit.act import Action, new_act
from gateway.audit.enter import entered
from gateway.cli.break_glass.desk import CallId, opened_desk
from gateway.cli.break_glass.person import PolicyFile
from gateway.cli.common.policy import DEFAULT_POLICY
from gateway.cli.common.record import STATE_DIR, DatabaseUrl, StateDir


def ask(
    call_id: CallId,
    reason: Annotated[str, typer.Option(help="Why, in ten characters or more; without personal data.")],
    policy: PolicyFile = DEFAULT_POLICY,
    state_dir: StateDir = STATE_DIR,
    database: DatabaseUrl = None,
) -> None:
    """Ask to see the originals of an exchange. Another privacy officer has to agree within a day."""
    with opened_desk(policy, state_dir, database) as desk:
        facts = {"actor": desk.person.id, "key_id": desk.person.key_id, "tenant": desk.glass.tenant_of(call_id, desk.person)}
        with entered(desk.store.database, new_act(Action.BREAK_GLASS_ASK, target=call_id, note=reason, **facts)):
            grant = desk.glass.ask(desk.person, call_id, reason)
    typer.echo(grant.id)
