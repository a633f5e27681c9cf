"""What a rule demands and no tenant can be narrowed by, because it is all that a level can allow.

Inside a tenant nothing is left unsaid, so there whoever asks for too much is told against what holds. Around tenants it is by
these values alone that a rule is known to have no effect: `collections: [handbook]` may yet narrow one of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gateway.obligations import CacheMode, OperatorKind, PseudonymScope
from gateway.policy.language.caching import Caching
from gateway.policy.language.grounding import ALL
from gateway.policy.language.scope import Demands
from gateway.policy.reading.faults import Fault
from gateway.policy.reading.yaml_tree import TreePath
from gateway.policy.strength import Operators
from gateway.policy.terms import Terms

_MESSAGE = "adds nothing: no level can allow more than this"
_FIX = "a rule can only add protection: say it at a level, or ask for more"


def check_idle(path: TreePath, demand: Demands, held: Terms) -> Iterator[Fault]:
    """`held` is what holds at the rule's level; what it says itself, a rule may repeat."""
    for place in (*_values(demand, held), *_collections(demand, held), *_operators(demand, held)):
        yield Fault((*path, *place), _MESSAGE, _FIX)


def _values(demand: Demands, held: Terms) -> Iterator[TreePath]:
    cache, knowledge, grounds = demand.cache or Caching(), demand.knowledge, held.grounding
    widest: tuple[tuple[bool, object, TreePath], ...] = (
        (demand.record.content == "redacted", held.record_content, ("record", "content")),
        (demand.record.originals == "sealed", held.record_originals, ("record", "originals")),
        (cache.share is CacheMode.TENANT, held.cache, ("cache", "share")),
        (cache.when == "always", held.cache_always, ("cache", "when")),
        (cache.semantic is True, held.cache_semantic, ("cache", "semantic")),
        (demand.pseudonyms.scope is PseudonymScope.TENANT, held.pseudonyms, ("pseudonyms", "scope")),
        (knowledge.when == "asked", grounds.always, ("knowledge", "when")),
        (knowledge.otherwise == "answer", grounds.says_so, ("knowledge", "else")),
    )
    for said, already, place in widest:
        if said and already is None:
            yield place


def _collections(demand: Demands, held: Terms) -> Iterator[TreePath]:
    """All of them are no fewer, also in a tenant that grants some or none."""
    for at, name in enumerate(demand.knowledge.collections or ()):
        if name == ALL and ALL not in (held.grounding.collections or ()):
            yield ("knowledge", "collections", at)


def _operators(demand: Demands, held: Terms) -> Iterator[TreePath]:
    """Beside a default `keep` has an effect: it takes a type out of what the rule asks for the others."""
    written: tuple[tuple[TreePath, Mapping[str, OperatorKind], Operators], ...] = (
        (("entities",), demand.entities, held.request),
        (("reply", "entities"), demand.reply.entities, held.reply),
        (("record", "entities"), demand.record.entities, held.record),
        (("knowledge", "entities"), demand.knowledge.entities, held.knowledge),
    )
    for place, entities, around in written:
        said = Operators.written(entities)
        for entity in entities if said.default in (None, OperatorKind.KEEP) else ():
            if said.of(entity) is OperatorKind.KEEP and around.of(entity) is None:
                yield (*place, entity)
