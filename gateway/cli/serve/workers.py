"""`gateway serve --workers N`: processes that share the sockets, and what one of them does."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import sys
import threading
from functools import partial
from multiprocessing.connection import Connection

import typer
import uvicorn

from gateway.cli.serve.diagnostics import diagnostics_to_stderr
from gateway.cli.serve.making import Sockets, make_server
from gateway.cli.serve.server import Announce, port_of
from gateway.cli.serve.supervisor import FIRST, Supervisor
from gateway.settings import Settings

_TO_CLOSE_S = 10
"""Beyond the drain: to write what the record is owed and to send what telemetry holds."""

_NEEDS_REDIS = "Several workers count limits together, so they need a Redis: set GATEWAY_REDIS_URL, or serve with one worker."


def serve_with_workers(settings: Settings, announce: Announce) -> int:
    """The exit status. Exits with a message where the settings do not allow it, or a port cannot be had."""
    if settings.redis_url is None:
        typer.echo(_NEEDS_REDIS, err=True)
        raise typer.Exit(2)
    diagnostics_to_stderr()
    sockets = _bound(settings)
    supervisor = Supervisor(
        partial(_work, settings, sockets),
        settings.workers,
        announce=lambda: announce(port_of(sockets.main), None if sockets.admin is None else port_of(sockets.admin)),
        grace_s=settings.drain_notice_s + settings.drain_timeout_s + _TO_CLOSE_S,
    )
    return supervisor.run()


def _bound(settings: Settings) -> Sockets:
    """Bound here and listened to by workers: nobody is let in before there is somebody to answer."""
    return Sockets(
        _socket(settings.host, settings.port),
        None if settings.admin_port is None else _socket(settings.host, settings.admin_port),
    )


def _socket(host: str, port: int) -> socket.socket:
    return uvicorn.Config("", host=host, port=port, log_config=None).bind_socket()


def _work(settings: Settings, sockets: Sockets, number: int, word: Connection) -> None:
    """In the new process. It ends when it is told to, and when its supervisor is no more."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # uvicorn's comes in its place; this is for when that one has done its work
    if hangup := getattr(signal, "SIGHUP", None):
        signal.signal(hangup, signal.SIG_IGN)
    threading.Thread(target=_end_with_supervisor, daemon=True).start()
    try:
        server = make_server(settings, lambda *_: word.send(number), sockets, first=number == FIRST)
    except typer.Exit as ended:
        sys.exit(ended.exit_code)
    server.run(sockets=[sockets.main])


def _end_with_supervisor() -> None:
    supervisor = multiprocessing.parent_process()
    if supervisor is not None:
        supervisor.join()
        os.kill(os.getpid(), signal.SIGTERM)
