"""`gateway serve`: run the gateway."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from gateway.cli.serve.making import make_server
from gateway.cli.serve.misspelt import misspelt
from gateway.cli.serve.ports import require_both_free
from gateway.cli.serve.server import url_of
from gateway.settings import Settings

PolicyPath = Annotated[Path | None, typer.Option("--policy", help="Default: GATEWAY_POLICY, or policies/demo.yaml.")]
StatePath = Annotated[Path | None, typer.Option("--state-dir", help="Folder of the gateway's own files.")]
Host = Annotated[str | None, typer.Option(help="Address to listen on. Default: GATEWAY_HOST, or 127.0.0.1.")]
Port = Annotated[int | None, typer.Option(help="Port to listen on. Default: GATEWAY_PORT, or 8080.")]
Workers = Annotated[int | None, typer.Option(help="Processes that serve together. Default: GATEWAY_WORKERS, or 1.")]


def serve(
    policy: PolicyPath = None, state_dir: StatePath = None, host: Host = None, port: Port = None, workers: Workers = None
) -> None:
    """Serve the OpenAI surfaces under the policy. Options go before GATEWAY_* variables."""
    settings = settings_from(policy=policy, state_dir=state_dir, host=host, port=port, workers=workers)
    require_both_free(settings)
    for written, meant in misspelt(os.environ):
        typer.echo(f"{written} is no setting of the gateway; did you mean {meant}?", err=True)

    def announce(port: int, admin_port: int | None) -> None:
        apart = "" if admin_port is None else f"; administration on {url_of(settings.host, admin_port)}/admin"
        workers = f" with {settings.workers} workers" if settings.workers > 1 else ""
        typer.echo(f"Listening on {url_of(settings.host, port)}/v1 under {settings.policy}{workers}{apart}", err=True)

    if settings.workers > 1:
        from gateway.cli.serve.workers import serve_with_workers

        raise typer.Exit(serve_with_workers(settings, announce))
    # uvicorn raises the signal again when it has drained, for whoever handled it before: to us it is an orderly end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    make_server(settings, announce).run()


def settings_from(**given: Any) -> Settings:
    """Settings from options and environment; exits with a message, naming option or variable, when one cannot be."""
    options = {name: value for name, value in given.items() if value is not None}
    try:
        return Settings(**options)
    except ValidationError as error:
        for problem in error.errors(include_input=False, include_url=False):
            field = "_".join(str(step) for step in problem["loc"])
            name = f"--{field.replace('_', '-')}" if field in options else f"GATEWAY_{field.upper()}"
            typer.echo(f"{name}: {problem['msg']}", err=True)
        raise typer.Exit(2) from None
