"""The policy of one caller as a tree whose every value knows the level that it comes from. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gateway.obligations import CacheMode, Limit, LimitKind, PseudonymScope
from gateway.policy.compile import CompiledDeployment, CompiledPolicy
from gateway.policy.language.models import Model
from gateway.policy.language.routing import Share
from gateway.policy.language.words import DEFAULT
from gateway.policy.levels import Level, terms_at
from gateway.policy.strength import Operators
from gateway.policy.terms import PRIORITIES, PlacedRule, Terms, limits_of

UNSAID = "built-in default"
"""Where nobody says anything, and the language itself has the last word."""

_PERIODS = {1: "second", 60: "minute", 3_600: "hour", 86_400: "day"}
_MILLIONTHS = 1_000_000
Pick = Callable[[Terms], object]


@dataclass(frozen=True, slots=True)
class Said:
    """A value and where it comes from; a mapping holds more of them."""

    value: object
    source: str | None = None


Tree = Mapping[str, Said]


class _History:
    """What holds after each level, widest first, with what the language says where all of them are silent."""

    def __init__(self, levels: Sequence[Level]) -> None:
        self.final = terms_at(tuple(levels))
        self._steps: list[tuple[str, Terms]] = [("", Terms())]
        for number, level in enumerate(levels):
            self._steps.append((level.name, self._steps[-1][1].narrowed(level.terms)))
            if number == 1:
                self._steps.append((UNSAID, self._steps[-1][1].closed()))

    def source(self, pick: Pick) -> str:
        """The last level that changed this."""
        changes = zip(self._steps, self._steps[1:], strict=False)
        return next((name for (_, a), (name, b) in reversed(list(changes)) if pick(a) != pick(b)), UNSAID)

    def said(self, pick: Pick) -> Said:
        value = pick(self.final)
        return Said(sorted(value) if isinstance(value, frozenset) else value, self.source(pick))


def effective(policy: CompiledPolicy, levels: Sequence[Level]) -> Tree:
    """All that holds under these levels, rules aside, which hold when their conditions do."""
    history = _History(levels)
    parts = {
        "models": Said(_models(policy, history.final), history.source(lambda terms: terms.models)),
        "purposes": _purposes(policy, history),
        "entities": Said(_operators(history, lambda terms: terms.request)),
        "reply": Said(
            {
                "restore": history.said(lambda terms: terms.restore),
                "store_s": history.said(lambda terms: terms.store_s),
                "entities": Said(_operators(history, lambda terms: terms.reply)),
            }
        ),
        "record": Said(_record(history)),
        "knowledge": Said(_knowledge(history)),
        "route": Said(_route(history)),
        "cache": _cache(history),
        "pseudonyms": _pseudonyms(history),
        "allow_uninspected": history.said(lambda terms: terms.uninspected),
        "limits": Said(_limits(history.final.limits)),
        "guide": Said(_guide(levels)),
        "rules": Said({one.id: _rule(one) for one in history.final.rules}),
    }
    return {name: said for name, said in parts.items() if not _is_empty(said)}


def _knowledge(history: _History) -> Tree:
    """Of the terms that ground answers only where some documents do."""
    entities = {"entities": Said(_operators(history, lambda terms: terms.knowledge))}
    if history.final.writers:
        entities["write"] = history.said(lambda terms: terms.writers)
    own = history.final.grounding
    if not own.collections:
        return entities
    picks: Mapping[str, Pick] = {
        "collections": lambda terms: terms.grounding.collections,
        "labels": lambda terms: terms.grounding.labels,
        "passages": lambda terms: terms.grounding.passages,
        "tokens": lambda terms: terms.grounding.tokens,
    }
    told = {name: history.said(pick) for name, pick in picks.items()}
    when, otherwise = (
        history.source(lambda terms: terms.grounding.always),
        history.source(lambda terms: terms.grounding.says_so),
    )
    flags = {
        "when": Said("always" if own.always else "asked", when),
        "else": Said("say_so" if own.says_so else "answer", otherwise),
    }
    return {**entities, **told, **flags}


def _models(policy: CompiledPolicy, final: Terms) -> Tree:
    return {
        name: Said({key: Said(value, f"models.{name}") for key, value in _model(policy, name, final)})
        for name in policy.written.models
        if name in (final.models or ())
    }


def _model(policy: CompiledPolicy, name: str, final: Terms) -> Iterator[tuple[str, object]]:
    written = policy.written.models[name]
    named = [*written.served_by, *(share.deployment for _, share in _shares(written))]
    admitted = {one for one in named if _admits(final, policy.deployments[one])}
    yield "deployments", [one for equals in written.deployments for one in _tier(equals, admitted)]
    for word, share in _shares(written):
        if share.deployment in admitted:
            yield word, {"deployment": share.deployment, "percent": share.percent}
    if len(admitted) < len(named):
        yield "ruled_out", [one for one in named if one not in admitted]
    if written.surfaces is not None:
        yield "surfaces", [surface.value for surface in written.surfaces]
    if written.price.input or written.price.output:
        yield "price", {"input": written.price.input, "output": written.price.output}
    if written.knowledge is not None:
        yield "knowledge", written.knowledge.model_dump(mode="json", by_alias=True, exclude_none=True)
    for limit in limits_of(written.limits, ""):
        yield limit.kind.value, rate(limit)


def _shares(model: Model) -> Iterator[tuple[str, Share]]:
    written = (("canary", model.routing.canary), ("shadow", model.routing.shadow))
    return ((word, share) for word, share in written if share is not None)


def _tier(equals: Sequence[str], admitted: Collection[str]) -> list[object]:
    """As the file writes it: equals in a list of their own."""
    left = [one for one in equals if one in admitted]
    return [left] if len(left) > 1 else list[object](left)


def _admits(final: Terms, one: CompiledDeployment) -> bool:
    return final.route.admits(region=one.region, labels=one.labels, kind=one.kind, external=one.external)


def _purposes(policy: CompiledPolicy, history: _History) -> Said:
    allowed = history.final.purposes
    if allowed is None:
        return Said("any", UNSAID)
    purposes = {
        name: Said({"basis": one.basis.value, "consent": "required" if one.needs_consent else "none"}, f"purposes.{name}")
        for name, one in policy.purposes.items()
        if name in allowed
    }
    return Said(purposes, history.source(lambda terms: terms.purposes))


def _operators(history: _History, direction: Callable[[Terms], Operators]) -> Tree:
    own = direction(history.final)
    named = {entity: _operator(history, direction, entity) for entity in sorted(own.named)}
    return named if own.default is None else {**named, DEFAULT: history.said(lambda terms: direction(terms).default)}


def _operator(history: _History, direction: Callable[[Terms], Operators], entity: str) -> Said:
    return history.said(lambda terms: direction(terms).of(entity))


def _record(history: _History) -> Tree:
    content = history.final.record_content
    return {
        "content": Said("redacted" if content else "none", history.source(lambda terms: terms.record_content)),
        "originals": Said(
            "sealed" if history.final.record_originals else "none", history.source(lambda terms: terms.record_originals)
        ),
        "entities": Said(_operators(history, lambda terms: terms.record)),
        "retention_days": history.said(lambda terms: terms.retention_days),
    }


def _cache(history: _History) -> Said:
    """At length where there is one: the rest says nothing of answers that nobody shares."""
    share = history.said(lambda terms: terms.cache)
    if history.final.cache in (None, CacheMode.NONE):
        return share
    return Said(
        {
            "share": share,
            "ttl_s": history.said(lambda terms: terms.cache_ttl_s),
            "when": Said(
                "always" if history.final.cache_always else "deterministic", history.source(lambda terms: terms.cache_always)
            ),
            "max_bytes": history.said(lambda terms: terms.cache_max_bytes),
            "semantic": history.said(lambda terms: terms.cache_semantic),
        }
    )


def _pseudonyms(history: _History) -> Said:
    """Only where they outlive a request."""
    if history.final.pseudonyms in (None, PseudonymScope.REQUEST):
        return Said(None)
    return Said(
        {
            "scope": history.said(lambda terms: terms.pseudonyms),
            "ttl_s": history.said(lambda terms: terms.pseudonym_ttl_s),
        }
    )


def _route(history: _History) -> Tree:
    parts = {
        "regions": history.said(lambda terms: terms.route.regions),
        "labels": history.said(lambda terms: terms.route.labels),
        "kinds": history.said(lambda terms: terms.route.kinds),
        "external": history.said(lambda terms: terms.route.external),
        "priority": Said(_priority(history.final.priority), history.source(lambda terms: terms.priority)),
    }
    return {name: said for name, said in parts.items() if said.value}


def _priority(number: int | None) -> str | None:
    """Its word, where it is not the usual one."""
    return next((name for name, one in PRIORITIES.items() if one == number), None) if number else None


def _limits(limits: Sequence[Limit]) -> Tree:
    scopes = dict.fromkeys(limit.scope for limit in limits)
    return {scope: Said({one.kind.value: Said(rate(one), scope) for one in limits if one.scope == scope}) for scope in scopes}


def rate(limit: Limit) -> str | int:
    """A limit's amount as the file writes it."""
    if not limit.period_s:
        return limit.amount
    amount = limit.amount / _MILLIONTHS if limit.kind is LimitKind.SPEND else limit.amount
    return f"{amount:.15g}/{_PERIODS.get(limit.period_s, f'{limit.period_s}s')}"


def _guide(levels: Sequence[Level]) -> Tree:
    """Every level's own: all are said, and all demand their prefix."""
    said: dict[str, Said] = {}
    for level in levels:
        own = level.scope.guide
        parts = {"system": own.system, "prefixes": list(own.prefixes) or None}
        written = {name: Said(value, level.name) for name, value in parts.items() if value is not None}
        if written:
            said[level.name] = Said(written)
    return said


def _rule(one: PlacedRule) -> Said:
    written = one.rule.model_dump(mode="json", exclude_defaults=True)
    level = one.id.rpartition(".rules.")[0]
    return Said({name: Said(value) for name, value in written.items()}, level)


def _is_empty(said: Said) -> bool:
    value = said.value
    if isinstance(value, Mapping):
        return all(isinstance(inner, Said) and _is_empty(inner) for inner in value.values()) and said.source is None
    return value is None
