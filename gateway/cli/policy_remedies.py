"""What would let a denied request through: changes to it, each tried on the policy itself. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from gateway.exchange import Principal
from gateway.policy.answer import answer
from gateway.policy.compile import CompiledPolicy
from gateway.policy.standing import Standing
from gateway.protocol.facts import Facts
from gateway.protocol.wire import Surface

_A_CONSENT = "a-reference"


@dataclass(frozen=True, slots=True)
class _Change:
    """Another request, and the change in words."""

    words: str
    facts: Facts
    findings: Mapping[str, int] | None


def remedies(policy: CompiledPolicy, principal: Principal, facts: Facts, findings: Mapping[str, int] | None) -> tuple[str, ...]:
    """The changes that turn the denial into an allowance; one change each where one is enough, else two."""
    standing = policy.standing(principal)
    if standing is None:
        return ()

    def helps(change: _Change) -> bool:
        return answer(policy, principal, change.facts, change.findings).lets_through

    single = list(_changes(standing, _Change("", facts, findings)))
    found = [change.words for change in single if helps(change)]
    if not found:
        pairs = (second for first in single for second in _changes(standing, first))
        found = [change.words for change in pairs if helps(change)]
    return tuple(dict.fromkeys(found))


def _changes(standing: Standing, now: _Change) -> Iterator[_Change]:
    yield from _of_words(standing, now)
    yield from _of_flags(now)
    yield from _of_findings(now)


def _of_words(standing: Standing, now: _Change) -> Iterator[_Change]:
    facts = now.facts
    for model in standing.grants:
        if model != facts.model:
            yield _changed(now, f"ask for model {model}", model=model)
    for surface in Surface:
        if surface is not facts.surface:
            yield _changed(now, f"call {surface}", surface=surface)
    for purpose in sorted(standing.terms.purposes or ()):
        if purpose != facts.purpose:
            yield _changed(now, f"state purpose {purpose} (x-gateway-purpose, or purpose in metadata)", purpose=purpose)
    if facts.consent is None:
        yield _changed(now, "carry a reference to a consent (x-gateway-consent, or consent in metadata)", consent=_A_CONSENT)


def _of_flags(now: _Change) -> Iterator[_Change]:
    if now.facts.stream:
        yield _changed(now, "do not ask for a stream", stream=False)
    if now.facts.tools:
        yield _changed(now, "bring no tools", tools=0)


def _of_findings(now: _Change) -> Iterator[_Change]:
    """A type with fewer findings: half of them, half of that, and so on down to none."""
    for entity, count in (now.findings or {}).items():
        while count:
            count //= 2
            words = f"at most {count} {entity}" if count else f"no {entity}"
            yield _Change(_and(now.words, words), now.facts, {**(now.findings or {}), entity: count})


def _changed(now: _Change, words: str, **facts: object) -> _Change:
    return _Change(_and(now.words, words), replace(now.facts, **facts), now.findings)  # type: ignore[arg-type]


def _and(first: str, second: str) -> str:
    return f"{first}, and {second}" if first else second
