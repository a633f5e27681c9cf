"""`gateway keys`: issue, list, rotate, expire and revoke keys. A running gateway takes notice within a second."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from pydantic import TypeAdapter, ValidationError

from gateway.audit.act import Action
from gateway.cli.keys_acts import on_record
from gateway.cli.keys_list import day, holder, json_of, line_of, minute
from gateway.cli.keys_policy import unknown_person, unknown_principal
from gateway.cli.keys_session import opened_keys
from gateway.errors import ProtectionUnavailable
from gateway.identity.key_store import KeyStore
from gateway.identity.pepper import load_pepper
from gateway.identity.virtual_keys import KeyKind, KeyRecord, NewKey, key_id_of, mint, mint_for_person, successor
from gateway.policy.language.words import Id
from gateway.settings import Settings

app = typer.Typer(name="keys", help="Issue, list, rotate, expire and revoke keys.", no_args_is_help=True)

StateDir = Annotated[Path, typer.Option("--state-dir", envvar="GATEWAY_STATE_DIR", help="Folder of the gateway's own files.")]
KeyId = Annotated[str, typer.Argument(help="The public id: pgw_ or pga_ and eight characters.")]
Days = Annotated[int | None, typer.Option("--expires-days", min=1, max=36_500, help="Days until it ends; default: never.")]
PolicyPath = Annotated[
    Path | None,
    typer.Option(
        "--policy", help="Refuse whom this policy does not know. Default: only warn, by the policy of GATEWAY_POLICY."
    ),
]

_STATE_DIR = Path(".state")
_SPAN = re.compile(r"([0-9]{1,5})(m|h|d)")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_NO_KEY = "no key with this id; see: gateway keys list"


@app.command()
def issue(
    tenant: Annotated[str | None, typer.Option(help="Tenant in the policy.")] = None,
    principal: Annotated[str | None, typer.Option(help="Principal of that tenant.")] = None,
    person: Annotated[str | None, typer.Option(help="Instead: a person in the policy, who administers or audits.")] = None,
    expires_days: Days = None,
    policy: PolicyPath = None,
    state_dir: StateDir = _STATE_DIR,
) -> None:
    """Make a key and print it, this once: only a keyed digest of it is kept."""
    if (person is None) == (tenant is None) or (principal is None) != (tenant is None):
        raise typer.BadParameter("give --tenant and --principal, or --person")
    for option, text in (("--tenant", tenant), ("--principal", principal), ("--person", person)):
        _require_id(option, text)
    settings = Settings(state_dir=state_dir)
    warning = _doubt(policy, settings.policy, tenant or "", principal or "", person)
    with _told(), opened_keys(settings) as store:
        key = _minted(settings, tenant or "", principal or "", person, expires_days)
        with on_record(settings, Action.KEYS_ISSUE, key.record):
            store.add(key.record)
    if warning:
        typer.echo(f"warning: {warning}", err=True)
    _show(key)


@app.command(name="list")
def list_keys(
    tenant: Annotated[str | None, typer.Option(help="Only this tenant's keys.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False,
    state_dir: StateDir = _STATE_DIR,
) -> None:
    """Show keys by their public ids. Whole keys cannot be shown: they are not kept."""
    with _told(), opened_keys(Settings(state_dir=state_dir)) as store:
        every = store.list()
    records = [record for record in every if tenant is None or record.tenant == tenant]
    now = datetime.now(UTC)
    if as_json:
        typer.echo(json_of(records, now))
    elif not records:
        typer.echo(f"no keys {'of this tenant' if tenant else 'yet'}; make one with: gateway keys issue", err=True)
    else:
        typer.echo("\n".join(line_of(record, now) for record in records))


@app.command()
def rotate(
    key_id: KeyId,
    overlap: Annotated[str, typer.Option(help="How long the old key still works: 30m, 24h, 7d, or 0m.")] = "24h",
    state_dir: StateDir = _STATE_DIR,
) -> None:
    """Make a new key for the same holder and print it, this once; the old one ends after the overlap."""
    now, settings = datetime.now(UTC), Settings(state_dir=state_dir)
    public_id, ends = _public_id(key_id), now + _span("--overlap", overlap)
    with _told(), opened_keys(settings) as store:
        old = _known(store, public_id)
        if old.expired(now):
            _fail("this key has expired; make a new one with: gateway keys issue")
        new = successor(old, load_pepper(settings.secret_path, os.environ), now=now)
        note = f"overlap of {overlap}"
        with on_record(settings, Action.KEYS_ROTATE, old, result=new.record.key_id, note=note):
            if not store.rotate(public_id, new.record, ends):
                _fail("this key is revoked or was rotated before; see: gateway keys list")
    typer.echo(f"{public_id} ends {minute(min(ends, old.expires or ends))}", err=True)
    _show(new)


@app.command()
def expire(
    key_id: KeyId,
    after: Annotated[str, typer.Option("--in", help="How long it still works: 30m, 24h, 7d.")],
    state_dir: StateDir = _STATE_DIR,
) -> None:
    """Let a key end by itself. An earlier end stays."""
    public_id, ends = _public_id(key_id), datetime.now(UTC) + _span("--in", after)
    settings = Settings(state_dir=state_dir)
    with (
        _told(),
        opened_keys(settings) as store,
        on_record(settings, Action.KEYS_EXPIRE, _known(store, public_id), note=f"ends {minute(ends)}"),
    ):
        store.expire(public_id, ends)
    typer.echo(f"{public_id} ends {minute(ends)} at the latest")


@app.command()
def revoke(key_id: KeyId, state_dir: StateDir = _STATE_DIR) -> None:
    """Void a key for good. A whole key is taken for its public id, and not repeated."""
    public_id = _public_id(key_id)
    settings = Settings(state_dir=state_dir)
    with _told(), opened_keys(settings) as store, on_record(settings, Action.KEYS_REVOKE, _known(store, public_id)):
        store.revoke(public_id, datetime.now(UTC))
    typer.echo(f"{public_id} is revoked; running gateways refuse it within a second")


def _known(store: KeyStore, public_id: str) -> KeyRecord:
    """The key of this id; exits where there is none."""
    record = next((one for one in store.list() if one.key_id == public_id), None)
    return record or _fail(_NO_KEY)


def _minted(settings: Settings, tenant: str, principal: str, person: str | None, expires_days: int | None) -> NewKey:
    now, pepper = datetime.now(UTC), load_pepper(settings.secret_path, os.environ)
    expires = now + timedelta(days=expires_days) if expires_days else None
    if person is not None:
        return mint_for_person(pepper, person=person, now=now, expires=expires)
    return mint(pepper, tenant=tenant, principal=principal, now=now, expires=expires)


def _doubt(given: Path | None, default: Path, tenant: str, principal: str, person: str | None) -> str | None:
    """Exits where the policy that was given does not know the holder; where it is only the default one, says so."""
    path = given or default
    if given is None and not default.is_file():
        return None
    problem = unknown_person(path, person) if person is not None else unknown_principal(path, tenant, principal)
    if problem and given is not None:
        _fail(problem)
    return problem


def _show(key: NewKey) -> None:
    until = f" until {day(key.record.expires)}" if key.record.expires else ""
    use = " It opens administration only." if key.record.kind is KeyKind.PERSON else ""
    typer.echo(f"{key.record.key_id} for {holder(key.record)}{until}.{use} The key is shown only now:", err=True)
    typer.echo(key.plaintext)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except ProtectionUnavailable as error:
        _fail(error.message)


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1) from None


def _public_id(text: str) -> str:
    return key_id_of(text) or text


def _require_id(option: str, text: str | None) -> None:
    try:
        TypeAdapter(Id | None).validate_python(text)
    except ValidationError:
        raise typer.BadParameter("not an id that a policy can have", param_hint=option) from None


def _span(option: str, text: str) -> timedelta:
    found = _SPAN.fullmatch(text)
    if found is None:
        raise typer.BadParameter("write a number and m, h or d, such as 24h", param_hint=option)
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
