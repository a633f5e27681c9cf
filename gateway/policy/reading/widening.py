"""What an inner level, or a rule, asks for and cannot have, because more protection holds around it.

It would have no effect, and whoever wrote it would believe that it had: so it is an error of the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from gateway.obligations import CacheMode, OperatorKind, PseudonymScope
from gateway.policy.language.caching import Caching
from gateway.policy.language.pseudonyms import Pseudonyms
from gateway.policy.language.scope import Demands, Scope
from gateway.policy.language.words import parse_duration
from gateway.policy.levels import Level
from gateway.policy.reading.faults import Fault
from gateway.policy.reading.problems import one_of, quoted
from gateway.policy.reading.widening_grounding import wider_knowledge
from gateway.policy.reading.widening_rules import check_idle
from gateway.policy.reading.yaml_tree import TreePath
from gateway.policy.strength import Operators
from gateway.policy.terms import Terms, stored_s
from gateway.policy.writers import common

_CACHES = (CacheMode.NONE, CacheMode.PRINCIPAL, CacheMode.TENANT)
_SCOPES = tuple(PseudonymScope)
_ONLY_NARROWER = "an inner level can only add protection: remove it here, or allow more further out"
_ONLY_MORE = "a rule can only add protection: remove it, or ask for more"


def check_widening(level: Level, outer: Terms) -> Iterator[Fault]:
    """`outer` is what holds around this level."""
    yield from _lists(level, outer)
    yield from _said(level.path, level.scope, outer, _ONLY_NARROWER)
    if level.terms.priority is not None and outer.priority is not None and level.terms.priority > outer.priority:
        yield Fault((*level.path, "route", "priority"), "goes before what the level around it may", _ONLY_NARROWER)
    if level.scope.limits.when_unavailable == "count_locally" and outer.limits_locally is False:
        message = "counts although the level around it refuses"
        yield Fault((*level.path, "limits", "when_unavailable"), message, _ONLY_NARROWER)
    here = outer.narrowed(level.terms)
    # What nobody says is closed from the tenant inwards; the organisation's silence may yet be broken.
    held = here if len(level.path) == 1 else here.closed()
    yield from _beside_requests(level, held)
    for name, rule in level.scope.rules.items():
        if rule.demand is not None:
            yield from _demanded((*level.path, "rules", name, "demand"), rule.demand, held)


def _lists(level: Level, outer: Terms) -> Iterator[Fault]:
    """Lists whose items the outer level must have as well."""
    scope = level.scope
    lists: tuple[tuple[str, Iterable[str] | None, frozenset[str] | None], ...] = (
        ("models", scope.models, outer.models),
        ("purposes", scope.purposes, outer.purposes),
        ("allow_uninspected", scope.allow_uninspected, outer.uninspected),
    )
    for name, items, allowed in lists:
        for at, item in enumerate(items or ()):
            if allowed is not None and item not in allowed:
                fix = f"allow it further out, or {one_of(sorted(allowed), item)}"
                yield Fault((*level.path, name, at), f"{quoted(item)} is not allowed further out", fix)


def _demanded(path: TreePath, demand: Demands, held: Terms) -> Iterator[Fault]:
    if demand.reply.restore:
        yield Fault((*path, "reply", "restore"), "a rule cannot restore", "remove it, or write false")
    elif demand.route.priority is not None:
        yield Fault((*path, "route", "priority"), "a rule has no priority", "say it at a level: rules come too late for it")
    elif demand.knowledge.write is not None:
        yield Fault((*path, "knowledge", "write"), "a rule cannot say who keeps documents", "say it at a level")
    elif demand.route.external:
        yield Fault((*path, "route", "external"), "a rule cannot let anything out", "remove it, or write false")
    elif demand == Demands():
        yield Fault(path, "demands nothing", "write what this rule asks for, or remove it")
    else:
        wider = tuple(_said(path, demand, held, _ONLY_MORE))
        yield from wider
        told = {fault.path for fault in wider}
        yield from (fault for fault in check_idle(path, demand, held) if fault.path not in told)


def _said(path: TreePath, said: Scope | Demands, outer: Terms, fix: str) -> Iterator[Fault]:
    """What levels and rules can both say, and what less they cannot ask for."""
    yield from _operators(path, said, outer, fix)
    for place, message in _wider(said, outer):
        yield Fault((*path, *place), message, fix)
    keeps_content = said.record.content == "redacted" or outer.record_content is True
    if said.record.originals == "sealed" and not keeps_content and outer.record_originals is not False:
        message = "keeps the originals of content that is not kept"
        yield Fault((*path, "record", "originals"), message, "write content: redacted beside it, or remove it")


def _operators(path: TreePath, said: Scope | Demands, outer: Terms, fix: str) -> Iterator[Fault]:
    written: tuple[tuple[TreePath, Mapping[str, OperatorKind], Operators], ...] = (
        (("entities",), said.entities, outer.request),
        (("reply", "entities"), said.reply.entities, outer.reply),
        (("record", "entities"), said.record.entities, outer.record),
        (("knowledge", "entities"), said.knowledge.entities, outer.knowledge),
    )
    for place, entities, held in written:
        for entity, stronger in Operators.written(entities).weaker(held).items():
            message = f"{entities[entity]} protects {entity} less than {stronger}, which holds further out"
            yield Fault((*path, *place, entity), message, fix)


def _wider(said: Scope | Demands, outer: Terms) -> Iterator[tuple[TreePath, str]]:
    yield from _wider_reply(said, outer)
    if said.record.content == "redacted" and outer.record_content is False:
        yield ("record", "content"), "keeps content although the level around it does not"
    if said.record.originals == "sealed" and outer.record_originals is False:
        yield ("record", "originals"), "keeps originals although the level around it does not"
    days, most = said.record.retention_days, outer.retention_days
    if days is not None and most is not None and days > most:
        yield ("record", "retention_days"), f"longer than the {most} days that hold further out"
    if said.cache is not None:
        yield from _wider_cache(said.cache, outer)
    yield from _wider_pseudonyms(said.pseudonyms, outer)
    yield from wider_knowledge(said.knowledge, outer.grounding)
    write = said.knowledge.write
    if write is not None and common(outer.writers, frozenset(write)) != frozenset(write):
        yield ("knowledge", "write"), "lets more callers keep documents than the level around it"
    if said.route.external and outer.route.external is False:
        yield ("route", "external"), "leaves the premises although the level around it does not"


def _wider_reply(said: Scope | Demands, outer: Terms) -> Iterator[tuple[TreePath, str]]:
    if said.reply.restore and outer.restore is False:
        yield ("reply", "restore"), "restores although the level around it does not"
    stored, longest = stored_s(said.reply.store), outer.store_s
    if stored is not None and longest is not None and stored > longest:
        yield ("reply", "store"), f"longer than the {longest} seconds that hold further out"


def _wider_cache(said: Caching, outer: Terms) -> Iterator[tuple[TreePath, str]]:
    """The place of `share` is that of the whole where the short form is written."""
    if said.share is not None and outer.cache is not None and _CACHES.index(said.share) > _CACHES.index(outer.cache):
        yield ("cache", "share"), f"shares more than {outer.cache}, which holds further out"
    if said.ttl is not None and outer.cache_ttl_s is not None and parse_duration(said.ttl) > outer.cache_ttl_s:
        yield ("cache", "ttl"), f"longer than the {outer.cache_ttl_s} seconds that hold further out"
    if said.when == "always" and outer.cache_always is False:
        yield ("cache", "when"), "keeps answers that the level around it does not"
    if said.semantic and outer.cache_semantic is False:
        yield ("cache", "semantic"), "gives answers to other words although the level around it does not"
    if said.max_bytes is not None and outer.cache_max_bytes is not None and said.max_bytes > outer.cache_max_bytes:
        yield ("cache", "max_bytes"), f"more than the {outer.cache_max_bytes} bytes that hold further out"


def _wider_pseudonyms(said: Pseudonyms, outer: Terms) -> Iterator[tuple[TreePath, str]]:
    held = outer.pseudonyms
    if said.scope is not None and held is not None and _SCOPES.index(said.scope) > _SCOPES.index(held):
        yield ("pseudonyms", "scope"), f"wider than {held}, which holds further out"
    if said.ttl is not None and outer.pseudonym_ttl_s is not None and parse_duration(said.ttl) > outer.pseudonym_ttl_s:
        yield ("pseudonyms", "ttl"), f"longer than the {outer.pseudonym_ttl_s} seconds that hold further out"


def _beside_requests(level: Level, held: Terms) -> Iterator[Fault]:
    """What the record and the knowledge base hold is what the request became, or less."""
    for name, entities in (("record", level.scope.record.entities), ("knowledge", level.scope.knowledge.entities)):
        for entity, stronger in Operators.written(entities).weaker(held.request).items():
            message = f"{entities[entity]} protects {entity} less than {stronger}, which holds in requests"
            yield Fault((*level.path, name, "entities", entity), message, f"remove it here: {stronger} holds")
