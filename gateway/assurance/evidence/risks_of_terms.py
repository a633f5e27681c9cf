"""Risks that show in what holds for a tenant, one rule each. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.assurance.evidence.document import Term, Value, listed
from gateway.assurance.evidence.keeping import duration
from gateway.assurance.evidence.risk import TermsRule
from gateway.obligations import CacheMode, OperatorKind, PseudonymScope
from gateway.policy.terms import Terms


def _keeps_unnamed(terms: Terms) -> bool:
    return terms.request.default is OperatorKind.KEEP


def _content_without_end(terms: Terms) -> bool:
    return bool(terms.record_content) and terms.retention_days is None


def _originals(terms: Terms) -> bool:
    return bool(terms.record_content and terms.record_originals)


def _replies_not_screened(terms: Terms) -> bool:
    return terms.reply.rules.keeps_everything


def _shared_answers(terms: Terms) -> bool:
    return terms.cache is CacheMode.TENANT


def _answers_to_other_words(terms: Terms) -> bool:
    return terms.cache not in (None, CacheMode.NONE) and bool(terms.cache_semantic)


def _lasting_placeholders(terms: Terms) -> bool:
    return terms.pseudonyms not in (None, PseudonymScope.REQUEST)


def _unlimited(terms: Terms) -> bool:
    return not terms.limits


def _limits_apart(terms: Terms) -> bool:
    return bool(terms.limits and terms.limits_locally)


def _vault(terms: Terms) -> Mapping[str, Value]:
    return {"scope": Term("scope", str(terms.pseudonyms)), "ttl": duration(terms.pseudonym_ttl_s or 0)}


RULES = (
    TermsRule("no_purpose", lambda terms: terms.purposes is None, lambda terms: terms.purposes, ("purposes",)),
    TermsRule("keeps_unnamed", _keeps_unnamed, lambda terms: terms.request.default, ("entities", "default")),
    TermsRule(
        "uninspected",
        lambda terms: bool(terms.uninspected),
        lambda terms: terms.uninspected,
        ("allow_uninspected",),
        lambda terms: {"kinds": listed(sorted(kind.value for kind in terms.uninspected or ()))},
    ),
    TermsRule("no_retention", _content_without_end, lambda terms: terms.record_content, ("record", "content")),
    TermsRule("originals", _originals, lambda terms: terms.record_originals, ("record", "originals")),
    TermsRule("replies_not_screened", _replies_not_screened, lambda terms: terms.reply, ("reply", "entities")),
    TermsRule("shared_cache", _shared_answers, lambda terms: terms.cache, ("cache",)),
    TermsRule("semantic_cache", _answers_to_other_words, lambda terms: terms.cache_semantic, ("cache", "semantic")),
    TermsRule("vault", _lasting_placeholders, lambda terms: terms.pseudonyms, ("pseudonyms",), _vault),
    TermsRule(
        "items",
        lambda terms: bool(terms.store_s),
        lambda terms: terms.store_s,
        ("reply", "store"),
        lambda terms: {"ttl": duration(terms.store_s or 0)},
    ),
    TermsRule("no_limits", _unlimited, lambda terms: terms.limits, ("limits",)),
    TermsRule("limits_apart", _limits_apart, lambda terms: terms.limits_locally, ("limits", "when_unavailable")),
    TermsRule(
        "documents",
        lambda terms: bool(terms.grounding.collections),
        lambda terms: terms.grounding.collections,
        ("knowledge", "collections"),
        lambda terms: {"collections": listed(sorted(terms.grounding.collections or ()))},
    ),
)
"""In the order in which a document tells them."""
