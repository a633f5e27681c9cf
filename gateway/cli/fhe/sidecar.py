"""What `gateway fhe client` does when its options are read."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import typer
import uvicorn

from gateway.cli.serve.diagnostics import diagnostics_to_stderr
from gateway.cli.serve.server import AnnouncingServer, url_of
from gateway.detection.recognizers.registry import built_in_entities
from gateway.fhe.client.generate import Generator
from gateway.fhe.model.client_part import read_client_part
from gateway.fhe.model.gguf_file import UnreadableModel
from gateway.obligations import OperatorKind
from gateway.protocol.facts import PURPOSE_HEADER
from gateway.sidecar.app import Home, build_sidecar


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The options, as they were written."""

    gateway: str
    key: str = field(repr=False)
    client_file: Path
    entities: tuple[str, ...] = ()
    high_recall: bool = False
    ca_file: Path | None = None
    purpose: str | None = None
    most_tokens: int = 256


def serve_sidecar(given: Given, host: str, port: int) -> None:
    """Until a signal ends it. Raises ValueError, with a text for whoever wrote the options."""
    home = home_of(given, host)
    diagnostics_to_stderr()
    blueprint = home.generator.part.blueprint

    def announce(bound: int, _: int | None) -> None:
        parameters = blueprint.parameters
        typer.echo(
            f"Listening on {url_of(host, bound)}/v1: {blueprint.name} as {blueprint.bits}, fingerprint "
            f"{blueprint.fingerprint.hex()}, ring-LWE with degree {parameters.degree} and a modulus of {parameters.bits} bits",
            err=True,
        )

    config = uvicorn.Config(
        build_sidecar(home),
        host=host,
        port=port,
        access_log=False,
        log_config=None,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        ws="none",
        timeout_graceful_shutdown=5,
    )
    AnnouncingServer(config, announce).run()


def home_of(given: Given, host: str) -> Home:
    """For a sidecar that listens on `host`. Raises ValueError."""
    url = given.gateway.rstrip("/")
    if not _is_address(url):
        raise ValueError("--gateway must be the gateway's address, such as https://gateway.example.org/v1")
    if not given.key.isascii():
        raise ValueError("--api-key-file holds no key")
    operators = dict(_operators(given.entities))
    home = Home(
        gateway=url,
        key=given.key,
        generator=_generator(given.client_file),
        tls=_tls(given.ca_file) if urlsplit(url).scheme == "https" else None,
        stated={PURPOSE_HEADER: given.purpose} if given.purpose else {},
        operators=operators,
        high_recall=given.high_recall,
        most_tokens=given.most_tokens,
    )
    return replace(home, names=_names(home.names, host))


def _names(usual: tuple[str, ...], host: str) -> tuple[str, ...]:
    """Those that this machine may be called by. None where others are to reach it: they call it what they like."""
    with suppress(OSError):  # nobody can listen there
        found = {ip_address(address[0]) for *_, address in socket.getaddrinfo(host, None)}
        if all(each.is_loopback for each in found):
            return (*usual, f"[{host}]" if ":" in host else host)
    return ()


def _is_address(url: str) -> bool:
    parts = urlsplit(url)
    with suppress(ValueError):  # such as a port that is no number
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    return False


def _generator(file: Path) -> Generator:
    try:
        return Generator(read_client_part(file))
    except UnreadableModel as error:
        raise ValueError(str(error)) from None


def _operators(written: Iterable[str]) -> Iterator[tuple[str, OperatorKind]]:
    known, operators = built_in_entities() | {"default"}, {one.value: one for one in OperatorKind}
    for each in written:
        entity, _, operator = each.partition("=")
        if entity not in known or operator not in operators:
            raise ValueError(f"--entities wants TYPE=operator: a type that is known, and one of {', '.join(operators)}")
        yield entity, operators[operator]


def _tls(ca_file: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError:
        raise ValueError("--ca-file holds no certificates") from None
