"""Applications that answer the same requests: the gateway in a few settings, and a proxy that does nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from bench.gateways import KEEP, REDACT, policy_of
from bench.hotpath.caller import Caller
from gateway.app import build_app
from gateway.identity.key_store import KeyStore
from gateway.identity.pepper import load_pepper
from gateway.identity.virtual_keys import mint
from gateway.settings import Settings


@dataclass(frozen=True, slots=True)
class Way:
    """A gateway with this policy for entities, and these settings of telemetry."""

    name: str
    entities: str
    signals: tuple[str, ...] = field(default=())


BARE = "bare pass-through"
WAYS = (Way("redaction off", KEEP), Way("redaction", REDACT), Way("redaction, spans", REDACT, ("TRACES",)))


@asynccontextmanager
async def gateway(way: Way, folder: Path, backend: str) -> AsyncIterator[Caller]:
    """A gateway, started in this process."""
    state = folder / way.name.replace(" ", "-")
    state.mkdir()
    policy = state / "policy.yaml"
    policy.write_text(policy_of(backend, way.entities))
    settings = Settings(policy=policy, state_dir=state)
    sink = backend.removesuffix("/v1")
    environ: Mapping[str, str] = {f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT": f"{sink}/v1/traces" for signal in way.signals}
    app = build_app(settings, environ)
    key = mint(load_pepper(settings.secret_path, {}), tenant="bench", principal="driver", now=datetime.now(UTC))
    KeyStore(settings.keys_path).add(key.record)
    async with app.router.lifespan_context(app):
        yield Caller(app, key.plaintext)


@asynccontextmanager
async def bare(backend: str) -> AsyncIterator[Caller]:
    """Starlette and aiohttp: bytes in, bytes out."""
    async with aiohttp.ClientSession() as session:
        yield Caller(_bare_app(session, f"{backend}/chat/completions"), "none")


def _bare_app(session: aiohttp.ClientSession, url: str) -> ASGIApp:
    async def relay(request: Request) -> Response:
        answer = await session.post(url, data=await request.body(), headers={"Content-Type": "application/json"})
        if answer.content_type != "text/event-stream":
            return Response(await answer.read(), answer.status, media_type="application/json")
        return StreamingResponse(answer.content.iter_any(), answer.status, media_type="text/event-stream")

    return Starlette(routes=[Route("/v1/chat/completions", relay, methods=["POST"])])
