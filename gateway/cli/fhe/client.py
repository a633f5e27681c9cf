"""`gateway fhe client`: the OpenAI API on the machine that holds the key."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.fhe.session import fail, line_of, need_extra


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
    need_extra()
    from gateway.cli.fhe.sidecar import Given, serve_sidecar

    given = Given(
        gateway=gateway,
        key=line_of(api_key_file, "--api-key-file"),
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
        fail(str(error))
