"""The policy enforcement point: asks the decision point, and obeys."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gateway.errors import ModelNotFound, PolicyDenied
from gateway.exchange import Decision, Exchange, Principal, Reply
from gateway.pipeline import Proceed
from gateway.protocol.facts import Facts

Decide = Callable[[Principal, Facts], Decision]


class Authorize:
    """`decide` is the policy in force; it is asked once for each exchange, so that one exchange sees one policy."""

    def __init__(self, decide: Decide) -> None:
        self._decide = decide

    async def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        if exchange.principal is None or exchange.facts is None:
            raise LookupError("authorize runs after authenticate and receive")
        decided = _obeyed(exchange, self._decide(exchange.principal, exchange.facts))
        # Only now is the model's name one of the policy's own, and fit for the record.
        return await proceed(decided.learn(model=exchange.facts.model))


def review(exchange: Exchange, findings: Mapping[str, int]) -> Exchange:
    """Ask again when it is known how many findings there are of each type. Raises PolicyDenied."""
    decision = exchange.decision
    return exchange if decision is None or decision.review is None else _obeyed(exchange, decision.review(findings))


def _obeyed(exchange: Exchange, decision: Decision) -> Exchange:
    decided = exchange.learn(decision=decision)
    if not decision.allow:
        raise _refusal(decision)
    return decided


def _refusal(decision: Decision) -> PolicyDenied:
    if decision.rule == "default-deny":
        return ModelNotFound(f"The model does not exist or you do not have access to it ({decision.reason}).", param="model")
    return PolicyDenied(f"Denied by {decision.rule}: {decision.reason.removesuffix('.')}.", param=_at_fault(decision.rule))


def _at_fault(rule: str) -> str | None:
    """The field of the request that a built-in rule is about; a written rule may be about anything."""
    if ".rules." in rule or rule == "route":
        return None
    return "metadata" if rule.startswith("purposes") else "model"
