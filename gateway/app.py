"""The composition root: read it to see the request's way. What the stages work with is opened in `parts`.

::

    api ─▶ record( authenticate( watch( receive( authorize( recollect( converse( guide( limit(
           ground( judge( redact( cache( shadow( count( route ))))))))))))))) ─▶ upstream

Whoever holds the key to the encrypted endpoint sends frames that nobody here can read, and so has a shorter one::

    api.relay ─▶ record( recheck( authenticate( authorize( limit( relay ))))) ─▶ upstream
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI
from presidio_analyzer import EntityRecognizer

from gateway import __version__
from gateway.accounting.count import TokenCount
from gateway.api.admin.app import admin_host, build_admin, mount_admin
from gateway.api.errors import handle_errors
from gateway.api.feedback import feedback_router
from gateway.api.front import Front
from gateway.api.health import health_router
from gateway.api.knowledge.routers import knowledge_routers
from gateway.api.models import models_router
from gateway.api.openapi import describe_surfaces
from gateway.api.private import Private
from gateway.assembly import faces
from gateway.assembly.lifespan import lifespan
from gateway.assembly.parts import Parts, open_parts
from gateway.assembly.readiness import conditions
from gateway.audit.act import Action
from gateway.audit.event import ExchangeRecord
from gateway.detection.detect import Analyzer
from gateway.detection.recognizers.registry import default_recognizers
from gateway.drain import Drain
from gateway.exchange import Decision, Principal
from gateway.explorer.app import build_explorer, mount_explorer
from gateway.grounding.nameable import Nameable
from gateway.grounding.noticed import Noticed
from gateway.pipeline import Stage, compose, timed
from gateway.policy.decide import visible_models
from gateway.policy.unread import decide_unread
from gateway.protocol.facts import Facts
from gateway.sensitivity.classifiers import Classifiers
from gateway.settings import Settings
from gateway.stages.authenticate import Authenticate
from gateway.stages.authorize import Authorize, review
from gateway.stages.cache import Cache
from gateway.stages.converse import Converse
from gateway.stages.count import Count
from gateway.stages.ground import Ground
from gateway.stages.guide import Guide
from gateway.stages.judge import Judge
from gateway.stages.limit import Limit
from gateway.stages.receive import Receive
from gateway.stages.recheck import Recheck
from gateway.stages.recollect import Recollect
from gateway.stages.record import Record
from gateway.stages.redact import Redact
from gateway.stages.relay import Relay
from gateway.stages.route import Route
from gateway.stages.shadow import Shadow
from gateway.stages.watch import Watch
from gateway.telemetry.spans import traced
from gateway.vault.answered import Answers
from gateway.vault.desk import Desk


@dataclass(frozen=True, slots=True)
class Gateway:
    """The ASGI applications to serve, and how they are told to leave. `admin` is there when administration has a port of its
    own.
    """

    app: FastAPI
    admin: FastAPI | None = None
    drain: Drain | None = None


def build_gateway(
    settings: Settings,
    environ: Mapping[str, str] = os.environ,
    *,
    analyzer: Callable[[], Analyzer] | None = None,
    recognizers: Callable[[], Sequence[EntityRecognizer]] = default_recognizers,
    first: bool = True,
) -> Gateway:
    """The gateway, ready to be served. `recognizers` are those that every tenant has; `analyzer` takes the place of all
    engines. Each is called once, here. Of several processes with these settings, only the `first` enters on the record
    which policy it loaded.

    Raises PolicyError, ProtectionUnavailable, AuditUnavailable, TelemetryConfigurationError or PriceListError when a part
    cannot be had.
    """
    return assembled(open_parts(settings, environ, analyzer, recognizers, first=first), settings)


def assembled(parts: Parts, settings: Settings) -> Gateway:
    """The applications over parts that are open. Raises PriceListError."""
    record = Record(parts.keeping.audit, parts.telemetry.tracing.tracer, _observers(parts), parts.keeping.keeper)
    pipeline = compose(_stages(parts, settings, record))
    served = lifespan(parts, settings)
    app = FastAPI(title="Privacy gateway", version=__version__, docs_url=None, redoc_url=None, lifespan=served)
    app.include_router(health_router(lambda: conditions(parts)))
    known = faces.doors(parts)
    app.include_router(models_router(known(Action.MODELS_LIST), lambda who: visible_models(parts.policy.current, who)))
    for router in knowledge_routers(faces.knowledge_parts(parts, settings)):
        app.include_router(router)
    give, count = faces.feedback_desk(parts).give, faces.call_count(parts).counted
    app.include_router(feedback_router(known(Action.FEEDBACK_GIVE), count, give, body_timeout_s=settings.body_timeout_s))
    surfaces = faces.surface_routes(settings, pipeline)
    app.router.routes.extend(surfaces)
    app.router.routes.append(faces.relay_route(settings, compose(_relay_stages(parts, record))))
    app.add_middleware(Private)
    app.add_middleware(Front, routes=surfaces)  # what it answers is asked for by POST, which caches do not keep
    describe_surfaces(app)
    handle_errors(app)
    faces.opened(app, settings)
    admin = build_admin(faces.admin_parts(parts))
    explorer = build_explorer(faces.explorer_parts(parts, settings))
    if settings.admin_port is not None:
        host = admin_host(admin)
        mount_explorer(host, explorer)
        return Gateway(faces.noted(app, parts, settings), faces.noted(host, parts, settings), parts.backends.drain)
    mount_admin(app, admin)
    mount_explorer(app, explorer)
    return Gateway(faces.noted(app, parts, settings), drain=parts.backends.drain)


def build_app(
    settings: Settings,
    environ: Mapping[str, str] = os.environ,
    *,
    analyzer: Callable[[], Analyzer] | None = None,
    recognizers: Callable[[], Sequence[EntityRecognizer]] = default_recognizers,
) -> FastAPI:
    """The gateway alone, for whoever serves ASGI applications by other means."""
    return build_gateway(settings, environ, analyzer=analyzer, recognizers=recognizers).app


def _stages(parts: Parts, settings: Settings, record: Record) -> Sequence[Stage]:
    """The request's way, outermost first."""

    def tokenizer_of(deployment: str) -> Path | None:
        known = parts.policy.current.deployments.get(deployment)
        return None if known is None else known.tokenizer

    tokens, cached, backends = TokenCount(tokenizer_of), parts.caching, parts.backends
    door: dict[str, Stage] = {"authenticate": Authenticate(parts.authenticator)}
    first: dict[str, Stage] = {"receive": Receive(), "authorize": Authorize(parts.decide)}
    inner: dict[str, Stage] = {
        "converse": Converse(parts.keeping.tenant_keys),
        "guide": Guide(),
        "limit": Limit(parts.limiter),
        "ground": Ground(parts.documents.sources, tokens.each),
        "judge": Judge(Classifiers()),
        "redact": Redact(parts.detecting.redactor, review, _desk(parts)),
        "cache": Cache(cached.answers, cached.flights, paced=settings.cache_paced, rewordings=cached.rewordings),
    }
    affinity, tracer = parts.pepper.key_for("affinity"), parts.telemetry.tracing.tracer
    route = Route(backends.fleet, backends.router, affinity, tracer)
    # What only looks on has neither a span nor a time of its own, nor has what is seldom asked for.
    recollect = Recollect(_answers(parts, settings))
    aside: list[Stage] = [Shadow(backends.shadows, affinity), Count(tokens)]
    within = [*_followed(parts, first), recollect, *_followed(parts, inner), *aside, *_followed(parts, {"route": route})]
    return [record, *_logged(parts), *_followed(parts, door), Watch(parts.authenticator), *within]


def _desk(parts: Parts) -> Desk:
    """The vault's, which knows what of it stands in documents that not everybody may see."""
    kept = parts.keeping
    return Desk(kept.vault, Nameable(kept.database).of, Noticed(kept.database).of)


def _answers(parts: Parts, settings: Settings) -> Answers:
    """Items of answers that callers may name, in the vault."""
    return Answers(parts.keeping.vault, parts.detecting.redactor, max_bytes=settings.max_body_bytes)


def _relay_stages(parts: Parts, record: Record) -> Sequence[Stage]:
    """The way of frames that only their sender can read: what needs a look at them is left out."""

    def decide_blind(who: Principal, facts: Facts) -> Decision:
        return decide_unread(parts.policy.current, who, facts)

    inner: dict[str, Stage] = {
        "authenticate": Authenticate(parts.authenticator),
        "authorize": Authorize(decide_blind),
        "limit": Limit(parts.limiter),
        "relay": Relay(parts.backends.fleet, parts.backends.router, parts.telemetry.tracing.tracer),
    }
    return [record, *_logged(parts), Recheck(parts.authenticator), *_followed(parts, inner)]


def _logged(parts: Parts) -> Sequence[Stage]:
    """What notes who called, where a log asks for it."""
    calls = parts.telemetry.logs.calls
    return [calls.follow] if calls.enabled else []


def _followed(parts: Parts, stages: Mapping[str, Stage]) -> Iterator[Stage]:
    """Each with its time on the record, and a span where traces are taken."""
    tracing = parts.telemetry.tracing
    for name, stage in stages.items():
        yield timed(traced(stage, tracing.tracer, name) if tracing.enabled else stage, name)


def _observers(parts: Parts) -> Callable[[ExchangeRecord], None]:
    """Who hears of an exchange when its record is complete."""
    metrics, calls = parts.telemetry.metrics, parts.telemetry.logs.calls
    if not calls.enabled:
        return metrics.measure

    def observe(record: ExchangeRecord) -> None:
        metrics.measure(record)
        calls.told(record)

    return observe
