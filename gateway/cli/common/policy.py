"""What commands that read a policy share: opening it, naming a caller, and telling what went wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.common.entity_types import entity_types, plugin_offer
from gateway.exchange import Principal
from gateway.policy.compile import CompiledPolicy, compile_policy
from gateway.policy.reading.load import LoadedPolicy, load_policy
from gateway.policy.reading.problems import PolicyError
from gateway.policy.rule_places import place_of
from gateway.policy.testing.reading import Load

PolicyFile = Annotated[
    Path, typer.Option("--policy", envvar="GATEWAY_POLICY", help="The policy file.", show_default="policies/demo.yaml")
]
DEFAULT_POLICY = Path("policies/demo.yaml")
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object.")]
Team = Annotated[str | None, typer.Option("--team", help="The team that an identity provider names.")]
Roles = Annotated[str, typer.Option("--roles", help="The caller's roles, with commas between them.")]


class Unanswerable(Exception):
    """What was asked has no answer. The message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A valid policy, ready for questions. Backends' keys are not read."""

    loaded: LoadedPolicy
    compiled: CompiledPolicy

    def at(self, rule: str) -> str | None:
        """file:line:column of a rule; None for one that stands nowhere."""
        position = place_of(self.loaded, rule)
        return f"{self.loaded.path}:{position[0]}:{position[1]}" if position else None


@contextmanager
def told(status: int = 1) -> Iterator[None]:
    """Errors as one short message and an exit status."""
    try:
        yield
    except (PolicyError, Unanswerable) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(status) from None


def loading(known: frozenset[str], surrogates: frozenset[str]) -> Load:
    """Reads policies that may name these types."""
    return lambda path: load_policy(path, known_entities=known, surrogate_entities=surrogates, plugins=plugin_offer)


def opened(path: Path) -> Opened:
    """Raises PolicyError."""
    loaded = loading(*entity_types())(path)
    return Opened(loaded, compile_policy(loaded, {}))


def caller(written: str, team: str | None, roles: str = "") -> Principal:
    """From tenant/principal."""
    tenant, _, principal = written.partition("/")
    if not tenant or not principal:
        raise typer.BadParameter("name the caller as TENANT/PRINCIPAL")
    return Principal(tenant=tenant, id=principal, team=team, roles=frozenset(listed(roles)))


def listed(written: str) -> tuple[str, ...]:
    """The words between commas."""
    return tuple(word.strip() for word in written.split(",") if word.strip())


def unplaced(at: Opened, principal: Principal) -> Unanswerable:
    """Nobody can say what holds for a caller whom the policy does not know."""
    policy, path = at.compiled, at.loaded.path
    who = f"{principal.tenant}/{principal.id}" if principal.id else principal.tenant
    tenant = policy.written.tenants.get(principal.tenant)
    if tenant is None:
        known_tenants = names(policy.written.tenants)
        fix = f"name one of the tenants {known_tenants}, or another file with --policy"
        return Unanswerable(f"{path} has no place for {who}; fix: {fix}")
    known = sorted(one.id for one in policy.principals if one.tenant == principal.tenant)
    open_teams = [name for name, team in tenant.teams.items() if team.open]
    fix = f"name one of its principals {names(known)}"
    return Unanswerable(
        f"{path} has no place for {who}; fix: {fix}" + (f", or --team {' or '.join(open_teams)}" if open_teams else "")
    )


def names(known: Iterable[str]) -> str:
    """A list for a message, cut to a length that fits."""
    words = list(known)
    shown = ", ".join(words[:_SHOWN])
    return f"{shown} and {len(words) - _SHOWN} more" if len(words) > _SHOWN else shown or "(none)"


_SHOWN = 12
