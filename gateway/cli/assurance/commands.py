"""The commands of `gateway assurance`."""

from __future__ import annotations

import typer

from gateway.cli.assurance.ai_act import show_ai_act
from gateway.cli.assurance.assessment import show_assessment
from gateway.cli.assurance.explain import explain
from gateway.cli.assurance.fairness import fairness
from gateway.cli.assurance.register import show_register

app = typer.Typer(
    name="assurance", help="Documents for officers and auditors, from policy and from the record.", no_args_is_help=True
)
app.command("explain")(explain)
app.command("fairness")(fairness)
app.command("register")(show_register)
app.command("assessment")(show_assessment)
app.command("ai-act")(show_ai_act)


@app.callback()
def assurance() -> None:
    """Documents for officers and auditors, from policy and from the record. None of them is legal advice."""
