"""What a test expects beside what policy says, as the differences between the two."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from gateway.exchange.explanation import limit_in_words
from gateway.obligations import EntityRules, GroundingTerms, Obligations, OperatorKind, Share
from gateway.policy.answer import Answer
from gateway.policy.language.grounding import ALL
from gateway.policy.language.words import DEFAULT
from gateway.policy.terms import PRIORITIES, limits_of, stored_s
from gateway.policy.testing.schema import Demanded, Expected, LimitsAt

_NOTHING = "nothing"
_NULLABLE = frozenset({"retention_days", "canary", "shadow"})
"""Where null is a value that can be expected."""


@dataclass(frozen=True, slots=True)
class Difference:
    """`path` leads from `expect` to what is written there; both sides in words."""

    path: tuple[str, ...]
    expected: str
    got: str


def differences(expected: Expected, answer: Answer, redacted: str | None) -> Iterator[Difference]:
    """Of all that is written under `expect`."""
    decision = answer.decision
    yield from _differ("decision", expected.decision, "allow" if decision.allow else "deny")
    yield from _differ("rule", expected.rule, decision.rule)
    if expected.reason is not None and expected.reason not in decision.reason:
        yield Difference(("reason",), expected.reason, decision.reason)
    yield from _differ("rules", _in_order(expected.rules), _in_order(decision.rules))
    yield from _differ("blocked", _in_order(expected.blocked), _in_order(answer.blocked))
    yield from _differ("redacted", expected.redacted, redacted)
    if "obligations" in expected.model_fields_set:
        yield from _obligations(expected.obligations, decision.obligations)


def _obligations(expected: Demanded, got: Obligations | None) -> Iterator[Difference]:
    if got is None:
        yield Difference(("obligations",), "those of an exchange that is allowed", "none: it is denied")
        return
    parts = (*_operators(expected, got), *_values(expected, got), *_limits(expected.limits, got))
    for one in (*parts, *_grounding(expected, got.grounding)):
        yield Difference(("obligations", *one.path), one.expected, one.got)


def _operators(expected: Demanded, got: Obligations) -> Iterator[Difference]:
    directions: tuple[tuple[str, EntityRules], ...] = (
        ("request", got.request),
        ("reply", got.reply),
        ("record", got.record or got.request),
        ("knowledge", got.knowledge or got.request),
    )
    for direction, rules in directions:
        for entity, operator in getattr(expected, direction).items():
            held = rules.default if entity == DEFAULT else rules.operator(entity)
            if OperatorKind(operator) is not OperatorKind(held):
                yield Difference((direction, entity), operator, held)


def _values(expected: Demanded, got: Obligations) -> Iterator[Difference]:
    held = {
        "restore": got.restore,
        "store": _lasting(got.store_s),
        "record_content": got.record_content,
        "record_originals": got.record_originals,
        "retention_days": got.retention_days,
        "deployments": tuple(place.id for place in got.deployments),
        "canary": _share(got.routing.canary),
        "shadow": _share(got.routing.shadow),
        "priority": _named(got.routing.priority),
        "cache": got.cache,
        "pseudonyms": got.pseudonyms.scope,
        "uninspected": tuple(sorted(got.uninspected)),
        "system": got.guide.system,
        "prefixes": got.guide.prefixes,
    }
    for name in (name for name in held if name in expected.model_fields_set):
        wanted = getattr(expected, name)
        if name == "uninspected" and wanted is not None:
            wanted = tuple(sorted(wanted))
        if name == "store" and wanted is not None:  # an hour may be written as 60m
            wanted = _lasting(stored_s(wanted) or 0)
        yield from _differ(name, wanted, held[name], unsaid=name not in _NULLABLE)


def _grounding(expected: Demanded, got: GroundingTerms | None) -> Iterator[Difference]:
    if "grounding" not in expected.model_fields_set:
        return
    wanted, held = expected.grounding, None if got is None else _grounding_held(got)
    if wanted is None or held is None:
        yield from _differ("grounding", None if wanted is None else "documents", None if held is None else "documents", False)
        return
    for name in sorted(wanted.model_fields_set):
        said = getattr(wanted, name)
        told = sorted(said) if isinstance(said, tuple) else said
        for one in _differ("else" if name == "otherwise" else name, told, held[name]):
            yield Difference(("grounding", *one.path), one.expected, one.got)


def _grounding_held(got: GroundingTerms) -> Mapping[str, object]:
    return {
        "collections": [ALL] if got.collections is None else sorted(got.collections),
        "labels": sorted(got.labels),
        "passages": got.passages,
        "tokens": got.tokens,
        "when": "always" if got.always else "asked",
        "otherwise": "say_so" if got.says_so else "answer",
    }


def _share(share: Share | None) -> str | None:
    return None if share is None else share.deployment.id


def _lasting(seconds: int) -> str:
    return f"{seconds}s" if seconds else "none"


def _named(priority: int) -> str:
    return next(name for name, number in PRIORITIES.items() if number == priority)


def _in_order(names: Iterable[str] | None) -> list[str] | None:
    return None if names is None else sorted(names)


def _limits(expected: Iterable[LimitsAt], got: Obligations) -> Iterator[Difference]:
    for one in expected:
        wanted = sorted(map(limit_in_words, limits_of(one, one.scope)))
        held = sorted(limit_in_words(limit) for limit in got.limits if limit.scope == one.scope)
        yield from _differ("limits", wanted, held)
        if one.when_unavailable is not None:
            said = "count_locally" if got.limits_locally else "refuse"
            yield from _differ("when_unavailable", one.when_unavailable, said)


def _differ(name: str, expected: object, got: object, unsaid: bool = True) -> Iterator[Difference]:
    """`unsaid`: None expects nothing; it is no value."""
    if expected != got and not (expected is None and unsaid):
        yield Difference((name,), in_words(expected), in_words(got))


def in_words(value: object) -> str:
    """A value as the file writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(in_words, value))}]"
    return _NOTHING if value is None else str(value)
