"""The composition root: read it to see the request's way. What the stages work with is opened in `parts`.

::

    api ─▶ record( authenticate( receive( authorize( guide( limit( redact( route ))))))) ─▶ upstream
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from fastapi import FastAPI
from presidio_analyzer import EntityRecognizer
from starlette.routing import Route as HttpRoute

from gateway import __version__
from gateway.api.admin.app import AdminParts, admin_host, build_admin, mount_admin
from gateway.api.errors import handle_errors
from gateway.api.health import health_router
from gateway.api.models import models_router
from gateway.api.openapi import describe_surfaces
from gateway.api.surfaces import SurfaceEndpoint
from gateway.detection.detect import Analyzer
from gateway.detection.recognizers.registry import default_recognizers
from gateway.exchange import Decision, Principal
from gateway.parts import Parts, conditions, lifespan, open_parts
from gateway.pipeline import Proceed, Stage, compose, timed
from gateway.policy.decide import decide, visible_models
from gateway.protocol.facts import Facts
from gateway.protocol.wire import Surface
from gateway.settings import Settings
from gateway.stages.authenticate import Authenticate
from gateway.stages.authorize import Authorize, review
from gateway.stages.guide import Guide
from gateway.stages.limit import Limit
from gateway.stages.receive import Receive
from gateway.stages.record import Record
from gateway.stages.redact import Redact
from gateway.stages.route import Route
from gateway.telemetry.spans import traced


@dataclass(frozen=True, slots=True)
class Gateway:
    """The ASGI applications to serve. `admin` is there when administration has a port of its own."""

    app: FastAPI
    admin: FastAPI | None = None


def build_gateway(
    settings: Settings,
    environ: Mapping[str, str] = os.environ,
    *,
    analyzer: Callable[[], Analyzer] | None = None,
    recognizers: Callable[[], Sequence[EntityRecognizer]] = default_recognizers,
) -> Gateway:
    """The gateway, ready to be served. `recognizers` are those that every tenant has; `analyzer` takes the place of all
    engines. Each is called once, here.

    Raises PolicyError, ProtectionUnavailable, AuditUnavailable or TelemetryConfigurationError when a part cannot be had.
    """
    parts = open_parts(settings, environ, analyzer, recognizers)
    pipeline = compose(_stages(parts))
    app = FastAPI(title="Privacy gateway", version=__version__, docs_url=None, redoc_url=None, lifespan=lifespan(parts))
    app.include_router(health_router(lambda: conditions(parts)))
    app.include_router(models_router(parts.authenticator.authenticate, lambda who: visible_models(parts.policy.current, who)))
    app.router.routes.extend(_surface_routes(settings, pipeline))
    describe_surfaces(app)
    handle_errors(app)
    admin = build_admin(_admin_parts(parts, settings))
    if settings.admin_port is not None:
        return Gateway(app, admin_host(admin))
    mount_admin(app, admin)
    return Gateway(app)


def build_app(
    settings: Settings,
    environ: Mapping[str, str] = os.environ,
    *,
    analyzer: Callable[[], Analyzer] | None = None,
    recognizers: Callable[[], Sequence[EntityRecognizer]] = default_recognizers,
) -> FastAPI:
    """The gateway alone, for whoever serves ASGI applications by other means."""
    return build_gateway(settings, environ, analyzer=analyzer, recognizers=recognizers).app


def _stages(parts: Parts) -> Sequence[Stage]:
    """The request's way, outermost first."""

    def decide_now(who: Principal, facts: Facts) -> Decision:
        return decide(parts.policy.current, who, facts)

    inner: dict[str, Stage] = {
        "authenticate": Authenticate(parts.authenticator),
        "receive": Receive(),
        "authorize": Authorize(decide_now),
        "guide": Guide(),
        "limit": Limit(parts.limiter),
        "redact": Redact(parts.redactor, review),
        "route": Route(parts.fleet),
    }
    record = Record(parts.audit, parts.tracing.tracer, parts.metrics.measure)
    if parts.tracing.enabled:
        inner = {name: traced(stage, parts.tracing.tracer, name) for name, stage in inner.items()}
    return [record, *(timed(stage, name) for name, stage in inner.items())]


def _surface_routes(settings: Settings, pipeline: Proceed) -> list[HttpRoute]:
    def endpoint(surface: Surface) -> SurfaceEndpoint:
        return SurfaceEndpoint(
            surface, pipeline, max_body_bytes=settings.max_body_bytes, body_timeout_s=settings.body_timeout_s
        )

    return [HttpRoute(f"/v1/{surface}", endpoint(surface), methods=["POST"], name=surface.name) for surface in Surface]


def _admin_parts(parts: Parts, settings: Settings) -> AdminParts:
    return AdminParts(
        person=parts.authenticator.person,
        keys=parts.keys,
        pepper=parts.pepper,
        policy=parts.policy,
        check=parts.policy_checker,
        limiter=parts.limiter,
        log=parts.audit,
        audit_path=settings.audit_path,
    )
