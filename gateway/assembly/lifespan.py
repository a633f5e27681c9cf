"""What goes on while the gateway is served, beside its exchanges, and how all of it ends."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from functools import partial

from fastapi import FastAPI

from gateway.assembly.beside import Task, Work
from gateway.assembly.parts import Parts
from gateway.assurance.clearings import Clearings
from gateway.assurance.retirement import WELL_S, retire_hourly
from gateway.caching.erasures import Erasures
from gateway.explorer.index.follower import Follower
from gateway.explorer.index.index import Index
from gateway.policy.source import PolicySource
from gateway.policy.status import PolicyEvent, ReloadOutcome
from gateway.routing.health import HealthWatch
from gateway.settings import Settings
from gateway.store.merging import merge_often
from gateway.telemetry.queues import bounded
from gateway.vault.removal import expire_hourly


def lifespan(parts: Parts, settings: Settings) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """Watches the policy, follows the record and erases what is due while served, and closes everything after it."""

    @asynccontextmanager
    async def served(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as closing:
            told = parts.telemetry
            closing.push_async_callback(asyncio.to_thread, told.metrics.shutdown)  # last: it also counts what the others lost
            closing.push_async_callback(asyncio.to_thread, bounded(told.tracing.shutdown, told.logs.shutdown))
            closing.callback(parts.keeping.database.close)
            closing.push_async_callback(parts.keeping.audit.close)
            closing.callback(parts.keys.close)
            closing.push_async_callback(parts.authenticator.close)
            closing.push_async_callback(parts.limiter.close)
            closing.push_async_callback(parts.caching.answers.close)
            closing.push_async_callback(parts.caching.rewordings.close)
            closing.push_async_callback(parts.caching.flights.close)
            if parts.detecting.shared is not None:
                closing.push_async_callback(parts.detecting.shared.close)
            closing.callback(parts.detecting.detector.close)
            closing.callback(parts.keeping.vault.close)
            closing.callback(parts.documents.embedder.close)
            closing.callback(parts.documents.asker.close)
            closing.callback(parts.documents.library.close)
            closing.push_async_callback(parts.documents.uploads.reader.close)
            closing.push_async_callback(parts.backends.fleet.close)
            closing.push_async_callback(parts.backends.shadows.close)
            parts.enter_policy(_first_load(parts.policy))
            _reload_on_hangup(parts.policy)
            follower = Follower(Index(parts.keeping.database), partial(parts.beside.note, Task.INDEX))
            follower.start()
            closing.push_async_callback(asyncio.to_thread, follower.close)
            for work in _beside(parts, settings):
                closing.push_async_callback(_ended, asyncio.create_task(parts.beside.keep(work)))
            yield

    return served


def _beside(parts: Parts, settings: Settings) -> Iterator[Work]:
    """Work without an end."""
    yield Work(Task.POLICY, parts.policy.watch)
    yield Work(Task.SIBLINGS, parts.siblings.follow)
    fleet, standings = parts.backends.fleet, parts.backends.router.standings
    probes = HealthWatch(lambda: parts.policy.current.places, fleet.probe, standings, settings.health_interval_s)
    yield Work(Task.HEALTH, probes.follow)
    database, answers = parts.keeping.database, parts.caching.answers
    yield Work(Task.ERASURES, Erasures(database, answers, partial(_forget, parts)).follow)
    if not answers.shared:
        yield Work(Task.CLEARINGS, Clearings(database, answers.clear).follow)
    yield Work(Task.RETENTION, partial(retire_hourly, database, parts.keeping.audit), WELL_S)
    yield Work(Task.VAULT, partial(expire_hourly, database))
    yield Work(Task.JOURNAL, partial(merge_often, database))
    uploads = parts.documents.uploads
    yield Work(Task.UPLOADS, uploads.worker.follow)
    yield Work(Task.SHORT_UPLOADS, uploads.short_worker.follow)


def _first_load(policy: PolicySource) -> PolicyEvent:
    version = policy.status.version
    return PolicyEvent(outcome=ReloadOutcome.APPLIED, version=version, previous=version, problems=0, summary="at start")


def _reload_on_hangup(policy: PolicySource) -> None:
    """SIGHUP reads the policy and the backends' keys again; only a main thread, and no Windows, can listen for it."""
    with suppress(RuntimeError, ValueError, NotImplementedError, AttributeError):
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGHUP, lambda: loop.run_in_executor(None, policy.reload))


async def _forget(parts: Parts, tenant: str) -> None:
    """A tenant's key, in this order: one is asked for the other. A key service that is slow may hold up the first. Last, what
    memory holds of its documents.
    """
    await asyncio.to_thread(parts.keeping.keyring.forget, tenant)
    parts.keeping.tenant_keys.forget(tenant)
    await parts.documents.library.tidy()


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
