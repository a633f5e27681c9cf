"""`gateway keys`: issue, list and revoke virtual keys. A running gateway takes notice within a second."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError

from gateway.errors import ProtectionUnavailable
from gateway.identity.key_store import KeyStore
from gateway.identity.pepper import load_pepper
from gateway.identity.virtual_keys import KeyRecord, key_id_of, mint
from gateway.policy.schema import Id
from gateway.settings import Settings

app = typer.Typer(name="keys", help="Issue, list and revoke virtual keys.", no_args_is_help=True)

StateDir = Annotated[Path, typer.Option("--state-dir", envvar="GATEWAY_STATE_DIR", help="Folder of the gateway's own files.")]
_STATE_DIR = Path(".state")


@app.command()
def issue(
    tenant: Annotated[str, typer.Option(help="Tenant in the policy.")],
    principal: Annotated[str, typer.Option(help="Principal of that tenant.")],
    expires_days: Annotated[
        int | None, typer.Option("--expires-days", min=1, max=36_500, help="Days until it ends; default: never.")
    ] = None,
    state_dir: StateDir = _STATE_DIR,
) -> None:
    """Make a key and print it, this once: only a keyed digest of it is kept."""
    now = datetime.now(UTC)
    expires = now + timedelta(days=expires_days) if expires_days else None
    with _told():
        store = KeyStore(Settings(state_dir=state_dir).keys_path)
        pepper = load_pepper(Settings(state_dir=state_dir).secret_path, os.environ)
        key = mint(pepper, tenant=_id("--tenant", tenant), principal=_id("--principal", principal), now=now, expires=expires)
        store.add(key.record)
    until = f" until {_day(expires)}" if expires else ""
    typer.echo(f"{key.record.key_id} for {tenant}/{principal}{until}. The key is shown only now:", err=True)
    typer.echo(key.plaintext)


@app.command(name="list")
def list_keys(state_dir: StateDir = _STATE_DIR) -> None:
    """Show every key by its public id. Whole keys cannot be shown: they are not kept."""
    with _told():
        records = KeyStore(Settings(state_dir=state_dir).keys_path).list()
    if not records:
        typer.echo("no keys yet; make one with: gateway keys issue", err=True)
    for record in records:
        who = f"{record.tenant}/{record.principal}"
        typer.echo(f"{record.key_id}  {_status(record):<20}  issued {_day(record.created)}  {who}")


@app.command()
def revoke(
    key_id: Annotated[str, typer.Argument(help="The public id, pgw_ and eight characters.")],
    state_dir: StateDir = _STATE_DIR,
) -> None:
    """Void a key for good. A whole key is taken for its public id, and not repeated."""
    public_id = key_id_of(key_id) or key_id
    with _told():
        found = KeyStore(Settings(state_dir=state_dir).keys_path).revoke(public_id, datetime.now(UTC))
    if not found:
        typer.echo("no key with this id; see: gateway keys list", err=True)
        raise typer.Exit(1)
    typer.echo(f"{public_id} is revoked; running gateways refuse it within a second")


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except ProtectionUnavailable as error:
        typer.echo(error.message, err=True)
        raise typer.Exit(1) from None


def _id(option: str, text: str) -> str:
    try:
        return TypeAdapter[str](Id).validate_python(text)
    except ValidationError:
        raise typer.BadParameter("not an id that a policy can have", param_hint=option) from None


def _status(record: KeyRecord) -> str:
    if record.revoked:
        return f"revoked {_day(record.revoked)}"
    if record.expired(datetime.now(UTC)):
        return "expired"
    return f"until {_day(record.expires)}" if record.expires else "valid"


def _day(moment: datetime) -> str:
    return moment.astimezone(UTC).date().isoformat()
