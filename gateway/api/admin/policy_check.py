"""Checks the text of a policy as a policy file is checked. Nothing of it is written anywhere: it may list names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from gateway.api.admin.policy_shapes import PolicyCheck, PolicyProblem
from gateway.policy.reading.load import load_policy, version_of
from gateway.policy.reading.problems import PolicyError, Problem
from gateway.rules.detection import PluginOffer

_NAMELESS = Path("policy.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyChecker:
    """Knows what a policy may name: the types of entities, those with surrogates, and the installed recognizers."""

    known_entities: frozenset[str] = field(repr=False)
    surrogate_entities: frozenset[str] = field(repr=False)
    plugins: Callable[[str], PluginOffer]

    def __call__(self, text: str) -> PolicyCheck:
        """For a thread: a large policy takes seconds."""
        raw = text.encode()
        problems = self._problems(raw)
        return PolicyCheck(valid=not problems, version=version_of(raw), problems=tuple(map(_shown, problems)))

    def _problems(self, raw: bytes) -> tuple[Problem, ...]:
        try:
            load_policy(
                _NAMELESS,
                raw=raw,
                known_entities=self.known_entities,
                surrogate_entities=self.surrogate_entities,
                plugins=self.plugins,
            )
        except PolicyError as error:
            return error.problems
        return ()


def _shown(problem: Problem) -> PolicyProblem:
    return PolicyProblem(line=problem.line, column=problem.column, key=problem.key, message=problem.message, fix=problem.fix)
