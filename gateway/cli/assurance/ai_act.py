"""`gateway assurance ai-act`: duties of the AI Act, and what the gateway has for them."""

from __future__ import annotations

from gateway.assurance.evidence.ai_act import ai_act
from gateway.cli.assurance.drawing import Asked, OfTenant, Since, drawn_from
from gateway.cli.assurance.output import AsJson, InLanguage, Tongue, show
from gateway.cli.common.policy import DEFAULT_POLICY, PolicyFile
from gateway.cli.common.record import STATE_DIR, DatabaseUrl, StateDir


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
