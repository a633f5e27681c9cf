"""The composition root: the only place where parts are wired together. Read it to see the request's way.

::

    api ─▶ record( authenticate( receive( authorize( guide( limit( redact( route ))))))) ─▶ upstream
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

from fastapi import FastAPI
from presidio_analyzer import EntityRecognizer
from starlette.routing import Route as HttpRoute

from gateway import __version__
from gateway.api.errors import handle_errors
from gateway.api.health import Condition, health_router
from gateway.api.models import models_router
from gateway.api.openapi import describe_surfaces
from gateway.api.surfaces import SurfaceEndpoint
from gateway.audit.sqlite_log import SqliteAuditLog
from gateway.detection.detect import Analyzer, Detector
from gateway.detection.engines import Engines
from gateway.detection.recognizers.plugins import Plugins
from gateway.detection.recognizers.registry import built_in_entities, default_recognizers
from gateway.detection.service.findings_cache import RememberingDetector
from gateway.detection.service.threaded import ThreadedDetector
from gateway.exchange import Decision, Principal
from gateway.identity.authenticator import Authenticator
from gateway.identity.key_store import KeyStore
from gateway.identity.pepper import load_pepper
from gateway.pipeline import Proceed, Stage, compose
from gateway.policy.compile import CompiledDeployment
from gateway.policy.decide import decide, visible_models
from gateway.policy.source import PolicySource
from gateway.protocol.facts import Facts
from gateway.protocol.wire import Surface
from gateway.redaction.redactor import Redactor
from gateway.redaction.surrogates import SURROGATE_ENTITIES
from gateway.settings import Settings
from gateway.stages.authenticate import Authenticate
from gateway.stages.authorize import Authorize, review
from gateway.stages.guide import Guide
from gateway.stages.receive import Receive
from gateway.stages.record import Record
from gateway.stages.redact import Redact
from gateway.stages.route import Route
from gateway.telemetry.metrics import Metrics, configure_metrics
from gateway.telemetry.spans import traced
from gateway.telemetry.tracing import Tracing, configure_tracing
from gateway.upstream.base import Deployment, Timeouts
from gateway.upstream.fleet import Fleet
from gateway.upstream.openai_http import OpenAiHttp

_INLINE_CHARACTERS = 1_000
"""Up to here our own recognizers take less time than handing a text to a thread and back does harm: 1 to 3 ms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything with a life of its own: opened at start, closed in reverse."""

    policy: PolicySource
    keys: KeyStore
    authenticator: Authenticator
    audit: SqliteAuditLog
    detector: ThreadedDetector
    redactor: Redactor
    fleet: Fleet[CompiledDeployment]
    tracing: Tracing
    metrics: Metrics


def build_app(
    settings: Settings,
    environ: Mapping[str, str] = os.environ,
    *,
    analyzer: Callable[[], Analyzer] | None = None,
    recognizers: Callable[[], Sequence[EntityRecognizer]] = default_recognizers,
) -> FastAPI:
    """The gateway as an ASGI application. `recognizers` are those that every tenant has; `analyzer` takes the place of all
    engines. Each is called once, here.

    Raises PolicyError, ProtectionUnavailable, AuditUnavailable or TracingConfigurationError when a part cannot be had.
    """
    parts = _parts(settings, environ, analyzer, recognizers)
    pipeline = compose(_stages(parts))
    app = FastAPI(title="Privacy gateway", version=__version__, docs_url=None, redoc_url=None, lifespan=_lifespan(parts))
    app.include_router(health_router(lambda: _conditions(parts)))
    app.include_router(models_router(parts.authenticator.authenticate, lambda who: visible_models(parts.policy.current, who)))
    app.router.routes.extend(_surface_routes(settings, pipeline))
    describe_surfaces(app)
    handle_errors(app)
    return app


def _parts(
    settings: Settings,
    environ: Mapping[str, str],
    analyzer: Callable[[], Analyzer] | None,
    recognizers: Callable[[], Sequence[EntityRecognizer]],
) -> Parts:
    plugins = Plugins()
    metrics = configure_metrics(environ)
    policy = PolicySource(
        settings.policy,
        known_entities=built_in_entities(),
        surrogate_entities=SURROGATE_ENTITIES,
        environ=environ,
        plugins=plugins.offer,
        on_event=metrics.policy_event,
    )
    metrics.watch_policy(lambda: policy.status)

    def engines() -> Engines:
        quick = _INLINE_CHARACTERS if recognizers is default_recognizers else 0
        return Engines(
            lambda: policy.current.detections, standard=recognizers, plugin=plugins.recognizer, inline_characters=quick
        )

    pepper = load_pepper(settings.secret_path, environ)
    keys = KeyStore(settings.keys_path)
    detector = ThreadedDetector(
        (analyzer or engines)(),
        threads=settings.detection_threads,
        timeout_s=settings.detection_timeout_s,
        backlog=settings.detection_backlog,
    )
    return Parts(
        policy=policy,
        keys=keys,
        authenticator=Authenticator(keys, pepper, policy),
        audit=SqliteAuditLog(settings.audit_path),
        detector=detector,
        redactor=Redactor(_remembering(detector, settings), pepper.key_for("pseudonyms")),
        fleet=Fleet(lambda: policy.current.places, _connect, lambda deployment: deployment.timeouts.total_s),
        tracing=configure_tracing(environ),
        metrics=metrics,
    )


def _remembering(detector: Detector, settings: Settings) -> Detector:
    megabytes = settings.detection_cache_mb
    return RememberingDetector(detector, max_bytes=megabytes * 2**20) if megabytes else detector


def _stages(parts: Parts) -> Sequence[Stage]:
    """The request's way, outermost first."""

    def decide_now(who: Principal, facts: Facts) -> Decision:
        return decide(parts.policy.current, who, facts)

    inner: dict[str, Stage] = {
        "authenticate": Authenticate(parts.authenticator),
        "receive": Receive(),
        "authorize": Authorize(decide_now),
        "guide": Guide(),
        "redact": Redact(parts.redactor, review),
        "route": Route(parts.fleet),
    }
    record = Record(parts.audit, parts.tracing.tracer, parts.metrics.measure)
    if not parts.tracing.enabled:
        return [record, *inner.values()]
    return [record, *(traced(stage, parts.tracing.tracer, name) for name, stage in inner.items())]


def _surface_routes(settings: Settings, pipeline: Proceed) -> list[HttpRoute]:
    def endpoint(surface: Surface) -> SurfaceEndpoint:
        return SurfaceEndpoint(
            surface, pipeline, max_body_bytes=settings.max_body_bytes, body_timeout_s=settings.body_timeout_s
        )

    return [HttpRoute(f"/v1/{surface}", endpoint(surface), methods=["POST"], name=surface.name) for surface in Surface]


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


def _lifespan(parts: Parts) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as closing:
            closing.push_async_callback(asyncio.to_thread, parts.tracing.shutdown)
            closing.push_async_callback(asyncio.to_thread, parts.metrics.shutdown)
            closing.push_async_callback(parts.audit.close)
            closing.callback(parts.keys.close)
            closing.push_async_callback(parts.authenticator.close)
            closing.callback(parts.detector.close)
            closing.push_async_callback(parts.fleet.close)
            _reload_on_hangup(parts.policy)
            watching = asyncio.create_task(parts.policy.watch())
            closing.push_async_callback(_ended, watching)
            yield

    return lifespan


def _reload_on_hangup(policy: PolicySource) -> None:
    """SIGHUP reads the policy and the backends' keys again; only a main thread, and no Windows, can listen for it."""
    with suppress(RuntimeError, ValueError, NotImplementedError, AttributeError):
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGHUP, lambda: loop.run_in_executor(None, policy.reload))


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def _conditions(parts: Parts) -> Mapping[str, Condition]:
    problem = parts.policy.problem
    in_force = f"version {parts.policy.current.version} is in force"
    return {
        "policy": Condition(True, in_force if problem is None else f"{in_force}; the file on disk is not: {problem}"),
        "audit": Condition(parts.audit.healthy, "ok" if parts.audit.healthy else "the record cannot be written"),
        "upstream": await _upstream_condition(parts.fleet),
    }


async def _upstream_condition(fleet: Fleet[CompiledDeployment]) -> Condition:
    well = await fleet.any_healthy()
    return Condition(well, "ok" if well else "no deployment answers")
