"""What policy says at each of its places, and at which line. Pure.

A tenant's terms are the widest that any of its callers may have: teams and principals can only add protection. Rules, which
hold when their conditions do, can only add protection too, and are counted apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from gateway.assurance.evidence.categories import Category, category_of
from gateway.assurance.evidence.document import BUILT_IN, Origin, Source
from gateway.obligations import OperatorKind
from gateway.policy.compile import CompiledDeployment, CompiledPolicy
from gateway.policy.language.schema import Tenant
from gateway.policy.levels import Level, chain, homes, outermost, tenant_level, terms_at
from gateway.policy.reading.load import LoadedPolicy
from gateway.policy.reading.yaml_tree import value_at
from gateway.policy.terms import Terms
from gateway.rules.identity import Role

Pick = Callable[[Terms], object]


@dataclass(frozen=True, slots=True)
class Place:
    """One place of the policy, with all that holds there, rules aside."""

    name: str
    terms: Terms


@dataclass(frozen=True)  # without slots, so that what was worked out can be kept
class TenantSurvey:
    """One tenant of a policy."""

    loaded: LoadedPolicy
    policy: CompiledPolicy
    name: str

    @property
    def written(self) -> Tenant:
        return self.policy.written.tenants[self.name]

    @cached_property
    def terms(self) -> Terms:
        return terms_at(self._levels)

    @property
    def path(self) -> tuple[str, ...]:
        return ("tenants", self.name)

    def said(self, pick: Pick, *suffix: str) -> Source:
        """The level, of the organisation's and the tenant's, that said so; `suffix` is the rest of the path."""
        held, by = Terms(), None
        for level in self._levels:
            after = held.narrowed(level.terms)
            if pick(after) != pick(held):
                by = level
            held = after
        return BUILT_IN if by is None else self.at(*by.path, *suffix)

    def at(self, *path: str) -> Source:
        return placed(self.loaded, *path)

    def people(self, role: Role) -> tuple[str, ...]:
        """Who has that role for the tenant by policy, in the order of their names; identity providers may name others."""
        people = sorted(self.policy.written.identity.people.items())
        return tuple(name for name, one in people if role in one.roles and (one.tenants is None or self.name in one.tenants))

    def narrower(self, holds: Callable[[Terms], bool]) -> tuple[str, ...]:
        """The teams and principals of the tenant for whom it does not hold."""
        return tuple(place.name for place in self._inner if not holds(place.terms))

    @cached_property
    def operators(self) -> Mapping[str, OperatorKind]:
        """What is done to each type in requests, under the widest terms."""
        rules = self.terms.request.rules
        return {entity: rules.operator(entity) for entity in sorted(self.policy.entities_of(self.name))}

    def category(self, entity: str) -> Category:
        return category_of(entity, own=entity not in self.loaded.entities)

    @cached_property
    def recipients(self) -> Mapping[CompiledDeployment, tuple[str, ...]]:
        """Each deployment that may get something of this tenant, shadows too, with the models that lead there."""
        found: dict[CompiledDeployment, list[str]] = {}
        for model, one in self._reached():
            found.setdefault(one, []).append(model)
        return {one: tuple(found[one]) for one in sorted(found, key=lambda one: one.id)}

    def _reached(self) -> Iterator[tuple[str, CompiledDeployment]]:
        standing = self.policy.of_tenant(self.name)
        for model in standing.grants if standing else ():
            own = standing.obligations(model, ()) if standing else None
            shadow = own.routing.shadow if own else None
            for one in (*(own.deployments if own else ()), *((shadow.deployment,) if shadow else ())):
                yield model, self.policy.deployments[one.id]

    @property
    def _levels(self) -> tuple[Level, Level]:
        written = self.policy.written
        return outermost(written), tenant_level(written, self.name)

    @property
    def _inner(self) -> Iterator[Place]:
        written = self.policy.written
        places: Sequence[tuple[str | None, str | None]] = [
            *((team, None) for team in self.written.teams),
            *homes(written, self.name),
        ]
        for team, principal in places:
            levels = chain(written, self.name, team, principal)
            yield Place(".".join(levels[-1].path), terms_at(levels))


def placed(loaded: LoadedPolicy, *path: str) -> Source:
    """A path of the policy with the line of its key, as far as it is written; without a line where nothing of it is."""
    written = next((path[:end] for end in range(len(path), 0, -1) if value_at(loaded.tree.data, path[:end]) is not None), ())
    if not written:
        return Source(Origin.POLICY, ".".join(path))
    return Source(Origin.POLICY, ".".join(written), loaded.tree.locate(written, on_key=True)[0])


def survey(loaded: LoadedPolicy, policy: CompiledPolicy, tenant: str | None = None) -> tuple[TenantSurvey, ...]:
    """Of every tenant in the order of their names, or of one."""
    names = sorted(policy.written.tenants) if tenant is None else [tenant]
    return tuple(TenantSurvey(loaded, policy, name) for name in names)
