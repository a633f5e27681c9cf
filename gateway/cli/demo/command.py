"""`gateway demo`: the whole thing on one machine: a real model on loopback, the gateway in front of it, a key to try."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer
from rich.console import Console

from gateway.audit.act import Action
from gateway.cli.common.entity_types import entity_types, plugin_offer
from gateway.cli.demo.model import model_file
from gateway.cli.demo.moved import moved
from gateway.cli.demo.welcome import welcome
from gateway.cli.keys.acts import on_record
from gateway.cli.keys.store import opened_keys
from gateway.cli.serve.command import Host, Port, StatePath, settings_from
from gateway.cli.serve.making import make_server
from gateway.cli.serve.ports import free_port, is_taken, require_free
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
    _require_free(settings)
    started = None if echo else _started_model(settings)
    backend, policy = started or _started(settings, ECHO_POLICY, "echo", [])
    settings = settings_from(policy=policy, **given)
    with backend, suppress(KeyboardInterrupt):  # uvicorn ends in good order, and then raises the Ctrl-C that ended it
        _serve(settings)
    _err.print("Stopped.")


def _serve(settings: Settings) -> None:
    (model,) = _policy(settings.policy).models

    def announce(port: int, _: int | None) -> None:
        record = settings.audit_path if settings.database_url is None else "in the database"
        _err.print(f"[green]✓[/] Policy {settings.policy}, record {record}")
        served = settings.model_copy(update={"port": port})
        typer.echo(welcome(served, key=_for_the_app(settings), person=_for_the_officer(settings), model=model))

    with _err.status("Loading the recognizers …"):
        server = make_server(settings, announce)
    server.run()


def _require_free(settings: Settings) -> None:
    """Before anything is started."""
    another = settings.port % 65535 + 1
    remedy = f"choose another one: GATEWAY_PORT={another} make run, or gateway demo --port {another}"
    require_free(settings.host, settings.port, remedy)


def _started_model(settings: Settings) -> tuple[BackendProcess, Path] | None:
    """The real model; None, with the reason printed, on a machine that cannot run it."""
    try:
        return _started(settings, MODEL_POLICY, "model", [str(model_file())])
    except BackendUnavailable as reason:
        _err.print(f"[yellow]The local model cannot run here: {reason}[/]")
        _err.print("[yellow]Serving the model 'echo' instead: it answers with what it was asked, as a stand-in.[/]")
        return None


def _started(settings: Settings, policy: Path, kind: str, arguments: list[str]) -> tuple[BackendProcess, Path]:
    """The backend, and the policy that leads to it: a copy of the one that is shipped, where the backend's port is taken."""
    address = _backend_address(policy)
    if is_taken(*address):
        policy = moved(policy, address, free_port(address[0]), settings.state_dir)
        _err.print(
            f"[yellow]Port {address[1]} on {address[0]} is in use: the {kind} takes another one, and {policy} is in force.[/]"
        )
        address = _backend_address(policy)
    process = BackendProcess(kind, address, arguments, log=settings.state_dir / f"{kind}.log")
    with _err.status(f"Starting the {kind} backend …"):
        process.start()
    _err.print(f"[green]✓[/] {kind.capitalize()} backend on {address[0]}:{address[1]} (log: {process.log})")
    return process, policy


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
