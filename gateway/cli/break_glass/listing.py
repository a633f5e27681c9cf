"""`gateway break-glass list`: who asked, and what came of it."""

from __future__ import annotations

import typer

from gateway.audit.act import Action, new_act
from gateway.audit.enter import entered
from gateway.cli.break_glass.desk import line_of, opened_desk
from gateway.cli.break_glass.person import PolicyFile
from gateway.cli.common.policy import DEFAULT_POLICY
from gateway.cli.common.record import STATE_DIR, DatabaseUrl, StateDir
from gateway.errors import NotPermitted
from gateway.explorer.rights import may
from gateway.identity.people import Person
from gateway.printable import printable


def list_grants(policy: PolicyFile = DEFAULT_POLICY, state_dir: StateDir = STATE_DIR, database: DatabaseUrl = None) -> None:
    """Show requests in your tenants, newest first; the look is on the record."""
    with opened_desk(policy, state_dir, database) as desk:
        act = new_act(Action.BREAK_GLASS_LIST, actor=desk.person.id, key_id=desk.person.key_id, tenant=desk.person.sole_tenant)
        with entered(desk.store.database, act):
            _require_reader(desk.person)
            found = desk.glass.list(desk.person)
        if not found:
            typer.echo("nobody has asked yet", err=True)
        for grant in found:
            typer.echo(printable(line_of(grant)))


def _require_reader(person: Person) -> None:
    """Raises NotPermitted."""
    if not may(person.roles, Action.BREAK_GLASS_LIST):
        raise NotPermitted("None of your roles may see who asked.")
