"""`gateway fhe`: the endpoint that computes under homomorphic encryption."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    import ssl

    from gateway.fhe.model.widths import Widths
    from gateway.fhe.server.serve import Server

app = typer.Typer(
    name="fhe", help="Compute on what cannot be read: an endpoint under homomorphic encryption.", no_args_is_help=True
)
_err = Console(stderr=True, highlight=False, soft_wrap=True)

Model = Annotated[Path, typer.Option(help="The model: a GGUF of Llama's architecture.", exists=True, dir_okay=False)]
Weight = Annotated[int, typer.Option(help="Bits of a weight, sign included.", min=2, max=15)]
Activation = Annotated[int, typer.Option(help="Bits of an activation, sign included.", min=3, max=20)]
Layers = Annotated[
    list[str] | None,
    typer.Option(help="Other bits for some: 0-3=12,13 or 29/down=12,14 or, for all layers, down=11,14; several times."),
]


@app.command()
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
    _need_extra()
    from uvicorn.loops.auto import auto_loop_factory

    from gateway.fhe.model.gguf_file import ModelFile, UnreadableModel
    from gateway.fhe.model.quantise import UnusableBits
    from gateway.fhe.plan import NoPlan
    from gateway.fhe.server.serve import Limits, Server, server_tls
    from gateway.fhe.server.weights import load_served_model

    if (tls_cert is None) != (tls_key is None):
        _fail("--tls-cert and --tls-key belong together")
    secret = _line_of(secret_file, "--secret-file").encode() if secret_file else b""
    try:
        tls = server_tls(tls_cert, tls_key) if tls_cert and tls_key else None
    except OSError:
        _fail("the certificate and key cannot be read, or do not belong together, or want a password")
    try:
        with _err.status("Encoding the model's matrices …"):
            served, _ = load_served_model(ModelFile(model), bits=_widths(weight_bits, activation_bits, layer_bits))
    except (UnreadableModel, UnusableBits, NoPlan) as error:
        _fail(str(error))
    server = Server(served, secret, Limits(clients=clients, threads=threads))
    try:
        with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:  # uvloop, where there is one
            runner.run(_serve(server, host, port, tls))
    except OSError:
        _fail("cannot listen there")


@app.command("client-part")
def client_part(
    model: Model,
    output: Annotated[Path, typer.Option(help="The file to write: a GGUF without the model's matrices.")],
    weight_bits: Weight = 11,
    activation_bits: Activation = 13,
    layer_bits: Layers = None,
) -> None:
    """Write the file that a client needs: embedding, norms, tokenizer, and how the matrices are cut and scaled."""
    _need_extra()
    from gateway.fhe.model.blueprint import drawn
    from gateway.fhe.model.client_part import write_client_part
    from gateway.fhe.model.gguf_file import ModelFile, UnreadableModel
    from gateway.fhe.model.quantise import UnusableBits
    from gateway.fhe.plan import NoPlan

    try:
        file = ModelFile(model)
        blueprint, scales = drawn(file, lambda *_: None, bits=_widths(weight_bits, activation_bits, layer_bits))
        write_client_part(file, blueprint, scales, output)
    except (UnreadableModel, UnusableBits, NoPlan) as error:
        _fail(str(error))
    except OSError:
        _fail("the output cannot be written")
    typer.echo(f"{output}: {output.stat().st_size / 1e6:.0f} MB, fingerprint {blueprint.fingerprint.hex()}")


@app.command()
def client(
    gateway: Annotated[str, typer.Option(help="The gateway's address, such as https://gateway.example.org/v1.")],
    api_key_file: Annotated[Path, typer.Option(help="Your key for that gateway.", exists=True, dir_okay=False)],
    client_file: Annotated[Path, typer.Option(help="The client's part of the model.", exists=True, dir_okay=False)],
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.", min=0, max=65535)] = 8081,
    entities: Annotated[
        list[str] | None,
        typer.Option(help="TYPE=operator, such as PERSON=keep or default=mask; several times. Default: placeholders for all."),
    ] = None,
    high_recall: Annotated[bool, typer.Option(help="Also with the large taggers, which find more and take longer.")] = False,
    ca_file: Annotated[Path | None, typer.Option(help="The authorities of the gateway's certificate (PEM).")] = None,
    purpose: Annotated[
        str | None, typer.Option(help="What requests are for, where the gateway's policy wants to know.")
    ] = None,
    most_tokens: Annotated[int, typer.Option(help="The most tokens of an answer.", min=1)] = 256,
) -> None:
    """Serve the OpenAI API on this machine, and hold the key here: the gateway passes on what it cannot read."""
    _need_extra()
    from gateway.cli.fhe_client import Given, serve_sidecar

    given = Given(
        gateway=gateway,
        key=_line_of(api_key_file, "--api-key-file"),
        client_file=client_file,
        entities=tuple(entities or ()),
        high_recall=high_recall,
        ca_file=ca_file,
        purpose=purpose,
        most_tokens=most_tokens,
    )
    try:
        serve_sidecar(given, host, port)
    except ValueError as error:
        _fail(str(error))


@app.command()
def agreement(
    model: Model,
    text: Annotated[list[Path], typer.Option(help="A text to compare on; may be given several times.", exists=True)],
    bits: Annotated[
        list[str] | None,
        typer.Option(help="weight,activation, and others for some layers ('11,13 0-3=12,13'); several times. Default: 11,13."),
    ] = None,
) -> None:
    """How often the quantised model would say the same next word as the model in its file."""
    _need_extra()
    from gateway.fhe.model.agreement import agreements
    from gateway.fhe.model.gguf_file import ModelFile, UnreadableModel
    from gateway.fhe.model.quantise import UnusableBits
    from gateway.fhe.model.widths import Widths

    try:
        settings = [Widths.read(each) for each in bits or ["11,13"]]
        texts = [file.read_text(encoding="utf-8") for file in text]
        table = Table("bits", "positions", "same next word")
        for found in agreements(ModelFile(model), texts, settings):
            table.add_row(str(found.bits), str(found.positions), f"{100 * found.same / found.positions:.1f} %")
    except (UnreadableModel, UnusableBits) as error:
        _fail(str(error))
    except UnicodeDecodeError:
        _fail("texts must be UTF-8")
    Console().print(table)


def _widths(weight: int, activation: int, layers: list[str] | None) -> Widths:
    """Raises UnusableBits."""
    from gateway.fhe.model.quantise import Bits
    from gateway.fhe.model.widths import Override, Widths

    return Widths(Bits(weight, activation), tuple(Override.read(each) for each in layers or ()))


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


def _need_extra() -> None:
    from importlib.util import find_spec

    if any(find_spec(name) is None for name in ("seal", "numba", "gguf", "tokenizers", "websockets")):
        _fail("this needs the extra `fhe`: pip install 'privacy-gateway[fhe]'")


def _line_of(file: Path, option: str) -> str:
    """The one line of a file with a secret, less the blanks around it: it is never shown, nor is none taken for one."""
    try:
        line = file.read_text(encoding="utf-8").strip()
    except OSError:
        _fail(f"{option}: the file cannot be read")
    except ValueError:
        _fail(f"{option}: the file is not UTF-8 text")
    if not line or not line.isprintable():
        _fail(f"{option}: the file does not hold one line of text")
    return line


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)
