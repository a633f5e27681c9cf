"""`gateway policy effective`: the merged policy that holds for a caller, each line with the level that it comes from."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from gateway.cli.common.policy import DEFAULT_POLICY, AsJson, Opened, PolicyFile, Team, Unanswerable, opened, told, unplaced
from gateway.cli.policy.as_yaml import as_object, as_yaml
from gateway.cli.policy.merged import effective
from gateway.exchange import Principal
from gateway.policy.levels import Level, chain, homes


def show(
    who: Annotated[str, typer.Argument(metavar="TENANT[/PRINCIPAL]", help="Whose policy.")],
    team: Team = None,
    policy: PolicyFile = DEFAULT_POLICY,
    as_json: AsJson = False,
) -> None:
    """Print all that holds for a caller as YAML, with the level of the policy that each line comes from."""
    with told():
        at = opened(policy)
        levels = levels_of(at, who, team)
    merged = effective(at.compiled, levels)
    if as_json:
        typer.echo(json.dumps({"policy": at.loaded.version, "for": who, **as_object(merged)}, ensure_ascii=False))
        return
    typer.echo(f"# {who} under {at.loaded.path} (version {at.loaded.version}): {' > '.join(level.name for level in levels)}")
    typer.echo(as_yaml(merged), nl=False)


def levels_of(at: Opened, who: str, team: str | None) -> tuple[Level, ...]:
    """The levels that hold for a tenant, a team or a principal, widest first. Raises Unanswerable."""
    tenant, _, name = who.partition("/")
    written = at.loaded.policy
    if not name:
        if tenant not in written.tenants or (team is not None and team not in written.tenants[tenant].teams):
            raise unplaced(at, Principal(tenant=tenant, id=""))
        return chain(written, tenant, team, None)
    placed = at.compiled.place(Principal(tenant=tenant, id=name, team=team))
    if placed is None:
        raise unplaced(at, Principal(tenant=tenant, id=name))
    if team is not None and placed.team != team:
        raise Unanswerable(f"{who} is not in team {team}: the policy puts it {_where(placed.team)}; fix: leave --team out")
    listed = (placed.team, name) in set(homes(written, tenant))
    return chain(written, tenant, placed.team, name if listed else None)


def _where(team: str | None) -> str:
    return "outside of teams" if team is None else f"into team {team}"
