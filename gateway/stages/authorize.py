"""The policy enforcement point: asks the decision point, and obeys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import aclosing

from gateway.errors import ModelNotFound, PolicyDenied
from gateway.exchange import Body, Decision, Exchange, Principal, Reply
from gateway.pipeline import Proceed
from gateway.protocol.facts import Facts
from gateway.protocol.named import named

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
        meant = _meant(decided, exchange.facts.model)
        reply = await proceed(meant)
        if not _is_renamed(meant, exchange.facts.model):
            return reply
        asked = exchange.facts.model
        return reply.through(lambda body: _named(body, asked))


def _meant(decided: Exchange, asked: str) -> Exchange:
    """The exchange about the model that an alias stands for."""
    serves = decided.decision.serves if decided.decision else None
    if serves is None or serves == asked:
        return decided.learn(model=asked)
    return decided.learn(model=serves, request={**(decided.request or {}), "model": serves})


def _is_renamed(exchange: Exchange, asked: str) -> bool:
    """Whether a backend may know the model by another name than the client."""
    return exchange.model != asked or any(place.model is not None for place in exchange.obligations.deployments)


async def _named(body: Body, asked: str) -> Body:
    """The answer under the name that the client asked for: which backend served it, under what name, is on the record."""
    async with aclosing(body) as events:
        async for event in events:
            yield named(event, asked)


def review(exchange: Exchange, findings: Mapping[str, int]) -> Exchange:
    """Ask again when it is known what was found, how often, and what the content is about. Raises PolicyDenied."""
    decision = exchange.decision
    if decision is None or decision.review is None:
        return exchange
    content = next((one.scores for one in exchange.content if one.decides), None)
    return _obeyed(exchange, decision.review(findings, content))


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
