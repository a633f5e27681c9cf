"""The levels that a principal stands under, widest first: the organisation, its tenant, its team, itself. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce

from gateway.policy.language.schema import Policy
from gateway.policy.language.scope import Scope
from gateway.policy.terms import Terms, terms_of

ORGANISATION = "organisation"


@dataclass(frozen=True, slots=True)
class Level:
    """One scope and its place in the file: ("tenants", "bank", "teams", "desk")."""

    path: tuple[str, ...]
    scope: Scope

    @property
    def name(self) -> str:
        """The path with dots; ids that hold dots themselves stand in quotes, so that no two levels have one name."""
        return ".".join(f'"{step}"' if "." in step else step for step in self.path)

    @property
    def terms(self) -> Terms:
        return terms_of(self.scope, self.name)

    def inner(self, kind: str, name: str, scope: Scope) -> Level:
        return Level((*self.path, kind, name), scope)


def outermost(policy: Policy) -> Level:
    return Level((ORGANISATION,), policy.organisation)


def tenant_level(policy: Policy, tenant: str) -> Level:
    """Raises KeyError for a tenant that the policy does not name."""
    return Level(("tenants", tenant), policy.tenants[tenant])


def chain(policy: Policy, tenant: str, team: str | None, principal: str | None) -> tuple[Level, ...]:
    """The levels of one place in the policy. Raises KeyError for a tenant, a team or a principal that it does not name."""
    at = tenant_level(policy, tenant)
    levels = [outermost(policy), at]
    home = policy.tenants[tenant].principals
    if team is not None:
        written = policy.tenants[tenant].teams[team]
        at = at.inner("teams", team, written)
        levels.append(at)
        home = written.principals
    if principal is not None:
        levels.append(at.inner("principals", principal, home[principal]))
    return tuple(levels)


def terms_at(levels: tuple[Level, ...]) -> Terms:
    """What holds under these levels. From the tenant inwards nothing is left unsaid."""
    wide, *narrow = (level.terms for level in levels)
    if not narrow:
        return wide
    tenant, *rest = narrow
    return reduce(Terms.narrowed, rest, wide.narrowed(tenant).closed())


def homes(policy: Policy, tenant: str) -> Iterator[tuple[str | None, str]]:
    """Each principal of a tenant, with its team."""
    written = policy.tenants[tenant]
    yield from ((None, principal) for principal in written.principals)
    for team, of_team in written.teams.items():
        yield from ((team, principal) for principal in of_team.principals)
