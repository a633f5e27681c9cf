"""What each face of the gateway is given of its parts: surfaces, relay, feedback, documents, administration, explorer."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI
from starlette.routing import Route as HttpRoute
from starlette.routing import WebSocketRoute

from gateway.api.access import AccessNotes
from gateway.api.admin.acts import ActLog
from gateway.api.admin.app import AdminParts
from gateway.api.cors import CrossOrigin
from gateway.api.door import Authenticate, entering
from gateway.api.knowledge.caller import Door
from gateway.api.knowledge.parts import KnowledgeParts
from gateway.api.relay import PATH as RELAY_PATH
from gateway.api.relay import RelayEndpoint
from gateway.api.surfaces import SurfaceEndpoint
from gateway.assembly.parts import Parts
from gateway.audit.act import Action
from gateway.dp.feedback.desk import FeedbackDesk
from gateway.explorer.index.index import Index
from gateway.explorer.parts import ExplorerParts
from gateway.explorer.prices.price_list import load_prices
from gateway.limits.calls import CallCount
from gateway.pipeline import Proceed
from gateway.protocol.wire import Surface
from gateway.settings import Settings


def surface_routes(settings: Settings, pipeline: Proceed) -> list[HttpRoute]:
    """Where the OpenAI surfaces are asked."""

    def endpoint(surface: Surface) -> SurfaceEndpoint:
        return SurfaceEndpoint(
            surface,
            pipeline,
            max_body_bytes=settings.max_body_bytes,
            body_timeout_s=settings.body_timeout_s,
            stalled_s=settings.stalled_client_s,
            heartbeat_s=settings.heartbeat_s,
            tracestate_keys=frozenset(settings.tracestate_keys.split(",")),
        )

    return [HttpRoute(f"/v1/{surface}", endpoint(surface), methods=["POST"], name=surface.name) for surface in Surface]


def relay_route(settings: Settings, pipeline: Proceed) -> WebSocketRoute:
    """Where a sidecar's frames come in."""
    keys = frozenset(settings.tracestate_keys.split(","))
    return WebSocketRoute(RELAY_PATH, RelayEndpoint(pipeline, stalled_s=settings.stalled_client_s, tracestate_keys=keys))


def doors(parts: Parts) -> Callable[[Action], Authenticate]:
    """Who may come in for what is no exchange."""
    acts = ActLog(parts.keeping.audit)
    return lambda tried: entering(parts.authenticator.authenticate, acts, tried)


def feedback_desk(parts: Parts) -> FeedbackDesk:
    """Who takes what callers say of their answers."""
    kept = parts.keeping
    answers = Index(kept.database).answers
    return FeedbackDesk(kept.database, kept.audit, kept.keeper, parts.detecting.redactor, parts.decide, answers)


def call_count(parts: Parts) -> CallCount:
    """Who counts calls that are no exchanges."""
    return CallCount(parts.limiter, parts.standing)


def knowledge_parts(parts: Parts, settings: Settings) -> KnowledgeParts:
    """For files and vector stores."""
    acts, uploads = ActLog(parts.keeping.audit), parts.documents.uploads
    return KnowledgeParts(
        door=Door(
            parts.authenticator.authenticate,
            parts.standing,
            acts,
            call_count(parts),
            body_timeout_s=settings.body_timeout_s,
        ),
        acts=acts,
        keeping=uploads.keeping,
        reader=uploads.reader,
        library=uploads.library,
        protection=uploads.protection,
        rules_of=uploads.rules_of,
        vault=parts.keeping.vault,
        nudge=uploads.nudge,
    )


def admin_parts(parts: Parts) -> AdminParts:
    """For people who administer."""
    return AdminParts(
        person=parts.authenticator.person,
        keys=parts.keys,
        pepper=parts.pepper,
        policy=parts.policy,
        check=parts.policy_checker,
        limiter=parts.limiter,
        clear_cache=parts.caching.answers.clear,
        log=parts.keeping.audit,
        database=parts.keeping.database,
    )


def explorer_parts(parts: Parts, settings: Settings) -> ExplorerParts:
    """For people who look at what happened. Raises PriceListError."""
    return ExplorerParts(
        person=parts.authenticator.person,
        keys=parts.keys,
        pepper=parts.pepper,
        policy=parts.policy,
        log=parts.keeping.audit,
        database=parts.keeping.database,
        keyring=parts.keeping.keyring,
        prices=load_prices(settings.price_list),
        break_glass_minutes=settings.break_glass_minutes,
    )


def opened(app: FastAPI, settings: Settings) -> None:
    """To pages of other origins, where a setting names some; around every answer of the application, refusals too."""
    if settings.cors_origins:
        app.add_middleware(CrossOrigin, origins=frozenset(settings.cors_origins.split(",")))


def noted(app: FastAPI, parts: Parts, settings: Settings) -> FastAPI:
    """The application, outermost with the access log."""
    calls = parts.telemetry.logs.calls
    if calls.enabled:
        app.add_middleware(AccessNotes, note=calls.accessed, with_peer=settings.access_log_peer)
    return app
