"""Which rules apply to an exchange: their conditions evaluated, without I/O.

The conditions of one level are evaluated together: one call costs little more than one condition, and its answer is kept.
Only where one of them cannot be evaluated, such as a division by zero, are they asked one by one, to find out which.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import compress
from typing import Any

from gateway.exchange import Principal
from gateway.policy.language.condition import CONTENT, FINDINGS, TOTAL, Language, judged_in, named_in, sought_in, waits_for_text
from gateway.policy.terms import PlacedRule
from gateway.protocol.facts import Facts
from gateway.sensitivity.labels import LABELS

_TOGETHER = 50_000
"""Characters of conditions in one expression; CEL takes twice as many."""

_REMEMBERED = 256
_SIZES = frozenset({"request.bytes", "request.messages", "request.tools", "request.max_tokens"})
_UNSEEN = _SIZES - {"request.max_tokens"}
"""Of a request that only its caller can read: what it says of itself is the most tokens that it may take."""
_CHANGING = _SIZES | {CONTENT + label for label in LABELS}
"""Names whose values are seldom the same again."""


@dataclass(frozen=True, slots=True)
class Applied:
    """The rules whose condition holds, and those whose condition could not be evaluated: they count as denials."""

    rules: tuple[PlacedRule, ...] = ()
    failed: tuple[PlacedRule, ...] = ()


class Conditions:
    """The rules that may apply to one caller, some of whose conditions wait for findings, or for what the content is about.

    `outer` are those of the levels around it. What is compiled of them is shared: a rule takes some 2 KB, and a policy has
    far more callers than levels with rules.
    """

    def __init__(self, language: Language, rules: Sequence[PlacedRule], outer: Conditions | None = None) -> None:
        sought = [sought_in(one.rule.when) for one in rules]
        judged = [judged_in(one.rule.when) for one in rules]
        at_once = _batches(language, [one for one in rules if not waits_for_text(one.rule.when)])
        on_findings = _batches(language, [one for one in rules if waits_for_text(one.rule.when)])
        self._at_once: tuple[_Batch, ...] = (outer._at_once if outer else ()) + at_once
        self._on_findings: tuple[_Batch, ...] = (outer._on_findings if outer else ()) + on_findings
        self.sought: frozenset[str] = (outer.sought if outer else frozenset[str]()).union(*sought)
        self.judged: frozenset[str] = (outer.judged if outer else frozenset[str]()).union(*judged)

    @property
    def waits(self) -> bool:
        """Whether anything depends on what is in the request."""
        return bool(self._on_findings)

    @property
    def waiting(self) -> tuple[PlacedRule, ...]:
        """The rules that wait for findings."""
        return tuple(rule for batch in self._on_findings for rule in batch.rules)

    def of_request(self, principal: Principal, facts: Facts) -> Applied:
        """What applies before anything is looked for."""
        return _applied(self._at_once, _known(principal, facts)) if self._at_once else Applied()

    def of_unread(self, principal: Principal, facts: Facts) -> Applied:
        """The same of a request that only its caller can read. A condition that depends on what cannot be counted in it cannot
        be evaluated.
        """
        seen = {name: value for name, value in _known(principal, facts).items() if name not in _UNSEEN}
        return _applied(self._at_once, seen) if self._at_once else Applied()

    def of_findings(
        self,
        principal: Principal,
        facts: Facts,
        findings: Mapping[str, int],
        total: int,
        content: Mapping[str, float] | None = None,
    ) -> Applied:
        """What applies because of what is in the request. `findings` counts by entity type; a type without a count has none.
        A condition on a label that has no score in `content` cannot be evaluated.
        """
        if not self._on_findings:
            return Applied()
        counts = {FINDINGS + entity: findings.get(entity, 0) for entity in self.sought}
        scores = {CONTENT + label: score for label, score in (content or {}).items()}
        return _applied(self._on_findings, {**_known(principal, facts), **counts, **scores, FINDINGS + TOTAL: total})


class _Batch:
    """Conditions of one level as one expression, and one by one for when one of them fails.

    They are asked once for the same values of the names that they use: these are few, and change little from request to
    request. What is not among the values is not there to be asked, so no answer can depend on anything else.
    """

    def __init__(self, language: Language, rules: Sequence[PlacedRule]) -> None:
        self.rules = tuple(rules)
        self.names = tuple(sorted(frozenset[str]().union(*(named_in(one.rule.when) for one in rules))))
        self._language = language
        self._all = language.together([one.rule.when for one in rules])
        self._answer = lru_cache(maxsize=_REMEMBERED)(self._asked)

    def applied(self, known: Mapping[str, Any]) -> Applied:
        """`known` holds the values of the names, each of which can be hashed."""
        return self._answer(tuple(known.get(name) for name in self.names))

    def _asked(self, values: tuple[Any, ...]) -> Applied:
        known = {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in zip(self.names, values, strict=True)
            if value is not None  # or it would be a null, which compares with everything
        }
        told = _told(self._all, known)
        if told is not None:
            return Applied(tuple(compress(self.rules, told)))
        answers = [(one, _told(expression, known)) for one, expression in zip(self.rules, self._each, strict=True)]
        return Applied(
            tuple(one for one, holds in answers if holds == [True]),
            tuple(one for one, holds in answers if holds is None),
        )

    @cached_property
    def _each(self) -> Sequence[Any]:
        return [self._language.together([one.rule.when]) for one in self.rules]


def _batches(language: Language, rules: Sequence[PlacedRule]) -> tuple[_Batch, ...]:
    """Conditions on sizes and scores apart from the others: their answers are seldom the same again."""
    sized = [one for one in rules if named_in(one.rule.when) & _CHANGING]
    others = [one for one in rules if one not in sized]
    return tuple(_Batch(language, part) for group in (others, sized) for part in _parts(group))


def _parts(rules: Sequence[PlacedRule]) -> Iterator[list[PlacedRule]]:
    part: list[PlacedRule] = []
    length = 0
    for one in rules:
        if part and length + len(one.rule.when) > _TOGETHER:
            yield part
            part, length = [], 0
        part.append(one)
        length += len(one.rule.when)
    if part:
        yield part


def _applied(batches: Sequence[_Batch], known: Mapping[str, Any]) -> Applied:
    told = [batch.applied(known) for batch in batches]
    if len(told) == 1:
        return told[0]
    return Applied(
        tuple(rule for one in told for rule in one.rules),
        tuple(rule for one in told for rule in one.failed),
    )


def _told(expression: Any, known: Mapping[str, Any]) -> list[bool] | None:
    """What a list of conditions says; None where one of them has no answer. Loops that turn too often end with RuntimeError."""
    try:
        told = expression.eval(data=known).plain_value()
    except RuntimeError:
        return None
    return told if isinstance(told, list) else None


def _known(principal: Principal, facts: Facts) -> dict[str, Any]:
    return {
        "principal.tenant": principal.tenant,
        "principal.team": principal.team or "",
        "principal.id": principal.id,
        "principal.roles": tuple(sorted(principal.roles)),
        "request.model": facts.model,
        "request.surface": facts.surface.value,
        "request.stream": facts.stream,
        "request.purpose": facts.purpose or "",
        "request.consent": facts.consent is not None,
        "request.messages": facts.messages,
        "request.tools": facts.tools,
        "request.bytes": facts.bytes,
        "request.max_tokens": facts.max_tokens,
    }
