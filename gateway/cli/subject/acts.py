"""Acts upon what is kept about a person, as the record names them."""

from __future__ import annotations

from gateway.audit.act import Act, Action, new_act
from gateway.cli.common.actor import actor


def act_of(action: Action, tenant: str, whom: str) -> Act:
    """By whoever runs the command; `whom` is the name that stands for a person on the record."""
    return new_act(action, actor=actor(), tenant=tenant, target=whom)
