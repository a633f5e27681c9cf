"""The command line: one file for each noun, gathered here."""

from __future__ import annotations

import typer

from gateway.cli import (
    assurance,
    audit,
    break_glass,
    cache,
    cost,
    demo,
    deployments,
    detect,
    dp,
    evaluate,
    fhe,
    keys,
    knowledge,
    master_key,
    policy,
    retention,
    routing,
    sensitivity,
    serve,
    subject,
)

_cli = typer.Typer(
    name="gateway", help="A privacy gateway in front of your own models.", no_args_is_help=True, add_completion=False
)
_cli.add_typer(policy.app)
_cli.add_typer(keys.app)
_cli.add_typer(audit.app)
_cli.add_typer(subject.app)
_cli.add_typer(break_glass.app)
_cli.add_typer(master_key.app)
_cli.add_typer(cache.app)
_cli.add_typer(detect.app)
_cli.add_typer(fhe.app)
_cli.add_typer(deployments.app)
_cli.add_typer(routing.app)
_cli.add_typer(cost.app)
_cli.add_typer(knowledge.app)
_cli.add_typer(dp.app)
_cli.add_typer(sensitivity.app)
_cli.add_typer(evaluate.app)
_cli.add_typer(assurance.app)
audit.app.command(name="retain")(retention.retain)
_cli.command("serve")(serve.serve)
_cli.command("demo")(demo.demo)


def main() -> None:
    """The `gateway` command."""
    _cli()
