"""`gateway fhe serve`: a model's matrices, for clients that show only ciphertexts."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

if TYPE_CHECKING:
    import ssl

    from gateway.fhe.server.serve import Server
from gateway.cli.fhe.session import Activation, Layers, Model, Weight, fail, line_of, need_extra, widths_of

_err = Console(stderr=True, highlight=False, soft_wrap=True)


def serve(
    model: Model,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.", min=0, max=65535)] = 8790,
    tls_cert: Annotated[Path | None, typer.Option(help="Certificate chain (PEM), for TLS.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Its private key (PEM).")] = None,
    secret_file: Annotated[Path | None, typer.Option(help="A secret that clients were given too.")] = None,
    weight_bits: Weight = 11,
    activation_bits: Activation = 13,
    layer_bits: Layers = None,
    clients: Annotated[int, typer.Option(help="Clients at once.", min=1)] = 32,
    threads: Annotated[int, typer.Option(help="Products computed at once, a thread each.", min=1)] = 1,
) -> None:
    """Serve a model's matrices to clients that show only ciphertexts."""
    need_extra()
    from uvicorn.loops.auto import auto_loop_factory

    from gateway.fhe.model.gguf_file import ModelFile, UnreadableModel
    from gateway.fhe.model.quantise import UnusableBits
    from gateway.fhe.plan import NoPlan
    from gateway.fhe.server.serve import Limits, Server, server_tls
    from gateway.fhe.server.weights import load_served_model

    if (tls_cert is None) != (tls_key is None):
        fail("--tls-cert and --tls-key belong together")
    secret = line_of(secret_file, "--secret-file").encode() if secret_file else b""
    try:
        tls = server_tls(tls_cert, tls_key) if tls_cert and tls_key else None
    except OSError:
        fail("the certificate and key cannot be read, or do not belong together, or want a password")
    try:
        with _err.status("Encoding the model's matrices …"):
            served, _ = load_served_model(ModelFile(model), bits=widths_of(weight_bits, activation_bits, layer_bits))
    except (UnreadableModel, UnusableBits, NoPlan) as error:
        fail(str(error))
    server = Server(served, secret, Limits(clients=clients, threads=threads))
    try:
        with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:  # uvloop, where there is one
            runner.run(_serve(server, host, port, tls))
    except OSError:
        fail("cannot listen there")


async def _serve(server: Server, host: str, port: int, tls: ssl.SSLContext | None) -> None:
    done = asyncio.Event()
    async with server.listening(host, port, tls) as listening:
        for number in (signal.SIGINT, signal.SIGTERM):
            with suppress(NotImplementedError):
                asyncio.get_running_loop().add_signal_handler(number, done.set)
        bound = listening.sockets[0].getsockname()[1]
        blueprint = server.model.blueprint
        typer.echo(
            f"Listening on {host}:{bound}{' with TLS' if tls else ''}: {blueprint.name} as {blueprint.bits}, "
            f"fingerprint {blueprint.fingerprint.hex()}",
            err=True,
        )
        await done.wait()
