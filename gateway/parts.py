"""What the gateway is made of: opened when it is built, closed in reverse. Only here are parts joined to each other."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field

from fastapi import FastAPI
from presidio_analyzer import EntityRecognizer

from gateway.api.admin.policy_check import PolicyChecker
from gateway.api.health import Condition
from gateway.audit.act import act_of_policy, entry_of_act
from gateway.audit.checkpointer import Checkpointer
from gateway.audit.signing import KeyFile
from gateway.audit.sqlite_log import SqliteAuditLog
from gateway.detection.detect import Analyzer, Detector
from gateway.detection.engines import Engines
from gateway.detection.recognizers.plugins import Plugins
from gateway.detection.recognizers.registry import built_in_entities, default_recognizers
from gateway.detection.service.findings_cache import RememberingDetector
from gateway.detection.service.threaded import ThreadedDetector
from gateway.identity.authenticator import Authenticator
from gateway.identity.key_store import KeyStore
from gateway.identity.pepper import Pepper, load_pepper
from gateway.limits.counting import CountingLimiter
from gateway.limits.stores import in_memory, on_redis
from gateway.policy.compile import CompiledDeployment
from gateway.policy.source import PolicySource
from gateway.policy.status import PolicyEvent, ReloadOutcome
from gateway.redaction.redactor import Redactor
from gateway.redaction.surrogates import SURROGATE_ENTITIES
from gateway.settings import Settings
from gateway.telemetry.metrics import Metrics, configure_metrics
from gateway.telemetry.tracing import Tracing, configure_tracing
from gateway.upstream.base import Deployment, Timeouts
from gateway.upstream.fleet import Fleet
from gateway.upstream.openai_http import OpenAiHttp

_INLINE_CHARACTERS = 1_000
"""Up to here our own recognizers take less time than handing a text to a thread and back does harm: 1 to 3 ms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything that more than one stage or face needs."""

    pepper: Pepper = field(repr=False)
    policy: PolicySource
    policy_checker: PolicyChecker
    keys: KeyStore
    authenticator: Authenticator
    limiter: CountingLimiter
    audit: SqliteAuditLog
    detector: ThreadedDetector
    redactor: Redactor
    fleet: Fleet[CompiledDeployment]
    tracing: Tracing
    metrics: Metrics


def open_parts(
    settings: Settings,
    environ: Mapping[str, str],
    analyzer: Callable[[], Analyzer] | None,
    recognizers: Callable[[], Sequence[EntityRecognizer]],
) -> Parts:
    """Raises PolicyError, ProtectionUnavailable, AuditUnavailable or TelemetryConfigurationError."""
    plugins, metrics = Plugins(), configure_metrics(environ)

    def loaded(event: PolicyEvent) -> None:
        metrics.policy_event(event)
        audit.append_soon(entry_of_act(act_of_policy(event)))

    policy = PolicySource(
        settings.policy,
        known_entities=built_in_entities(),
        surrogate_entities=SURROGATE_ENTITIES,
        environ=environ,
        plugins=plugins.offer,
        on_event=loaded,
    )
    metrics.watch_policy(lambda: policy.status)
    pepper, keys = load_pepper(settings.secret_path, environ), KeyStore(settings.keys_path)
    audit = SqliteAuditLog(settings.audit_path, checkpointer=_checkpointer(settings))

    def engines() -> Engines:
        quick = _INLINE_CHARACTERS if recognizers is default_recognizers else 0
        return Engines(
            lambda: policy.current.detections, standard=recognizers, plugin=plugins.recognizer, inline_characters=quick
        )

    detector = ThreadedDetector(
        (analyzer or engines)(),
        threads=settings.detection_threads,
        timeout_s=settings.detection_timeout_s,
        backlog=settings.detection_backlog,
    )
    return Parts(
        pepper=pepper,
        policy=policy,
        policy_checker=PolicyChecker(
            known_entities=built_in_entities(), surrogate_entities=SURROGATE_ENTITIES, plugins=plugins.offer
        ),
        keys=keys,
        authenticator=Authenticator(keys, pepper, policy),
        limiter=_limiter(settings, pepper),
        audit=audit,
        detector=detector,
        redactor=Redactor(_remembering(detector, settings), pepper.key_for("pseudonyms")),
        fleet=Fleet(lambda: policy.current.places, _connect, lambda deployment: deployment.timeouts.total_s),
        tracing=configure_tracing(environ),
        metrics=metrics,
    )


def lifespan(parts: Parts) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """Watches the policy while the application is served, and closes everything after it."""

    @asynccontextmanager
    async def served(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as closing:
            closing.push_async_callback(asyncio.to_thread, parts.tracing.shutdown)
            closing.push_async_callback(asyncio.to_thread, parts.metrics.shutdown)
            closing.push_async_callback(parts.audit.close)
            closing.callback(parts.keys.close)
            closing.push_async_callback(parts.authenticator.close)
            closing.push_async_callback(parts.limiter.close)
            closing.callback(parts.detector.close)
            closing.push_async_callback(parts.fleet.close)
            parts.audit.append_soon(entry_of_act(act_of_policy(_first_load(parts.policy))))
            _reload_on_hangup(parts.policy)
            watching = asyncio.create_task(parts.policy.watch())
            closing.push_async_callback(_ended, watching)
            yield

    return served


async def conditions(parts: Parts) -> Mapping[str, Condition]:
    """What readiness depends on, each with a sentence."""
    status = parts.policy.status
    in_force = f"version {status.version} is in force"
    # Whoever asks for readiness need not show a key: what is wrong in the file stands in the log and the admin API.
    stale = f"{in_force}; the file on disk is not: it was refused at {status.last_attempt}, and the log says why"
    well = await parts.fleet.any_healthy()
    return {
        "policy": Condition(True, stale if status.stale else in_force),
        "audit": Condition(parts.audit.healthy, _audit_detail(parts.audit)),
        "upstream": Condition(well, "ok" if well else "no deployment answers"),
    }


def _checkpointer(settings: Settings) -> Checkpointer:
    return Checkpointer(
        KeyFile(settings.audit_key_path, settings.audit_origin),
        every_s=settings.audit_checkpoint_s,
        every_entries=settings.audit_checkpoint_entries,
    )


def _audit_detail(audit: SqliteAuditLog) -> str:
    if not audit.healthy:
        return "the record cannot be written"
    return f"the record is written, but not signed: {audit.unsigned}" if audit.unsigned else "ok"


def _remembering(detector: Detector, settings: Settings) -> Detector:
    megabytes = settings.detection_cache_mb
    return RememberingDetector(detector, max_bytes=megabytes * 2**20) if megabytes else detector


def _limiter(settings: Settings, pepper: Pepper) -> CountingLimiter:
    if settings.redis_url is None:
        return in_memory()
    return on_redis(settings.redis_url.get_secret_value(), pepper.key_for("limits"))


def _connect(written: CompiledDeployment) -> OpenAiHttp:
    """The adapter of a deployment; another protocol would be chosen here."""
    return OpenAiHttp(
        Deployment(
            id=written.id,
            base_url=written.base_url,
            model=written.model,
            api_key=written.api_key,
            timeouts=Timeouts(**written.timeouts.model_dump()),
        )
    )


def _first_load(policy: PolicySource) -> PolicyEvent:
    version = policy.status.version
    return PolicyEvent(outcome=ReloadOutcome.APPLIED, version=version, previous=version, problems=0, summary="at start")


def _reload_on_hangup(policy: PolicySource) -> None:
    """SIGHUP reads the policy and the backends' keys again; only a main thread, and no Windows, can listen for it."""
    with suppress(RuntimeError, ValueError, NotImplementedError, AttributeError):
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGHUP, lambda: loop.run_in_executor(None, policy.reload))


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
