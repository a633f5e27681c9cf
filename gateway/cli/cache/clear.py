"""`gateway cache clear`: forget cached answers, on the record."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from sqlalchemy import select

from gateway.assurance.clearings import OF_MODEL, OF_VERSION
from gateway.audit.act import Act, Action, new_act
from gateway.audit.enter import entered
from gateway.cli.common.actor import actor
from gateway.cli.common.erasure_places import cached_answers
from gateway.cli.common.policy import opened as policy_opened
from gateway.cli.common.record import STATE_DIR, DatabaseUrl, StateDir, fail, settings_of
from gateway.cli.common.store import Store, opened, told
from gateway.policy.reading.problems import PolicyError
from gateway.settings import Settings
from gateway.store.tables.content import TENANT_KEYS

_WITHIN = "gateways that hold answers in their memory clear them within a second"


def clear(
    tenant: Annotated[str | None, typer.Option(help="Whose answers. Default: those of all tenants.")] = None,
    model: Annotated[str | None, typer.Option(help="Only those of this model.")] = None,
    policy: Annotated[
        str | None, typer.Option(metavar="VERSION", help="Only those that were given under this version of the policy.")
    ] = None,
    state_dir: StateDir = STATE_DIR,
    database: DatabaseUrl = None,
) -> None:
    """Forget cached answers, on the record: at once on Redis, within a second in the memory of gateways on this database."""
    if model is not None and policy is not None:
        fail("name a model or a version of the policy, not both")
    settings = settings_of(state_dir, database)
    model = None if model is None else _meant(settings, model)
    with told(), opened(settings) as store:
        tenants = _known(store) if tenant is None else [tenant]
        if tenant is not None and not store.keyring.knows(tenant):
            fail("nothing was ever kept of this tenant")
        cleared = sum(_cleared(settings, store, one, model, policy) for one in tenants)
    where = _WITHIN if settings.redis_url is None else f"{cleared} answers on Redis"
    typer.echo(f"cleared: {', '.join(tenants) or 'no tenant has had an answer'}; {where}")


def _meant(settings: Settings, name: str) -> str:
    """The model that an alias stands for: answers are kept under its own name. Without a policy, every name is one."""
    if not settings.policy.exists():
        return name
    try:
        model = policy_opened(settings.policy).compiled.model_of(name)
    except PolicyError:
        fail("the policy cannot be read, which says what model this is")
    if model != name:
        typer.echo(f"{name} stands for {model}", err=True)
    return model


def _known(store: Store) -> list[str]:
    """Every tenant that ever had a key: without one nothing is cached."""
    with store.database.reading() as connection:
        return list(connection.execute(select(TENANT_KEYS.c.tenant).order_by(TENANT_KEYS.c.tenant)).scalars())


def _cleared(settings: Settings, store: Store, tenant: str, model: str | None, policy: str | None) -> int:
    with entered(store.database, _act(tenant, model, policy)):
        return asyncio.run(_forgotten(settings, store, tenant, model, policy))


def _act(tenant: str, model: str | None, policy: str | None) -> Act:
    note = OF_MODEL if model is not None else OF_VERSION if policy is not None else None
    return new_act(Action.CACHE_CLEAR, actor=actor(), tenant=tenant, target=model or policy, note=note)


async def _forgotten(settings: Settings, store: Store, tenant: str, model: str | None, policy: str | None) -> int:
    async with cached_answers(settings, store.keyring) as answers:
        return 0 if answers is None else await answers.clear(tenant, model, policy)
