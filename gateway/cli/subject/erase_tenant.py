"""`gateway subject erase-tenant`: all that is kept of a tenant."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.audit.act import Action
from gateway.cli.common.actor import actor
from gateway.cli.common.record import STATE_DIR, DatabaseUrl, StateDir, fail, settings_of
from gateway.cli.common.store import opened, told
from gateway.cli.subject.erasing import Certificate, Yes, erased_on_record, require_free, sentence, sure


def erase_tenant(
    tenant: Annotated[str, typer.Argument(help="The tenant.")],
    certificate: Certificate,
    yes: Yes = False,
    state_dir: StateDir = STATE_DIR,
    database: DatabaseUrl = None,
) -> None:
    """Erase all content that is kept of a tenant, and its key: under this name no content can be kept again."""
    settings = settings_of(state_dir, database)
    require_free(certificate)
    with told(), opened(settings) as store:
        if not store.keyring.knows(tenant):
            fail("nothing was ever kept of this tenant")
        sure(yes, f"erase everything that is kept of {tenant} for good?")
        erased = erased_on_record(
            settings,
            store,
            certificate,
            (Action.TENANT_ERASE, tenant, tenant),
            lambda eraser: eraser.erase_tenant(tenant, actor()),
        )
    typer.echo(sentence(erased))
