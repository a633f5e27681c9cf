"""`gateway assurance`: documents for officers and auditors, drawn from policy and from the record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from gateway.assurance.evidence.ai_act import ai_act
from gateway.assurance.evidence.assessment import assessment
from gateway.assurance.evidence.counted import counted
from gateway.assurance.evidence.drawn import Drawn, Recorded
from gateway.assurance.evidence.log_state import log_state
from gateway.assurance.evidence.register import Controller, register
from gateway.assurance.evidence.survey import survey
from gateway.audit.reader import read_since
from gateway.cli import assurance_explain, assurance_fairness
from gateway.cli.assurance_output import AsJson, InLanguage, Tongue, show
from gateway.cli.audit_session import STATE_DIR, DatabaseUrl, StateDir, fail, place_of, readable, settings_of, told
from gateway.cli.policy_replay import moment
from gateway.cli.policy_session import DEFAULT_POLICY, Opened, PolicyFile, Unanswerable, names
from gateway.cli.policy_session import opened as policy_opened
from gateway.cli.policy_session import told as policy_told
from gateway.dp.budget import Budget
from gateway.dp.ledger import Ledger

app = typer.Typer(
    name="assurance", help="Documents for officers and auditors, from policy and from the record.", no_args_is_help=True
)

app.command(name="explain")(assurance_explain.explain)
app.command(name="fairness")(assurance_fairness.fairness)

OfTenant = Annotated[str | None, typer.Option("--tenant", help="About this tenant alone. Default: about all.")]
Since = Annotated[
    str | None,
    typer.Option("--since", help="Also count out of the record, from then on: 90d, or a date. Default: policy alone."),
]


@app.callback()
def assurance() -> None:
    """Documents for officers and auditors, from policy and from the record. None of them is legal advice."""


@app.command("register")
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


@app.command("assessment")
def show_assessment(
    tenant: OfTenant = None,
    since: Since = None,
    language: InLanguage = Tongue.ENGLISH,
    as_json: AsJson = False,
    policy: PolicyFile = DEFAULT_POLICY,
    state_dir: StateDir = STATE_DIR,
    database: DatabaseUrl = None,
) -> None:
    """An annex for an impact assessment: GDPR Art. 35(7), PIPL Art. 55 and 56. Rules find risks; people judge them."""
    asked = Asked(policy, tenant, since, state_dir, database)
    show(assessment(drawn_from(asked), _budgets(asked)), language, machine=as_json)


@app.command("ai-act")
def show_ai_act(
    tenant: OfTenant = None,
    since: Since = None,
    language: InLanguage = Tongue.ENGLISH,
    as_json: AsJson = False,
    policy: PolicyFile = DEFAULT_POLICY,
    state_dir: StateDir = STATE_DIR,
    database: DatabaseUrl = None,
) -> None:
    """Duties of the AI Act, Regulation (EU) 2024/1689: what the gateway has for them, and what is left to you."""
    show(ai_act(drawn_from(Asked(policy, tenant, since, state_dir, database))), language, machine=as_json)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a document is to be drawn from."""

    policy: Path
    tenant: str | None
    since: str | None
    state_dir: Path
    database: str | None


def drawn_from(asked: Asked) -> Drawn:
    """Ends the command where the policy or the record cannot be read."""
    with policy_told():
        at = policy_opened(asked.policy)
        _require_tenant(at, asked.tenant)
    tenants = survey(at.loaded, at.compiled, asked.tenant)
    return Drawn(loaded=at.loaded, policy=at.compiled, tenants=tenants, recorded=_recorded(asked))


def _require_tenant(at: Opened, tenant: str | None) -> None:
    known = at.loaded.policy.tenants
    if tenant is not None and tenant not in known:
        raise Unanswerable(f"the policy has no such tenant; fix: name one of {names(known)}")


def _budgets(asked: Asked) -> tuple[Budget, ...]:
    if asked.since is None:
        return ()
    with told(), readable(settings_of(asked.state_dir, asked.database)) as record:
        return Ledger(record).budgets()


def _recorded(asked: Asked) -> Recorded | None:
    if asked.since is None:
        return None
    start, settings = moment(asked.since, datetime.now(UTC)), settings_of(asked.state_dir, asked.database)
    with told(), readable(settings) as record:
        try:
            sums = counted((row.record for row in read_since(record, start)), start)
        except (ValueError, TypeError, KeyError):
            fail(f"the record in {place_of(settings)} holds an entry that this version cannot read")
        return Recorded(counted=sums, log=log_state(record))
