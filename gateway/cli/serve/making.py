"""The gateway's server, made from settings."""

from __future__ import annotations

import socket
from dataclasses import dataclass

import typer
import uvicorn
from fastapi import FastAPI

from gateway.cli.serve.diagnostics import diagnostics_to_stderr
from gateway.cli.serve.gathered import GatheredHttp
from gateway.cli.serve.server import Announce, AnnouncingServer, Farewell
from gateway.cli.serve.upgrades import upgrade_options
from gateway.errors import GatewayError
from gateway.explorer.prices.price_list import PriceListError
from gateway.policy.reading.problems import PolicyError
from gateway.settings import Settings
from gateway.telemetry.tracing import TracingConfigurationError


@dataclass(frozen=True, slots=True)
class Sockets:
    """Bound sockets that several processes listen to: of the gateway, and of administration where it has a port of its own."""

    main: socket.socket
    admin: socket.socket | None = None


def make_server(
    settings: Settings, announce: Announce, sockets: Sockets | None = None, *, first: bool = True
) -> uvicorn.Server:
    """The server with the gateway in it; exits with a message when a part of the gateway cannot be had.

    `sockets` are those to share with other processes, of which one is the `first`.
    """
    from gateway.app import build_gateway  # loads every model: only for commands that serve

    diagnostics_to_stderr()
    try:
        gateway = build_gateway(settings, first=first)
    except (PolicyError, TracingConfigurationError, PriceListError, GatewayError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    beside = _config(settings, gateway.admin, settings.admin_port) if gateway.admin is not None else None
    apart = sockets.admin if sockets else None
    farewell = Farewell(gateway.drain, settings.drain_notice_s) if gateway.drain is not None else None
    config = _config(settings, gateway.app, settings.port)
    return AnnouncingServer(config, announce, beside, apart, farewell, settings.stalled_client_s)


def _config(settings: Settings, app: FastAPI, port: int | None) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=settings.host,
        port=port or 0,
        access_log=False,  # ours is GATEWAY_ACCESS_LOG: uvicorn's has paths and queries as they came
        log_config=None,
        log_level="warning",
        server_header=False,
        proxy_headers=False,  # or whoever connects from this machine could claim a trusted proxy's address
        timeout_graceful_shutdown=settings.drain_timeout_s,
        limit_concurrency=settings.max_connections,
        http=_http(settings.head_timeout_s),
        **upgrade_options(),
    )


def _http(seconds: float) -> type[GatheredHttp]:
    """uvicorn makes a protocol for each connection by itself, and passes nothing of ours on."""

    class Http(GatheredHttp):
        head_timeout_s = seconds

    return Http
