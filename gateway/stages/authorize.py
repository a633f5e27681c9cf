"""The policy enforcement point: asks the decision point, and obeys."""

from __future__ import annotations

from collections.abc import Callable

from gateway.errors import ModelNotFound, PolicyDenied
from gateway.exchange import Decision, Exchange, Principal, Reply
from gateway.pipeline import Proceed
from gateway.protocol.wire import Surface

Decide = Callable[[Principal, str, Surface], Decision]


class Authorize:
    """`decide` is the policy in force; it is asked once for each exchange, so that one exchange sees one policy."""

    def __init__(self, decide: Decide) -> None:
        self._decide = decide

    async def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        if exchange.principal is None or exchange.request is None:
            raise LookupError("authorize runs after authenticate and receive")
        model = exchange.request["model"]
        decision = self._decide(exchange.principal, model, exchange.surface)
        if not decision.allow:
            exchange.learn(decision=decision)
            raise _refusal(decision)
        # Only now is the model's name one of the policy's own, and fit for the record.
        return await proceed(exchange.learn(decision=decision, model=model))


def _refusal(decision: Decision) -> PolicyDenied:
    if decision.rule == "default-deny":
        return ModelNotFound(f"The model does not exist or you do not have access to it ({decision.reason}).", param="model")
    return PolicyDenied(f"Denied by {decision.rule}: {decision.reason}.", param="model")
