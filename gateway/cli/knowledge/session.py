"""What the commands of `gateway knowledge` put on the record."""

from __future__ import annotations

from gateway.audit.act import Act, Action, new_act
from gateway.cli.common.actor import actor


def act_of(action: Action, tenant: str, target: str, note: str = "") -> Act:
    """By whoever runs the command."""
    return new_act(action, actor=actor(), tenant=tenant, target=target or None, note=note or None)
