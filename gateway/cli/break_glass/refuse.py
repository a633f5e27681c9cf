"""`gateway break-glass refuse`: refuse a request, or take one's own back."""

from __future__ import annotations

import typer

from gateway.audit.act import Action
from gateway.cli.break_glass.desk import GrantId, line_of, opened_desk
from gateway.cli.break_glass.person import PolicyFile
from gateway.cli.common.policy import DEFAULT_POLICY
from gateway.cli.common.record import STATE_DIR, DatabaseUrl, StateDir
from gateway.printable import printable


def refuse(
    grant_id: GrantId, policy: PolicyFile = DEFAULT_POLICY, state_dir: StateDir = STATE_DIR, database: DatabaseUrl = None
) -> None:
    """Refuse a request, or take your own back."""
    with opened_desk(policy, state_dir, database) as desk:
        grant = desk.answered(Action.BREAK_GLASS_REFUSE, grant_id, desk.glass.refuse)
    typer.echo(printable(line_of(grant)))
