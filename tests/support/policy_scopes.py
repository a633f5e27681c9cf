"""Random levels and rules of a policy, and what it means that one protects no less than another.

The order of operators is written down here a second time, so that a slip in the gateway's own does not hide itself.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from gateway.obligations import CacheMode, EntityRules, Obligations, OperatorKind
from gateway.policy.strength import Operators
from gateway.policy.terms import Terms

ENTITIES = ("PERSON", "SECRET", "DATE_TIME", "default")
MODELS = ("m1", "m2", "m3")
PURPOSES = ("support", "research")
CONDITIONS = (
    "request.stream",
    "request.tools > 1",
    "request.tools == 0",
    "request.bytes / request.tools > 5",
    "request.purpose == 'support'",
    "findings.PERSON > 2",
    "findings.DATE_TIME == 0",
    "findings.total > 3",
    "findings.total < 2",
)

_RANKS = (("keep",), ("placeholder", "surrogate"), ("mask", "hash"), ("drop",), ("block",))
_RANK = {OperatorKind(name): rank for rank, names in enumerate(_RANKS) for name in names}
_CACHES = (CacheMode.NONE, CacheMode.PRINCIPAL, CacheMode.TENANT)
_PROBES = ("PERSON", "SECRET", "DATE_TIME", "NAMED_NOWHERE")


def _some(*items: str) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(items), unique=True, min_size=1, max_size=len(items))


def _entities(*operators: str) -> st.SearchStrategy[dict[str, str]]:
    return st.dictionaries(st.sampled_from(ENTITIES), st.sampled_from(operators), max_size=3)


_ROUTE: dict[str, st.SearchStrategy[Any]] = {
    "regions": _some("eu", "cn"),
    "labels": _some("gpu", "audited"),
    "external": st.booleans(),
}
_KEEPING = ("keep", "placeholder", "surrogate", "mask", "hash", "drop")
_SAID: dict[str, st.SearchStrategy[Any]] = {
    "entities": _entities(*_KEEPING, "block"),
    "reply": st.fixed_dictionaries(
        {}, optional={"restore": st.booleans(), "entities": _entities("keep", "mask", "hash", "drop", "block")}
    ),
    "record": st.fixed_dictionaries(
        {},
        optional={
            "content": st.sampled_from(("none", "redacted")),
            "originals": st.sampled_from(("none", "sealed")),
            "entities": _entities(*_KEEPING),
            "retention_days": st.integers(0, 90),
        },
    ),
    "knowledge": st.fixed_dictionaries({}, optional={"entities": _entities(*_KEEPING, "block")}),
    "route": st.fixed_dictionaries({}, optional=_ROUTE),
    "cache": st.sampled_from(("none", "principal", "tenant")),
}

demands: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries({}, optional=_SAID)
effects = st.just({"deny": "no"}) | st.builds(lambda demand: {"demand": demand}, demands)
rules: st.SearchStrategy[dict[str, Any]] = st.builds(
    lambda when, effect: {"when": when, **effect}, st.sampled_from(CONDITIONS), effects
)
limits = st.fixed_dictionaries(
    {},
    optional={
        "requests": st.just("5/minute"),
        "concurrent": st.integers(1, 9),
        "when_unavailable": st.sampled_from(("refuse", "count_locally")),
    },
)
scopes: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        **_SAID,
        "route": st.fixed_dictionaries({}, optional={**_ROUTE, "priority": st.sampled_from(("high", "normal", "low"))}),
        "models": _some(*MODELS),
        "purposes": _some(*PURPOSES),
        "allow_uninspected": _some("image", "audio"),
        "limits": limits,
        "guide": st.fixed_dictionaries({}, optional={"system": st.just("Be kind."), "prefixes": _some("Task:", "任务：")}),
        "rules": st.dictionaries(st.sampled_from("abc"), rules, max_size=2),
    },
)


def lacks(inner: Terms, outer: Terms) -> list[str]:
    """In which respects `inner` would protect less than `outer`."""
    directions = ("request", "reply", "record", "knowledge")
    found = [name for name in directions if not _as_strong(getattr(inner, name), getattr(outer, name))]
    for name in ("models", "purposes", "uninspected"):
        found += [] if _subset(getattr(inner, name), getattr(outer, name)) else [name]
    for name in ("regions", "kinds"):
        found += [] if _subset(getattr(inner.route, name), getattr(outer.route, name)) else [name]
    for name in ("restore", "record_content", "record_originals", "retention_days", "limits_locally"):
        found += [] if _at_most(getattr(inner, name), getattr(outer, name)) else [name]
    found += [] if _at_most(inner.route.external, outer.route.external) else ["external"]
    found += [] if _at_most(inner.priority, outer.priority) else ["priority"]
    if outer.cache is not None and (inner.cache is None or _CACHES.index(inner.cache) > _CACHES.index(outer.cache)):
        found.append("cache")
    for name in ("system", "prefixes", "limits", "rules"):
        found += [] if set(getattr(outer, name)) <= set(getattr(inner, name)) else [name]
    return found if outer.route.labels <= inner.route.labels else [*found, "labels"]


def relaxed(after: Obligations, before: Obligations) -> list[str]:
    """Which obligations of `before` would be weaker in `after`."""
    pairs = {
        "request": (after.request, before.request),
        "reply": (after.reply, before.reply),
        "record": (after.record or after.request, before.record or before.request),
        "knowledge": (after.knowledge or after.request, before.knowledge or before.request),
    }
    found = [name for name, (new, old) in pairs.items() if not all(_rank(new, e) >= _rank(old, e) for e in _PROBES)]
    checks = {
        "restore": after.restore <= before.restore,
        "content": after.record_content <= before.record_content,
        "originals": after.record_originals <= before.record_originals,
        "deployments": set(after.deployments) <= set(before.deployments),
        "priority": after.routing.priority <= before.routing.priority,
        "cache": _CACHES.index(after.cache) <= _CACHES.index(before.cache),
        "retention": _at_most(after.retention_days, before.retention_days),
        "limits": set(before.limits) <= set(after.limits),
        "limits_locally": after.limits_locally <= before.limits_locally,
        "uninspected": after.uninspected <= before.uninspected,
        "system": set(before.guide.system) <= set(after.guide.system),
        "prefixes": set(before.guide.prefixes) <= set(after.guide.prefixes),
    }
    return found + [name for name, holds in checks.items() if not holds]


def strengths(terms: Terms) -> tuple[object, ...]:
    """Terms without the choice between operators of one strength."""
    operators = tuple(tuple(map(_rank_of, (own.of(e) for e in _PROBES))) for own in _operators(terms))
    lists = (terms.system, terms.prefixes, terms.limits, tuple(rule.id for rule in terms.rules))
    sets = (terms.models, terms.purposes, terms.uninspected, terms.route, *map(frozenset, lists))
    words = (terms.restore, terms.record_content, terms.record_originals, terms.retention_days, terms.limits_locally)
    return (*operators, *sets, *words, terms.cache, terms.priority)


def _operators(terms: Terms) -> tuple[Operators, ...]:
    return terms.request, terms.reply, terms.record, terms.knowledge


def _as_strong(inner: Operators, outer: Operators) -> bool:
    return all(_rank_of(inner.of(entity)) >= _rank_of(outer.of(entity)) for entity in _PROBES)


def _rank_of(operator: OperatorKind | None) -> int:
    """Saying nothing comes below all."""
    return -1 if operator is None else _RANK[operator]


def _rank(own: EntityRules, entity: str) -> int:
    return _RANK[own.operator(entity)]


def _subset(inner: frozenset[Any] | None, outer: frozenset[Any] | None) -> bool:
    return outer is None or (inner is not None and inner <= outer)


def _at_most(inner: int | None, outer: int | None) -> bool:
    return outer is None or (inner is not None and inner <= outer)
