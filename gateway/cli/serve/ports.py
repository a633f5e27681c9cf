"""Whether somebody listens on a port already: asked before anything is loaded, and told in a sentence."""

from __future__ import annotations

import errno
import socket

import typer

from gateway.settings import Settings


def is_taken(host: str, port: int) -> bool:
    """Whether the port cannot be had because another process has it; 0 is any free one. What else may be wrong with an address,
    whoever listens finds out.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE) if port else ()
    except OSError:
        return False
    return any(_is_bound(family, address) for family, _, _, _, address in found)


def require_free(host: str, port: int, remedy: str) -> None:
    """Ends the command with status 1 where the port is taken."""
    if is_taken(host, port):
        typer.echo(f"Port {port} on {host} is in use; {remedy}.", err=True)
        raise typer.Exit(1)


def require_both_free(settings: Settings) -> None:
    """Of the gateway, and of administration where that has a port of its own."""
    require_free(settings.host, settings.port, "choose another one with --port or GATEWAY_PORT")
    if settings.admin_port is not None:
        require_free(settings.host, settings.admin_port, "choose another one with GATEWAY_ADMIN_PORT")


def free_port(host: str) -> int:
    """One that nobody has now. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _is_bound(family: int, address: object) -> bool:
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            probe.bind(address)  # type: ignore[arg-type]
    except OSError as error:
        return error.errno == errno.EADDRINUSE
    return False
