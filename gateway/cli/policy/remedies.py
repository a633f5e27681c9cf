"""What would let a denied request through: changes to it, each tried on the policy itself. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from gateway.exchange import Principal
from gateway.policy.answer import answer
from gateway.policy.compile import CompiledPolicy
from gateway.policy.standing import Standing
from gateway.protocol.facts import Facts
from gateway.protocol.wire import Surface

_A_CONSENT = "a-reference"
_EVERY = 32
"""Up to so many findings of a type every smaller number is tried; above, one half after the other."""


@dataclass(frozen=True, slots=True)
class _Change:
    """Another request, and the changes that lead to it: what is changed, and how in words."""

    facts: Facts
    findings: Mapping[str, int] | None
    made: tuple[tuple[str, str], ...] = ()

    @property
    def subjects(self) -> frozenset[str]:
        return frozenset(subject for subject, _ in self.made)

    @property
    def words(self) -> str:
        return " and ".join(sorted(words for _, words in self.made))

    def but(self, subject: str, words: str, **facts: object) -> _Change:
        """The same with other facts."""
        return replace(self, facts=replace(self.facts, **facts), made=(*self.made, (subject, words)))  # type: ignore[arg-type]


def remedies(
    policy: CompiledPolicy,
    principal: Principal,
    facts: Facts,
    findings: Mapping[str, int] | None,
    content: Mapping[str, float] | None = None,
    *,
    unread: bool = False,
) -> tuple[str, ...]:
    """The changes that turn the denial into an allowance, in words: one each where one is enough, else two together.

    Of a type's findings the largest number that helps. `unread` as of `answer`.
    """
    standing = policy.standing(principal)
    if standing is None:
        return ()

    def helpful(changes: Iterable[_Change]) -> tuple[str, ...]:
        found: dict[tuple[str, ...], str] = {}
        for change in changes:
            key = tuple(sorted(_key(subject, words) for subject, words in change.made))
            if key in found:
                continue
            if answer(policy, principal, change.facts, change.findings, content, unread=unread).lets_through:
                found[key] = change.words
        return tuple(found.values())

    single = list(_changes(standing, _Change(facts, findings)))
    return helpful(single) or helpful(second for first in single for second in _changes(standing, first))


def _key(subject: str, words: str) -> str:
    """Of the findings of one type one change is enough; of models and purposes each is one of its own."""
    return subject if subject.isupper() else words


def _changes(standing: Standing, now: _Change) -> Iterator[_Change]:
    """All that change one thing more."""
    for change in (*_of_words(standing, now), *_of_flags(now), *_of_findings(now)):
        if len(change.subjects) == len(now.made) + 1:
            yield change


def _of_words(standing: Standing, now: _Change) -> Iterator[_Change]:
    facts = now.facts
    for model in standing.grants:
        if model != facts.model:
            yield now.but("model", f"model {model}", model=model)
    for surface in Surface:
        if surface is not facts.surface:
            yield now.but("surface", f"surface {surface}", surface=surface)
    for purpose in sorted(standing.terms.purposes or ()):
        if purpose != facts.purpose:
            words = f"purpose {purpose} (x-gateway-purpose, or purpose in metadata)"
            yield now.but("purpose", words, purpose=purpose)
    if facts.consent is None:
        words = "a reference to a consent (x-gateway-consent, or consent in metadata)"
        yield now.but("consent", words, consent=_A_CONSENT)


def _of_flags(now: _Change) -> Iterator[_Change]:
    if now.facts.stream:
        yield now.but("stream", "no stream", stream=False)
    if now.facts.tools:
        yield now.but("tools", "no tools", tools=0)
    if now.facts.helpers:
        yield now.but("helpers", "no model that a tool or the moderation of its request names", helpers=())


def _of_findings(now: _Change) -> Iterator[_Change]:
    for entity, count in (now.findings or {}).items():
        for fewer in _fewer(count):
            words = f"at most {fewer} {entity}" if fewer else f"no {entity}"
            findings = {**(now.findings or {}), entity: fewer}
            yield replace(now, findings=findings, made=(*now.made, (entity, words)))


def _fewer(count: int) -> Iterator[int]:
    while count > _EVERY:
        count //= 2
        yield count
    yield from range(count - 1, -1, -1)
