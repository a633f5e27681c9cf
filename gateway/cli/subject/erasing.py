"""Erasing on the record, with a certificate that it was done: a person's values, or a tenant's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.assurance.confirmation import confirmed
from gateway.assurance.erasure import Erased, Eraser
from gateway.audit.act import Action, new_act
from gateway.audit.enter import entered
from gateway.cli.common.actor import actor
from gateway.cli.common.erasure_places import places
from gateway.cli.common.record import fail, key_file
from gateway.cli.common.store import Store
from gateway.settings import Settings
from gateway.vault.removal import VaultErasure

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
Certificate = Annotated[
    Path, typer.Option("--certificate", help="Where to write the signed certificate: a file that is not there yet.")
]


def erased_on_record(
    settings: Settings,
    store: Store,
    path: Path,
    what: tuple[Action, str, str],
    work: Callable[[Eraser], Coroutine[Any, Any, Erased]],
) -> Erased:
    """Erase on the record, and leave a certificate. What was cut short is finished by the same command."""
    action, tenant, target = what
    act = new_act(action, actor=actor(), tenant=tenant, target=target)
    with entered(store.database, act):
        erased = asyncio.run(_erased(settings, store, work))
    note = confirmed(store.database, key_file(settings), erased, act.act_id, datetime.now(UTC))
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(note)
    except OSError as error:
        fail(f"all is erased, but {path} cannot be written ({error.strerror}): give the same command with another file")
    Eraser(store.database, store.keyring).finish(erased, note)
    return erased


async def _erased(settings: Settings, store: Store, work: Callable[[Eraser], Coroutine[Any, Any, Erased]]) -> Erased:
    from gateway.knowledge.erasure import KnowledgeErasure  # late: it takes recognizers along, which take seconds

    async with places(settings, store.keyring) as elsewhere:
        ours = (VaultErasure(store.database), KnowledgeErasure(store.database, store.keyring.tenant))
        return await work(Eraser(store.database, store.keyring, (*ours, *elsewhere)))


def require_free(path: Path) -> None:
    """Before anything is erased: a certificate is never written over another file."""
    if path.exists():
        fail(f"{path} is there already")


def sure(yes: bool, question: str) -> None:
    """Asks, unless the answer was given with the command; ends the command where it is no."""
    if yes:
        return
    try:
        said = typer.confirm(question, err=True)
    except typer.Abort:  # the values may have come by the input, which is at its end then
        typer.echo("", err=True)
        fail("nobody said yes, and nothing was erased; where nobody can be asked, give --yes")
    if not said:
        raise typer.Abort


def sentence(erased: Erased) -> str:
    """What was erased, in words."""
    more = f", and {erased.elsewhere} things elsewhere" if erased.elsewhere else ""
    return f"erased: the content of {erased.exchanges} exchanges, {erased.data_keys} data keys{more}"
