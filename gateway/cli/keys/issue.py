"""`gateway keys issue`: a new key."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError

from gateway.audit.act import Action
from gateway.cli.common.record import STATE_DIR, StateDir, fail
from gateway.cli.keys.acts import on_record
from gateway.cli.keys.holders import unknown_person, unknown_principal
from gateway.cli.keys.session import show, told
from gateway.cli.keys.store import opened_keys
from gateway.identity.agreement import ends
from gateway.identity.pepper import load_pepper
from gateway.identity.virtual_keys import NewKey, mint, mint_for_person
from gateway.policy.language.words import Id
from gateway.settings import Settings

Days = Annotated[int | None, typer.Option("--expires-days", min=1, max=36_500, help="Days until it ends; default: never.")]
PolicyPath = Annotated[
    Path | None,
    typer.Option(
        "--policy", help="Refuse whom this policy does not know. Default: only warn, by the policy of GATEWAY_POLICY."
    ),
]


def issue(
    tenant: Annotated[str | None, typer.Option(help="Tenant in the policy.")] = None,
    principal: Annotated[str | None, typer.Option(help="Principal of that tenant.")] = None,
    person: Annotated[str | None, typer.Option(help="Instead: a person in the policy, who administers or audits.")] = None,
    expires_days: Days = None,
    policy: PolicyPath = None,
    state_dir: StateDir = STATE_DIR,
) -> None:
    """Make a key and print it, this once: only a keyed digest of it is kept."""
    if (person is None) == (tenant is None) or (principal is None) != (tenant is None):
        raise typer.BadParameter("give --tenant and --principal, or --person")
    for option, text in (("--tenant", tenant), ("--principal", principal), ("--person", person)):
        _require_id(option, text)
    settings = Settings(state_dir=state_dir)
    warning = _doubt(policy, settings.policy, tenant or "", principal or "", person)
    with told(settings, new=True), opened_keys(settings) as store:
        key = _minted(settings, tenant or "", principal or "", person, expires_days)
        with on_record(settings, Action.KEYS_ISSUE, key.record, note=ends(key.record.key_id, key.record.expires)):
            store.add(key.record)
    if warning:
        typer.echo(f"warning: {warning}", err=True)
    show(key)


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
        fail(problem)
    return problem


def _require_id(option: str, text: str | None) -> None:
    try:
        TypeAdapter(Id | None).validate_python(text)
    except ValidationError:
        raise typer.BadParameter("not an id that a policy can have", param_hint=option) from None
