"""What one caller may do, worked out once: its terms, its models, and the obligations that follow when rules apply."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, reduce

from gateway.obligations import (
    CacheMode,
    CacheTerms,
    EntityRules,
    GroundingTerms,
    Guide,
    Limit,
    Obligations,
    OperatorKind,
    Price,
    PseudonymScope,
    PseudonymTerms,
)
from gateway.policy.conditions import Conditions
from gateway.policy.grounding import Grounding
from gateway.policy.language.condition import TOTAL
from gateway.policy.language.schema import Purpose
from gateway.policy.routes import ModelRoute, deployments_of
from gateway.policy.strength import Operators
from gateway.policy.terms import PlacedRule, Terms, with_rules
from gateway.protocol.wire import Surface
from gateway.rules.detection import DetectionRules
from gateway.rules.sensitivity import ContentTerms

_KEPT = 64
"""Sets of obligations that are kept for each caller: a few models, and a few rules that apply now and then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One model: where it is served, and what of it counts. `surfaces` is None where it is served on all. Without
    `limits_locally` its callers are never counted by one process alone, whatever their levels say.
    """

    model: str
    surfaces: frozenset[Surface] | None
    route: ModelRoute
    limits: tuple[Limit, ...] = ()
    limits_locally: bool = True
    price: Price = Price()


@dataclass(frozen=True, kw_only=True)
class Standing:
    """`rule` is the list that grants the models; `withheld` says which inner list leaves out a model that an outer one has.
    `named` is what models and aliases say of documents, by their names.
    """

    rule: str
    terms: Terms
    grants: Mapping[str, Grant]
    withheld: Mapping[str, str]
    purposes: Mapping[str, Purpose]
    detection: DetectionRules
    content: ContentTerms
    conditions: Conditions = field(repr=False)
    named: Mapping[str, Grounding] = field(default_factory=dict)

    @cached_property
    def obligations(self) -> Callable[..., Obligations]:
        """What must be done with an exchange on a model to which these rules apply; `asked` is the alias that was asked for."""
        return lru_cache(maxsize=_KEPT)(self._obligations)

    def demands(self, model: str, applied: Sequence[PlacedRule]) -> tuple[str, ...]:
        """What is demanded of the model's route, in words."""
        return with_rules(self.terms, applied).route.words(external=self.grants[model].route.leads_out)

    def protected(self, findings: Mapping[str, int]) -> int:
        """How many findings there are of types that this caller's levels do not keep, whatever rules say beside that."""
        of = self.terms.request.of
        return sum(count for entity, count in findings.items() if of(entity) is not OperatorKind.KEEP)

    def _grounding(self, terms: Terms, names: Iterable[str]) -> GroundingTerms | None:
        """Of the levels, as the model and the alias that was asked for narrow it."""
        narrower = (self.named[name] for name in names if name in self.named)
        return reduce(Grounding.narrowed, narrower, terms.grounding).terms()

    def _obligations(self, model: str, applied: tuple[PlacedRule, ...], asked: str | None = None) -> Obligations:
        grant, terms = self.grants[model], with_rules(self.terms, applied)
        routing = grant.route.under(terms)
        return Obligations(
            request=_request(terms),
            reply=terms.reply.rules,
            record=_beside(terms.record, terms.request),
            knowledge=_beside(terms.knowledge, terms.request),
            grounding=self._grounding(terms, {model, asked or model}),
            restore=terms.restore is True,
            store_s=terms.store_s or 0,
            detection=self.detection,
            sought=self.conditions.sought - {TOTAL},
            content=self.content if self.conditions.judged else None,
            uninspected=terms.uninspected or frozenset(),
            record_content=terms.record_content is True,
            record_originals=terms.record_content is True and terms.record_originals is True,
            deployments=deployments_of(routing),
            routing=routing,
            cache=terms.cache or CacheMode.NONE,
            caching=_caching(terms),
            pseudonyms=_pseudonyms(terms),
            retention_days=terms.retention_days,
            guide=Guide(system=terms.system, prefixes=terms.prefixes),
            limits=(*terms.limits, *grant.limits),
            limits_locally=terms.limits_locally is True and grant.limits_locally,
            price=grant.price,
        )


def _caching(terms: Terms) -> CacheTerms:
    usual = CacheTerms()
    return CacheTerms(
        ttl_s=terms.cache_ttl_s or usual.ttl_s,
        always=terms.cache_always is True,
        max_bytes=terms.cache_max_bytes or usual.max_bytes,
        semantic=terms.cache_semantic is True,
    )


def _pseudonyms(terms: Terms) -> PseudonymTerms:
    usual = PseudonymTerms()
    return PseudonymTerms(scope=terms.pseudonyms or usual.scope, ttl_s=terms.pseudonym_ttl_s or usual.ttl_s)


def _request(terms: Terms) -> EntityRules:
    """The vault keeps placeholders: beyond a request, a surrogate would come back only where the request has its value."""
    rules = terms.request.rules
    if terms.pseudonyms in (None, PseudonymScope.REQUEST):
        return rules
    return EntityRules(_placed(rules.default), {entity: _placed(operator) for entity, operator in rules.by_entity.items()})


def _placed(operator: OperatorKind) -> OperatorKind:
    return OperatorKind.PLACEHOLDER if operator is OperatorKind.SURROGATE else operator


def _beside(own: Operators, request: Operators) -> EntityRules | None:
    """Stricter rules than those of the request; None where they are the same."""
    rules = own.within(request).rules
    return None if rules == request.rules else rules
