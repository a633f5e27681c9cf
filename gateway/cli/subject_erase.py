"""`gateway subject erase`, `erase-tenant` and `verify-certificate`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from gateway.assurance.certificate import verified
from gateway.assurance.confirmation import confirmed
from gateway.assurance.erasure import Erased, Eraser
from gateway.assurance.subjects import count, subject
from gateway.audit.act import Action, new_act
from gateway.audit.enter import entered
from gateway.audit.verify import NotVerified, read_key
from gateway.cli.assurance_session import Store, Tenant, Values, opened, told, values_given
from gateway.cli.audit_session import STATE_DIR, DatabaseUrl, StateDir, fail, key_file, settings_of
from gateway.cli.erasure_places import places
from gateway.cli.keys_acts import actor
from gateway.cli.progress import Bar
from gateway.settings import Settings
from gateway.vault.removal import VaultErasure

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
Certificate = Annotated[
    Path, typer.Option("--certificate", help="Where to write the signed certificate: a file that is not there yet.")
]


def erase(
    tenant: Tenant,
    certificate: Certificate,
    values: Values = None,
    yes: Yes = False,
    state_dir: StateDir = STATE_DIR,
    database: DatabaseUrl = None,
) -> None:
    """Erase what is kept about a person: their values, and the content of every exchange in which they occur."""
    given, settings = values_given(values), settings_of(state_dir, database)
    _require_free(certificate)
    with told(), opened(settings) as store:
        whom = subject(store.keyring, tenant, given)
        with store.database.reading() as connection:
            number = count(connection, whom)
        _sure(yes, f"erase the content of {number} {'exchange' if number == 1 else 'exchanges'} for good?")
        with Bar(number, title="Erasing") as bar:
            erased = _done(
                settings,
                store,
                certificate,
                (Action.SUBJECT_ERASE, tenant, whom.name),
                lambda eraser: eraser.erase(whom, actor(), bar.advance),
            )
    typer.echo(_sentence(erased))


def erase_tenant(
    tenant: Annotated[str, typer.Argument(help="The tenant.")],
    certificate: Certificate,
    yes: Yes = False,
    state_dir: StateDir = STATE_DIR,
    database: DatabaseUrl = None,
) -> None:
    """Erase all content that is kept of a tenant, and its key: under this name no content can be kept again."""
    settings = settings_of(state_dir, database)
    _require_free(certificate)
    with told(), opened(settings) as store:
        if not store.keyring.knows(tenant):
            fail("nothing was ever kept of this tenant")
        _sure(yes, f"erase everything that is kept of {tenant} for good?")
        erased = _done(
            settings,
            store,
            certificate,
            (Action.TENANT_ERASE, tenant, tenant),
            lambda eraser: eraser.erase_tenant(tenant, actor()),
        )
    typer.echo(_sentence(erased))


def verify_certificate(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The certificate.")],
    vkey: Annotated[str, typer.Argument(metavar="VKEY", help="The verifier key that you trust: NAME+ID+KEY.")],
) -> None:
    """Check a certificate's signature, and print what it says. Whether the log says the same shows an export of the act."""
    with told():
        try:
            said = verified(file.read_text(encoding="utf-8"), read_key(vkey))
        except (OSError, UnicodeDecodeError):
            raise NotVerified(f"{file} cannot be read") from None
    typer.echo("verified: the certificate is signed by this key; it says:", err=True)
    typer.echo(orjson.dumps(said, option=orjson.OPT_INDENT_2).decode())


def _done(
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


def _require_free(path: Path) -> None:
    if path.exists():
        fail(f"{path} is there already")


def _sure(yes: bool, question: str) -> None:
    if not yes:
        typer.confirm(question, abort=True, err=True)


def _sentence(erased: Erased) -> str:
    more = f", and {erased.elsewhere} things elsewhere" if erased.elsewhere else ""
    return f"erased: the content of {erased.exchanges} exchanges, {erased.data_keys} data keys{more}"
