"""`gateway assurance register`: the record of processing activities."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.assurance.evidence.register import Controller, register
from gateway.cli.assurance.drawing import Asked, OfTenant, Since, drawn_from
from gateway.cli.assurance.output import AsJson, InLanguage, Tongue, show
from gateway.cli.common.policy import DEFAULT_POLICY, PolicyFile
from gateway.cli.common.record import STATE_DIR, DatabaseUrl, StateDir


def show_register(
    controller: Annotated[str | None, typer.Option("--controller", help="Who answers for the processing.")] = None,
    contact: Annotated[str | None, typer.Option("--contact", help="How to reach the controller.")] = None,
    representative: Annotated[str | None, typer.Option("--representative", help="The controller's representative.")] = None,
    officer: Annotated[str | None, typer.Option("--officer", help="The data protection officer.")] = None,
    tenant: OfTenant = None,
    since: Since = None,
    language: InLanguage = Tongue.ENGLISH,
    as_json: AsJson = False,
    policy: PolicyFile = DEFAULT_POLICY,
    state_dir: StateDir = STATE_DIR,
    database: DatabaseUrl = None,
) -> None:
    """The record of processing activities: GDPR Art. 30(1), and facts for PIPL Art. 54 to 56."""
    whom = Controller(name=controller, contact=contact, representative=representative, officer=officer)
    drawn = drawn_from(Asked(policy, tenant, since, state_dir, database))
    show(register(drawn, whom), language, machine=as_json)
