"""Runs tests: each through the decision point, those with a text through detection and redaction as well."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from gateway.errors import GatewayError
from gateway.exchange import Decision, Principal
from gateway.policy.answer import Answer, answer, scored
from gateway.policy.compile import CompiledPolicy, compile_policy
from gateway.policy.decide import decide
from gateway.policy.testing.compare import Difference, differences
from gateway.policy.testing.reading import PlacedSuite
from gateway.policy.testing.schema import Case
from gateway.protocol.facts import Facts

if TYPE_CHECKING:
    from gateway.policy.testing.golden import Golden


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a test ended: well, if nothing differs. `number` is its place in the file, from 0; `seconds` on the wall clock."""

    number: int
    case: Case = field(repr=False)
    decision: Decision
    differences: tuple[Difference, ...] = ()
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        return not self.differences


class Runner:
    """Runs any number of suites. The recognizers are loaded when a test first has a text."""

    def run(self, placed: PlacedSuite, wanted: Callable[[Case], bool] = lambda _: True) -> Iterator[Outcome]:
        """The outcomes of the wanted tests, in the order of the file."""
        policy = compile_policy(placed.policy, {})
        for number, case in enumerate(placed.suite.tests):
            if wanted(case):
                yield self._outcome(policy, number, case)

    def _outcome(self, policy: CompiledPolicy, number: int, case: Case) -> Outcome:
        began = time.monotonic()
        decision, found = self._compared(policy, case)
        return Outcome(number=number, case=case, decision=decision, differences=tuple(found), seconds=time.monotonic() - began)

    def _compared(self, policy: CompiledPolicy, case: Case) -> tuple[Decision, Iterator[Difference]]:
        principal, facts = principal_of(case), facts_of(case)
        if case.text is None:
            told = answer(policy, principal, facts, _counts(case), scored(case.content))
            return told.decision, differences(case.expect, told, None)
        first = decide(policy, principal, facts)
        try:
            treated = self._golden.treated(first, case.text, principal)
        except GatewayError as error:
            return first, iter([Difference(("redacted",), "a text that can be redacted", error.message)])
        return treated.answer.decision, differences(case.expect, treated.answer, treated.redacted or _refusal(treated.answer))

    @cached_property
    def _golden(self) -> Golden:
        from gateway.policy.testing.golden import Golden

        return Golden()


def principal_of(case: Case) -> Principal:
    """As authentication would tell it."""
    caller = case.principal
    return Principal(tenant=caller.tenant, id=caller.id, team=caller.team, roles=frozenset(caller.roles))


def facts_of(case: Case) -> Facts:
    """As they would be read from the request."""
    return Facts(**dict(case.request))


def _counts(case: Case) -> Mapping[str, int]:
    return case.findings or {}


def _refusal(answer: Answer) -> str:
    """What stands in place of a text that does not leave."""
    if answer.blocked:
        return f"nothing leaves: {', '.join(answer.blocked)} blocked"
    return "" if answer.decision.allow else f"nothing leaves: denied by {answer.decision.rule}"
