"""What holds at a level of the policy, and how an inner level or a rule narrows it. Pure.

`narrowed` takes the stricter of two in every respect, so no order of levels or rules can widen access: terms form a
meet-semilattice, like the labels of Denning (A lattice model of secure information flow, CACM 19(5), 1976).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from types import MappingProxyType
from typing import TypeVar

from gateway.obligations import CacheMode, CacheTerms, Limit, LimitKind, OperatorKind, PseudonymScope, PseudonymTerms
from gateway.policy.grounding import Grounding
from gateway.policy.language.caching import Caching
from gateway.policy.language.scope import Demands, Limits, Rule, Scope
from gateway.policy.language.scope import Route as WrittenRoute
from gateway.policy.language.words import parse_duration, parse_rate
from gateway.policy.strength import Operators
from gateway.policy.writers import common
from gateway.protocol.wire import ContentKind

_T = TypeVar("_T")
_Ordered = TypeVar("_Ordered", bool, int)
_CACHES = (CacheMode.NONE, CacheMode.PRINCIPAL, CacheMode.TENANT)
_SCOPES = tuple(PseudonymScope)
PRIORITIES: Mapping[str, int] = MappingProxyType({"low": -1, "normal": 0, "high": 1})
"""Of those who wait, the greater goes first."""
_MILLIONTHS = 1_000_000
_USUAL = CacheTerms()


@dataclass(frozen=True, slots=True)
class PlacedRule:
    """A rule and its place in the file, which is its id."""

    id: str
    rule: Rule = field(hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Demands on deployments; None demands nothing, but for `external`: only True lets anything off the premises."""

    regions: frozenset[str] | None = None
    labels: frozenset[str] = frozenset()
    kinds: frozenset[str] | None = None
    external: bool | None = None

    def narrowed(self, inner: Route) -> Route:
        return Route(
            regions=_common(self.regions, inner.regions),
            labels=self.labels | inner.labels,
            kinds=_common(self.kinds, inner.kinds),
            external=_least(self.external, inner.external),
        )

    @property
    def demands(self) -> bool:
        """Whether anything is demanded beyond that nothing leaves the premises."""
        return self.regions is not None or bool(self.labels) or self.kinds is not None

    def admits(self, *, region: str | None, labels: frozenset[str], kind: str, external: bool = False) -> bool:
        """Whether a deployment of this kind meets the demands. One without a region is in none."""
        return (
            (self.regions is None or region in self.regions)
            and self.labels <= labels
            and (self.kinds is None or kind in self.kinds)
            and (not external or self.external is True)
        )

    def words(self, *, external: bool = False) -> tuple[str, ...]:
        """The demands, for reasons and explanations; `external` where they are made on deployments off the premises too."""
        parts = (("region", self.regions), ("label", self.labels or None), ("kind", self.kinds))
        told = tuple(f"{name} {' or '.join(sorted(values)) or 'none'}" for name, values in parts if values is not None)
        return (*told, "on the premises") if external and self.external is not True else told


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """None, in any field, says nothing: what is further out holds."""

    models: frozenset[str] | None = None
    purposes: frozenset[str] | None = None
    request: Operators = Operators()
    reply: Operators = Operators()
    record: Operators = Operators()
    knowledge: Operators = Operators()
    grounding: Grounding = Grounding()
    writers: frozenset[str] | None = None
    restore: bool | None = None
    store_s: int | None = None
    record_content: bool | None = None
    record_originals: bool | None = None
    retention_days: int | None = None
    route: Route = Route()
    priority: int | None = None
    cache: CacheMode | None = None
    cache_ttl_s: int | None = None
    cache_always: bool | None = None
    cache_max_bytes: int | None = None
    cache_semantic: bool | None = None
    pseudonyms: PseudonymScope | None = None
    pseudonym_ttl_s: int | None = None
    uninspected: frozenset[ContentKind] | None = None
    system: tuple[str, ...] = field(default=(), repr=False)
    prefixes: tuple[tuple[str, ...], ...] = ()
    limits: tuple[Limit, ...] = ()
    limits_locally: bool | None = None
    rules: tuple[PlacedRule, ...] = ()

    def narrowed(self, inner: Terms) -> Terms:
        """These terms within which the inner ones hold as well."""
        return Terms(
            models=_common(self.models, inner.models),
            purposes=_common(self.purposes, inner.purposes),
            request=inner.request.within(self.request),
            reply=inner.reply.within(self.reply),
            record=inner.record.within(self.record),
            knowledge=inner.knowledge.within(self.knowledge),
            grounding=self.grounding.narrowed(inner.grounding),
            writers=common(self.writers, inner.writers),
            restore=_least(self.restore, inner.restore),
            store_s=_least(self.store_s, inner.store_s),
            record_content=_least(self.record_content, inner.record_content),
            record_originals=_least(self.record_originals, inner.record_originals),
            retention_days=_least(self.retention_days, inner.retention_days),
            route=self.route.narrowed(inner.route),
            priority=_least(self.priority, inner.priority),
            cache=_closer(self.cache, inner.cache),
            cache_ttl_s=_least(self.cache_ttl_s, inner.cache_ttl_s),
            cache_always=_least(self.cache_always, inner.cache_always),
            cache_max_bytes=_least(self.cache_max_bytes, inner.cache_max_bytes),
            cache_semantic=_least(self.cache_semantic, inner.cache_semantic),
            pseudonyms=_nearer(self.pseudonyms, inner.pseudonyms),
            pseudonym_ttl_s=_least(self.pseudonym_ttl_s, inner.pseudonym_ttl_s),
            uninspected=_common(self.uninspected, inner.uninspected),
            system=self.system + inner.system,
            prefixes=self.prefixes + inner.prefixes,
            limits=self.limits + inner.limits,
            limits_locally=_least(self.limits_locally, inner.limits_locally),
            rules=self.rules + inner.rules,
        )

    def closed(self) -> Terms:
        """Nothing is left unsaid: what nobody allowed is denied, and what nobody named is protected."""
        return replace(
            self,
            models=self.models or frozenset(),
            request=self.request.closed(OperatorKind.PLACEHOLDER),
            reply=self.reply.closed(OperatorKind.KEEP),
            grounding=self.grounding.closed(),
            writers=self.writers or frozenset(),
            restore=bool(self.restore),
            store_s=self.store_s or 0,
            record_content=bool(self.record_content),
            record_originals=bool(self.record_originals and self.record_content),
            route=replace(self.route, external=bool(self.route.external)),
            priority=self.priority or 0,
            cache=self.cache or CacheMode.NONE,
            cache_ttl_s=self.cache_ttl_s or _USUAL.ttl_s,
            cache_always=bool(self.cache_always),
            cache_max_bytes=self.cache_max_bytes or _USUAL.max_bytes,
            cache_semantic=bool(self.cache_semantic),
            pseudonyms=self.pseudonyms or PseudonymScope.REQUEST,
            pseudonym_ttl_s=self.pseudonym_ttl_s or PseudonymTerms().ttl_s,
            uninspected=self.uninspected or frozenset(),
            limits_locally=bool(self.limits_locally),
        )


def terms_of(scope: Scope, path: str) -> Terms:
    """What one level says. `path` is its place in the file, such as `tenants.bank`."""
    unavailable = scope.limits.when_unavailable
    return replace(
        _demanded(scope),
        models=_set(scope.models),
        priority=None if scope.route.priority is None else PRIORITIES[scope.route.priority],
        purposes=_set(scope.purposes),
        uninspected=_set(scope.allow_uninspected),
        system=(scope.guide.system,) if scope.guide.system else (),
        prefixes=(scope.guide.prefixes,) if scope.guide.prefixes else (),
        limits=limits_of(scope.limits, path),
        limits_locally=None if unavailable is None else unavailable == "count_locally",
        rules=rules_of(scope, path),
    )


def rules_of(scope: Scope, path: str) -> tuple[PlacedRule, ...]:
    """The conditional rules of one level, in the order of their names, which means nothing: all that apply do."""
    return tuple(PlacedRule(f"{path}.rules.{name}", rule) for name, rule in sorted(scope.rules.items()))


def with_rules(terms: Terms, applied: Sequence[PlacedRule]) -> Terms:
    """The terms of an exchange to which these rules apply."""
    demanded = (_demanded(one.rule.demand) for one in applied if one.rule.demand is not None)
    return reduce(Terms.narrowed, demanded, terms)


def limits_of(limits: Limits, path: str) -> tuple[Limit, ...]:
    """The limits written at one place."""
    rates = (
        (LimitKind.REQUESTS, limits.requests, 1),
        (LimitKind.TOKENS, limits.tokens, 1),
        (LimitKind.SPEND, limits.spend, _MILLIONTHS),
    )
    found = [_limit(path, kind, rate, unit) for kind, rate, unit in rates if rate is not None]
    if limits.concurrent is not None:
        found.append(Limit(scope=path, kind=LimitKind.CONCURRENT, amount=limits.concurrent))
    return tuple(found)


def _limit(path: str, kind: LimitKind, rate: str, unit: int) -> Limit:
    amount, period = parse_rate(rate)
    return Limit(scope=path, kind=kind, amount=max(1, round(amount * unit)), period_s=period)


def _demanded(said: Scope | Demands) -> Terms:
    """What levels and rules can both say."""
    cache = said.cache or Caching()
    return Terms(
        request=Operators.written(said.entities),
        reply=Operators.written(said.reply.entities),
        record=Operators.written(said.record.entities),
        knowledge=Operators.written(said.knowledge.entities),
        grounding=Grounding.written(said.knowledge),
        writers=_set(said.knowledge.write),
        restore=said.reply.restore,
        store_s=stored_s(said.reply.store),
        record_content=None if said.record.content is None else said.record.content == "redacted",
        record_originals=None if said.record.originals is None else said.record.originals == "sealed",
        retention_days=said.record.retention_days,
        route=_route(said.route),
        cache=cache.share,
        cache_ttl_s=None if cache.ttl is None else parse_duration(cache.ttl),
        cache_always=None if cache.when is None else cache.when == "always",
        cache_max_bytes=cache.max_bytes,
        cache_semantic=cache.semantic,
        pseudonyms=said.pseudonyms.scope,
        pseudonym_ttl_s=None if said.pseudonyms.ttl is None else parse_duration(said.pseudonyms.ttl),
    )


def stored_s(said: str | None) -> int | None:
    """Seconds for which answers are kept for their callers; 0: not at all."""
    return 0 if said == "none" else None if said is None else parse_duration(said)


def _route(said: WrittenRoute) -> Route:
    return Route(regions=_set(said.regions), labels=frozenset(said.labels), kinds=_set(said.kinds), external=said.external)


def _set(items: Sequence[_T] | None) -> frozenset[_T] | None:
    return None if items is None else frozenset(items)


def _common(outer: frozenset[_T] | None, inner: frozenset[_T] | None) -> frozenset[_T] | None:
    if outer is None or inner is None:
        return inner if outer is None else outer
    return outer & inner


def _least(outer: _Ordered | None, inner: _Ordered | None) -> _Ordered | None:
    if outer is None or inner is None:
        return inner if outer is None else outer
    return min(outer, inner)


def _closer(outer: CacheMode | None, inner: CacheMode | None) -> CacheMode | None:
    if outer is None or inner is None:
        return inner if outer is None else outer
    return min(outer, inner, key=_CACHES.index)


def _nearer(outer: PseudonymScope | None, inner: PseudonymScope | None) -> PseudonymScope | None:
    if outer is None or inner is None:
        return inner if outer is None else outer
    return min(outer, inner, key=_SCOPES.index)
