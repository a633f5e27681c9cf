"""A policy made ready for look-ups. What a caller may do is worked out when the caller first comes, and then kept: of ten
thousand tenants most sleep."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType

from pydantic import SecretStr

from gateway.exchange import Principal
from gateway.obligations import Price
from gateway.policy.grounding import Grounding
from gateway.policy.language.deployments import Timeouts, Tls
from gateway.policy.language.models import Model
from gateway.policy.language.routing import Share
from gateway.policy.language.schema import Policy, Purpose
from gateway.policy.levels import Level, chain, homes, terms_at
from gateway.policy.reading.load import LoadedPolicy
from gateway.policy.routes import ModelRoute, Place, PlacedShare
from gateway.policy.rulebook import Rulebook
from gateway.policy.standing import Grant, Standing
from gateway.policy.terms import Terms, limits_of
from gateway.rules.detection import DetectionRules

_STANDINGS = 16_384
"""Callers whose standing is kept at a time: some 3 KB each, without the rules, which those under one level share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledDeployment:
    """A backend with its key. Equal ones may share a connection pool, also across reloads."""

    id: str
    base_url: str
    model: str | None
    api_key: SecretStr | None = field(repr=False)
    timeouts: Timeouts
    region: str | None = None
    labels: frozenset[str] = frozenset()
    kind: str = "openai"
    server: str = "openai"
    external: bool = False
    version: str | None = None
    digest: str | None = None
    planned: int | None = None  # what it is meant to have at once, where policy says so
    concurrent: int = 1024  # the most that it gets: no more than connections
    price_per_hour: float | None = None
    tokenizer: Path | None = None
    health_path: str | None = None
    prefix_cache: str = "tenant"
    provider: str | None = None
    connections: int = 1024
    tls: Tls | None = None
    client_file: Path | None = None
    most_tokens: int | None = None
    sidecars: bool = False


class CompiledPolicy:
    """The policy in force. Safe to use from several threads."""

    def __init__(
        self,
        loaded: LoadedPolicy,
        deployments: Mapping[str, CompiledDeployment],
        detection: Mapping[str, DetectionRules],
    ) -> None:
        self.version = loaded.version
        self.written = loaded.policy
        self.deployments = deployments
        self.identity = loaded.policy.identity.rules(loaded.path.parent)
        self.anonymous = _anonymous(loaded.policy)
        self._detection = detection
        folder = loaded.path.parent
        self._content = {name: tenant.sensitivity.terms(folder) for name, tenant in loaded.policy.tenants.items()}
        self.entities = loaded.entities.union(*loaded.own_entities.values())
        self._shared_entities, self._own_entities = loaded.entities, loaded.own_entities
        self._rules = Rulebook(loaded.entities)
        self._homes = {
            (tenant, principal): team for tenant in loaded.policy.tenants for team, principal in homes(loaded.policy, tenant)
        }
        self._grounded = {
            name: Grounding.written(model.knowledge)
            for name, model in loaded.policy.models.items()
            if model.knowledge is not None
        }
        self._standing = lru_cache(maxsize=_STANDINGS)(self._worked_out)

    @cached_property
    def places(self) -> frozenset[CompiledDeployment]:
        """Every deployment, by value; the same object as long as this policy is in force."""
        return frozenset(self.deployments.values())

    @cached_property
    def detections(self) -> frozenset[DetectionRules]:
        """How texts are read, for every tenant; the same object as long as this policy is in force."""
        return frozenset(self._detection.values())

    def entities_of(self, tenant: str) -> frozenset[str]:
        """The types that this tenant's texts are looked through for: those that all have, and those of its own recognizers."""
        return self._shared_entities | self._own_entities.get(tenant, frozenset())

    def model_of(self, name: str) -> str:
        """The model that a name stands for: an alias for another, every other name for itself."""
        written = self.written.models.get(name)
        return name if written is None or written.alias is None else written.alias

    @property
    def purposes(self) -> Mapping[str, Purpose]:
        return self.written.purposes

    @property
    def principals(self) -> Iterator[Principal]:
        """Those that the file names."""
        return (Principal(tenant=tenant, id=who, team=team) for (tenant, who), team in self._homes.items())

    def place(self, principal: Principal) -> Principal | None:
        """The principal with the team that policy gives it; None where the policy has no place for it.

        A principal that the file does not name has one in a team, or a tenant, that is open. Nobody comes into a closed team
        by saying so, nor by that out of it into the tenant around it, which may be allowed more.
        """
        key = (principal.tenant, principal.id)
        if key in self._homes:
            return _in_team(principal, self._homes[key])
        tenant = self.written.tenants.get(principal.tenant)
        if tenant is None or principal.key_id is not None:
            return None  # a key is issued to somebody whom the file names: once it does not, the key is void
        team = tenant.teams.get(principal.team) if principal.team is not None else None
        if team is not None:
            return principal if team.open else None
        return _in_team(principal, None) if tenant.open else None

    def standing(self, principal: Principal) -> Standing | None:
        """What this principal may do; None where the policy has no place for it."""
        placed = self.place(principal)
        if placed is None:
            return None
        listed = (placed.tenant, placed.id) in self._homes
        return self._standing(placed.tenant, placed.team, placed.id if listed else None)

    def of_tenant(self, tenant: str) -> Standing | None:
        """What a tenant may do that names no team and no principal."""
        return self._standing(tenant, None, None) if tenant in self.written.tenants else None

    def _worked_out(self, tenant: str, team: str | None, principal: str | None) -> Standing:
        levels = chain(self.written, tenant, team, principal)
        terms = terms_at(levels)
        granted = terms.models or frozenset()
        lists = [level for level in levels if level.scope.models is not None]
        return Standing(
            rule=f"{(lists or levels)[-1].name}.models",
            terms=terms,
            grants=MappingProxyType({model: self._grant(model) for model in self.written.models if model in granted}),
            withheld=_withheld(terms_at(levels[:2]), [level for level in lists if level in levels[2:]]),
            purposes=self.written.purposes,
            detection=self._detection[tenant],
            content=self._content[tenant],
            conditions=self._rules.under(levels),
            named=self._grounded,
        )

    def _grant(self, name: str) -> Grant:
        written = self.written.models[name]
        return Grant(
            model=name,
            surfaces=None if written.surfaces is None else frozenset(written.surfaces),
            route=_route(written, self.deployments),
            limits=limits_of(written.limits, f"models.{name}"),
            limits_locally=written.limits.when_unavailable != "refuse",
            price=Price(input=written.price.input, output=written.price.output),
        )


def compile_policy(
    loaded: LoadedPolicy, secrets: Mapping[str, SecretStr], detections: Iterable[DetectionRules] = ()
) -> CompiledPolicy:
    """`secrets` holds the backends' keys by deployment id.

    Of `detections`, those of the policy before, equal ones are used again: they are compared with each request, and the same
    object is equal at once, however many names it lists.
    """
    policy = loaded.policy
    before = {rules: rules for rules in detections}
    made = {tenant: written.detection.rules(tenant) for tenant, written in policy.tenants.items()}
    return CompiledPolicy(
        loaded,
        MappingProxyType({name: _deployment(loaded, name, secrets) for name in policy.deployments}),
        {tenant: before.get(rules, rules) for tenant, rules in made.items()},
    )


def _deployment(loaded: LoadedPolicy, name: str, secrets: Mapping[str, SecretStr]) -> CompiledDeployment:
    written, folder = loaded.policy.deployments[name], loaded.path.parent
    return CompiledDeployment(
        id=name,
        base_url=written.address or "",
        model=written.model,
        api_key=secrets.get(name),
        timeouts=written.patience,
        region=written.region,
        labels=frozenset(written.labels),
        kind=written.protocol,
        server=written.server,
        external=written.leaves_the_premises,
        version=written.version,
        digest=written.digest,
        planned=written.concurrent,
        concurrent=min(written.concurrent or written.connections, written.connections),
        price_per_hour=written.price_per_hour,
        tokenizer=_within(folder, written.tokenizer),
        health_path=written.health_path,
        prefix_cache=written.prefix_cache,
        provider=written.provider,
        connections=written.connections,
        tls=None if written.tls is None else _tls(folder, written.tls),
        client_file=_within(folder, written.client_file),
        most_tokens=written.most_tokens,
        sidecars=written.sidecars,
    )


def _tls(folder: Path, written: Tls) -> Tls:
    return Tls(**{name: _within(folder, getattr(written, name)) for name in Tls.model_fields})


def _within(folder: Path, path: Path | None) -> Path | None:
    return None if path is None else folder / path


def _route(model: Model, deployments: Mapping[str, CompiledDeployment]) -> ModelRoute:
    said = model.routing
    return ModelRoute(
        tiers=tuple(tuple(_place(deployments[one]) for one in equals) for equals in model.deployments),
        weights=MappingProxyType(dict(said.weights)),
        canary=_share(said.canary, deployments),
        shadow=_share(said.shadow, deployments),
        retries=said.retries,
        hedge_after_s=said.hedge_after_s,
        queue_s=said.queue_s,
    )


def _share(said: Share | None, deployments: Mapping[str, CompiledDeployment]) -> PlacedShare | None:
    return None if said is None else PlacedShare(place=_place(deployments[said.deployment]), percent=said.percent)


def _place(deployment: CompiledDeployment) -> Place:
    return Place(
        deployment=deployment,
        region=deployment.region,
        labels=deployment.labels,
        kind=deployment.kind,
        external=deployment.external,
    )


def _withheld(tenant: Terms, inner: Sequence[Level]) -> Mapping[str, str]:
    """The models of the tenant that a list further in leaves out, and the first that does."""
    lists = [(f"{level.name}.models", frozenset(level.scope.models or ())) for level in inner]
    left_out = {model: [rule for rule, own in lists if model not in own] for model in tenant.models or ()}
    return {model: rules[0] for model, rules in left_out.items() if rules}


def _in_team(principal: Principal, team: str | None) -> Principal:
    if principal.team == team:
        return principal
    # Not `replace`: it takes three times as long, and a virtual key never says its team.
    return Principal(tenant=principal.tenant, id=principal.id, key_id=principal.key_id, team=team, roles=principal.roles)


def _anonymous(policy: Policy) -> Principal | None:
    if policy.anonymous is None:
        return None
    tenant, _, principal = policy.anonymous.partition("/")
    return Principal(tenant=tenant, id=principal, anonymous=True)
