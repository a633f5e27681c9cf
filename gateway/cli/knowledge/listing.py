"""`gateway knowledge list`: a tenant's documents."""

from __future__ import annotations

import asyncio

import typer

from gateway.cli.common.record import STATE_DIR, DatabaseUrl, StateDir, fail, settings_of
from gateway.cli.common.store import Tenant, opened, told
from gateway.printable import printable


def list_documents(tenant: Tenant, state_dir: StateDir = STATE_DIR, database: DatabaseUrl = None) -> None:
    """List a tenant's documents: where they come from, and who may see them."""
    from gateway.audit.tenant_keys import TenantKeys
    from gateway.knowledge.database_library import listed

    with told(), opened(settings_of(state_dir, database)) as store:
        if not store.keyring.knows(tenant):
            fail("nothing was ever kept of this tenant")
        documents = listed(store.database, asyncio.run(TenantKeys(store.keyring.tenant).of(tenant)))
    if not documents:
        typer.echo("no documents of this tenant; add some with: gateway knowledge add", err=True)
    for one in documents:
        labels = ",".join(sorted(one.labels)) or "-"
        typer.echo(printable(f"{one.id}  {one.collection}  {labels}  {one.chunks} chunks  {one.place}"))
