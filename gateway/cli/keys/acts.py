"""Acts on keys from the command line, in the same log as those of the admin API. Without a record there is no act."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from gateway.audit.act import Action, new_act
from gateway.audit.enter import entered
from gateway.cli.common.actor import actor
from gateway.identity.virtual_keys import KeyRecord
from gateway.settings import Settings
from gateway.store.database import open_database


@contextmanager
def on_record(
    settings: Settings, action: Action, key: KeyRecord, *, result: str | None = None, note: str | None = None
) -> Iterator[None]:
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
    with closing(open_database(settings.database())) as database, entered(database, act):
        yield
