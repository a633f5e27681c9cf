"""All that a policy says of one exchange: its decision, its second look at findings, and the findings that it blocks. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from gateway.exchange import Decision, Principal
from gateway.obligations import Obligations, OperatorKind
from gateway.policy.compile import CompiledPolicy
from gateway.policy.decide import decide
from gateway.policy.reading.load import LoadedPolicy
from gateway.policy.reading.yaml_tree import Position
from gateway.protocol.facts import Facts


@dataclass(frozen=True, slots=True)
class Answer:
    """`blocked` are the types for which an exchange is refused although its decision is to allow it."""

    decision: Decision
    blocked: tuple[str, ...] = ()

    @property
    def lets_through(self) -> bool:
        return self.decision.allow and not self.blocked


def answer(policy: CompiledPolicy, principal: Principal, facts: Facts, findings: Mapping[str, int] | None) -> Answer:
    """What policy says when these findings are known, by type; with None, before anybody looked."""
    decision = decide(policy, principal, facts)
    if findings is None:
        return Answer(decision)
    decision = reviewed(decision, findings)
    return Answer(decision, blocked(decision.obligations, findings))


def reviewed(decision: Decision, findings: Mapping[str, int]) -> Decision:
    """The decision in view of findings. Its rules are all that applied, before and after."""
    if decision.review is None:
        return decision
    second = decision.review(findings)
    return replace(second, rules=tuple(dict.fromkeys((*decision.rules, *second.rules))))


def blocked(obligations: Obligations | None, findings: Mapping[str, int]) -> tuple[str, ...]:
    """The types that are blocked and were found."""
    if obligations is None:
        return ()
    found = (entity for entity, count in findings.items() if count)
    return tuple(sorted(entity for entity in found if obligations.request.operator(entity) is OperatorKind.BLOCK))


def place_of(loaded: LoadedPolicy, rule: str) -> Position | None:
    """Line and column of a rule in its file; None for one that stands nowhere, such as default-deny."""
    path = path_of(loaded.tree.data, rule)
    return loaded.tree.locate(path, on_key=True) if path else None


def path_of(data: object, rule: str) -> tuple[str, ...]:
    """The path that a rule's id names, as far as it is written. Names may hold dots themselves, so all readings are tried."""
    if not isinstance(data, Mapping):
        return ()
    words = rule.split(".")
    found: tuple[str, ...] = ()
    for end in range(len(words), 0, -1):
        name = ".".join(words[:end])
        if name in data:
            found = max(found, (name, *path_of(data[name], ".".join(words[end:]))), key=_letters)
    return found


def _letters(path: tuple[str, ...]) -> int:
    return sum(map(len, path)) + len(path)
