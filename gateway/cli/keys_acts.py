"""Acts on keys from the command line, in the same log as those of the admin API. Without a record there is no act."""

from __future__ import annotations

import getpass
from contextlib import AbstractContextManager

from gateway.audit.act import Action, new_act
from gateway.audit.enter import entered
from gateway.identity.virtual_keys import KeyRecord
from gateway.settings import Settings


def on_record(
    settings: Settings, action: Action, key: KeyRecord, *, result: str | None = None, note: str | None = None
) -> AbstractContextManager[None]:
    """The act, entered as intended when the block begins and as done, or failed, when it ends. Raises AuditUnavailable."""
    act = new_act(
        action,
        actor=actor(),
        tenant=key.tenant or None,
        principal=key.principal,
        target=key.key_id,
        result=result,
        note=note,
    )
    return entered(settings.audit_path, act)


def actor() -> str:
    """Who runs the command, as the record names it."""
    try:
        return f"cli:{getpass.getuser()}"
    except (OSError, KeyError, ImportError):  # a container may run under a number that has no name
        return "cli:unknown"
