"""`gateway break-glass give`: agree to another officer's request."""

from __future__ import annotations

import typer

from gateway.audit.act import Action
from gateway.cli.break_glass.desk import GrantId, line_of, opened_desk
from gateway.cli.break_glass.person import PolicyFile
from gateway.cli.common.policy import DEFAULT_POLICY
from gateway.cli.common.record import STATE_DIR, DatabaseUrl, StateDir
from gateway.printable import printable


def give(
    grant_id: GrantId, policy: PolicyFile = DEFAULT_POLICY, state_dir: StateDir = STATE_DIR, database: DatabaseUrl = None
) -> None:
    """Agree to a request of another officer, who may look from now on, and not for long."""
    with opened_desk(policy, state_dir, database) as desk:
        grant = desk.answered(Action.BREAK_GLASS_GIVE, grant_id, desk.glass.give)
    typer.echo(printable(line_of(grant)))
