"""`gateway break-glass show`: the originals, for whom it was agreed to."""

from __future__ import annotations

import json

import typer

from gateway.assurance.break_glass import act_of
from gateway.audit.act import Action
from gateway.audit.enter import entered
from gateway.audit.kept import read_content
from gateway.cli.break_glass.desk import CallId, opened_desk
from gateway.cli.break_glass.person import PolicyFile
from gateway.cli.common.policy import DEFAULT_POLICY
from gateway.cli.common.record import STATE_DIR, DatabaseUrl, StateDir, fail


def show(
    call_id: CallId, policy: PolicyFile = DEFAULT_POLICY, state_dir: StateDir = STATE_DIR, database: DatabaseUrl = None
) -> None:
    """Show what stands for what in an exchange, if your request was agreed to. Each look is an act on the record."""
    with opened_desk(policy, state_dir, database) as desk:
        grant = desk.glass.granted(call_id, desk.person)
        if grant is None:
            fail("you have no leave to see the originals of this exchange; ask with: gateway break-glass ask")
        with entered(desk.store.database, act_of(Action.BREAK_GLASS_SHOW, desk.person, grant)):
            with desk.store.database.reading() as connection:
                content = read_content(connection, desk.store.keyring, call_id, grant.tenant, originals=True)
            for stand_in, value in content.originals.items():
                typer.echo(_shown({stand_in: value}))
            if not content.originals:
                typer.echo("no originals are kept of this exchange: there were none, or they have been erased", err=True)


def _shown(pair: dict[str, str]) -> str:
    """JSON, in letters as they are: but what a terminal would obey is escaped, for the values are somebody else's text."""
    text = json.dumps(pair, ensure_ascii=False)
    return "".join(sign if sign.isprintable() else json.dumps(sign)[1:-1] for sign in text)
