"""`gateway assurance assessment`: an annex for an impact assessment."""

from __future__ import annotations

from gateway.assurance.evidence.assessment import assessment
from gateway.cli.assurance.drawing import Asked, OfTenant, Since, drawn_from
from gateway.cli.assurance.output import AsJson, InLanguage, Tongue, show
from gateway.cli.common.policy import DEFAULT_POLICY, PolicyFile
from gateway.cli.common.record import STATE_DIR, DatabaseUrl, StateDir, readable, settings_of, told
from gateway.dp.budget import Budget
from gateway.dp.ledger import Ledger


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


def _budgets(asked: Asked) -> tuple[Budget, ...]:
    if asked.since is None:
        return ()
    with told(), readable(settings_of(asked.state_dir, asked.database)) as record:
        return Ledger(record).budgets()
