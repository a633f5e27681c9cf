"""Collections of documents by the names that a policy has for them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gateway.policy.language.grounding import ALL, Grounding
from gateway.policy.language.schema import Policy


def collections_of(policy: Policy, tenant: str) -> frozenset[str]:
    """Those that a tenant's callers, or models, are granted by name; `*` names none. Raises KeyError."""
    return frozenset(_named(_said(policy, tenant))) - {ALL}


def _said(policy: Policy, tenant: str) -> Iterator[Grounding]:
    own = policy.tenants[tenant]
    for scope in (policy.organisation, own, *own.principals.values(), *own.teams.values()):
        yield scope.knowledge
    for team in own.teams.values():
        yield from (member.knowledge for member in team.principals.values())
    yield from (model.knowledge for model in policy.models.values() if model.knowledge is not None)


def _named(said: Iterable[Grounding]) -> Iterator[str]:
    for one in said:
        yield from one.collections or ()
