"""`gateway knowledge remove`: forget documents."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.audit.act import Action
from gateway.audit.enter import entered
from gateway.cli.common.record import STATE_DIR, DatabaseUrl, StateDir, settings_of
from gateway.cli.common.store import Tenant, opened, told
from gateway.cli.knowledge.session import act_of


def remove(
    documents: Annotated[list[str], typer.Argument(metavar="DOCUMENT...", help="Ids, as `list` shows them.")],
    tenant: Tenant,
    state_dir: StateDir = STATE_DIR,
    database: DatabaseUrl = None,
) -> None:
    """Remove documents. Files that are still in their folder come back when it is added again."""
    from gateway.keys.destruction import scrub
    from gateway.knowledge.database_library import removed

    act = act_of(Action.KNOWLEDGE_REMOVE, tenant, " ".join(documents))
    with told(), opened(settings_of(state_dir, database)) as store, entered(store.database, act):
        count = removed(store.database, tenant, documents)
        scrub(store.database)
    typer.echo(f"{count} removed")
