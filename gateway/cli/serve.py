"""`gateway serve`: run the gateway."""

from __future__ import annotations

import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
import uvicorn
from pydantic import ValidationError

from gateway.errors import GatewayError
from gateway.policy.reading.problems import PolicyError
from gateway.settings import Settings
from gateway.telemetry.tracing import TracingConfigurationError

PolicyPath = Annotated[Path | None, typer.Option("--policy", help="Default: GATEWAY_POLICY, or policies/demo.yaml.")]
StatePath = Annotated[Path | None, typer.Option("--state-dir", help="Folder of the gateway's own files.")]
Host = Annotated[str | None, typer.Option(help="Address to listen on. Default: GATEWAY_HOST, or 127.0.0.1.")]
Port = Annotated[int | None, typer.Option(help="Port to listen on. Default: GATEWAY_PORT, or 8080.")]


def serve(policy: PolicyPath = None, state_dir: StatePath = None, host: Host = None, port: Port = None) -> None:
    """Serve the OpenAI surfaces under the policy. Options go before GATEWAY_* variables."""
    settings = settings_from(policy=policy, state_dir=state_dir, host=host, port=port)
    line = f"Listening on http://{settings.host}:{settings.port}/v1 under {settings.policy}"
    # uvicorn raises the signal again when it has drained, for whoever handled it before: to us it is an orderly end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    make_server(settings, lambda: typer.echo(line, err=True)).run()


def settings_from(**given: Any) -> Settings:
    """Settings from options and environment; exits with a message when one cannot be."""
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        for problem in error.errors(include_input=False, include_url=False):
            name = "GATEWAY_" + "_".join(str(step) for step in problem["loc"]).upper()
            typer.echo(f"{name}: {problem['msg']}", err=True)
        raise typer.Exit(2) from None


class _AnnouncingServer(uvicorn.Server):
    """Says so when it listens: a command pasted before that would be refused."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._announce()


def make_server(settings: Settings, announce: Callable[[], None]) -> uvicorn.Server:
    """The server with the gateway in it; exits with a message when a part of the gateway cannot be had."""
    from gateway.app import build_app  # loads every model: only for commands that serve

    try:
        app = build_app(settings)
    except (PolicyError, TracingConfigurationError, GatewayError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        access_log=False,  # the record is the access log; a request line may hold personal data
        log_level="warning",
        server_header=False,
        proxy_headers=False,  # or whoever connects from this machine could claim a trusted proxy's address
        timeout_graceful_shutdown=settings.drain_timeout_s,
    )
    return _AnnouncingServer(config, announce)
