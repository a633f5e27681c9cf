"""The sidecar's composition root: the gateway's own stages, as far as they serve somebody who holds the key.

::

    api ─▶ receive( at home( redact( generate ))) ─▶ frames through a gateway ─▶ server
"""

from __future__ import annotations

import secrets
import ssl
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from fastapi import FastAPI
from presidio_analyzer import EntityRecognizer
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import Route

from gateway.api.errors import handle_errors
from gateway.api.surfaces import SurfaceEndpoint
from gateway.detection.engines import Engines
from gateway.detection.recognizers.registry import default_recognizers
from gateway.detection.service.threaded import ThreadedDetector
from gateway.fhe.client.generate import Generator
from gateway.fhe.sidecar.way import ThroughGateway
from gateway.fhe.upstream import FheUpstream
from gateway.obligations import EntityRules, Obligations, OperatorKind
from gateway.pipeline import Proceed, compose
from gateway.protocol.wire import Surface
from gateway.redaction.redactor import Redactor
from gateway.rules.detection import DetectionRules
from gateway.sidecar.models import GatewayModels, models_router
from gateway.sidecar.stages import AtHome, Generate
from gateway.sidecar.visitors import OwnPagesOnly
from gateway.stages.receive import Receive
from gateway.stages.redact import Redact
from gateway.upstream.base import Timeouts

_MOST_BODY = 2 * 2**20  # bytes; more than any model of this size reads
_BODY_S = 60.0
_LOCAL = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """What a sidecar is started with. `gateway` ends in `/v1`. `operators` say what is done with types of personal data before
    anything is encrypted; the rest gets place holders. `names` are those that this machine may be called by, so that no web
    page can give it one of its own; empty: any.
    """

    gateway: str
    key: str = field(repr=False)
    generator: Generator = field(repr=False)
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    stated: Mapping[str, str] = field(default_factory=dict)
    operators: Mapping[str, OperatorKind] = field(default_factory=dict)
    high_recall: bool = False
    most_tokens: int = 256
    heartbeat_s: float = 15.0
    total_s: float = 3600.0
    names: tuple[str, ...] = _LOCAL

    @property
    def obligations(self) -> Obligations:
        default = self.operators.get("default", OperatorKind.PLACEHOLDER)
        return Obligations(
            request=EntityRules(default, self.operators),
            reply=EntityRules(OperatorKind.KEEP),
            restore=True,
            detection=DetectionRules(high_recall=self.high_recall),
        )


def build_sidecar(home: Home, recognizers: Callable[[], Sequence[EntityRecognizer]] = default_recognizers) -> FastAPI:
    """The application, ready to be served."""
    obligations = home.obligations
    detector = ThreadedDetector(Engines(lambda: frozenset({obligations.detection}), standard=recognizers))
    way = ThroughGateway(url=home.gateway, key=home.key, tls=home.tls, stated=home.stated)
    upstream = FheUpstream(way, home.generator, timeouts=Timeouts(total_s=home.total_s), most_tokens=home.most_tokens)

    @asynccontextmanager
    async def served(_: FastAPI) -> AsyncIterator[None]:
        yield
        await upstream.close()
        detector.close()

    redact = Redact(Redactor(detector, secrets.token_bytes(32)), lambda exchange, _: exchange)
    pipeline = compose([Receive(), AtHome(obligations), redact, Generate(upstream)])
    app = FastAPI(title="Sidecar of a privacy gateway", docs_url=None, redoc_url=None, openapi_url=None, lifespan=served)
    app.router.routes.append(_chat(pipeline, home.heartbeat_s))
    app.include_router(models_router(GatewayModels(home.gateway, home.key, home.tls)))
    handle_errors(app)
    app.add_middleware(OwnPagesOnly)
    if home.names:
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(home.names))
    return app


def _chat(pipeline: Proceed, heartbeat_s: float) -> Route:
    endpoint = SurfaceEndpoint(
        Surface.CHAT, pipeline, max_body_bytes=_MOST_BODY, body_timeout_s=_BODY_S, heartbeat_s=heartbeat_s
    )
    return Route(f"/v1/{Surface.CHAT}", endpoint, methods=["POST"])
