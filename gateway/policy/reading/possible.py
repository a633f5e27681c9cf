"""What a policy grants has to be possible: models that some deployment can serve, and limits that can be counted."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.policy.language.models import Model
from gateway.policy.language.schema import Policy
from gateway.policy.language.scope import Route
from gateway.policy.levels import Level
from gateway.policy.reading.faults import Fault
from gateway.policy.reading.problems import quoted
from gateway.policy.terms import Terms


def check_route(policy: Policy, level: Level, terms: Terms) -> Iterator[Fault]:
    """Models that are granted at a level, and that no deployment can serve under its `terms`."""
    routed = level.scope.route != Route()
    if not routed and level.scope.models is None:
        return
    for model in _granted(policy, terms):
        if not any(_admits(policy, terms, name) for name in policy.models[model].served_by):
            external = any(policy.deployments[name].leaves_the_premises for name in policy.models[model].served_by)
            message = f"no deployment of model {quoted(model)} meets: {'; '.join(terms.route.words(external=external))}"
            yield Fault((*level.path, "route" if routed else "models"), message, "remove the model here, or demand less")


def check_spending(policy: Policy, level: Level, terms: Terms) -> Iterator[Fault]:
    """Models that are granted where spending is limited, and whose cost nobody knows."""
    if level.scope.limits.spend is None:
        return
    for model in _granted(policy, terms):
        if not _priced(policy.models[model]):
            fix = "add 'price: {input: ..., output: ...}' to the model"
            yield Fault((*level.path, "limits", "spend"), f"model {quoted(model)} has no price", fix)


def check_prices(policy: Policy) -> Iterator[Fault]:
    """The same for limits that are written at models."""
    for name, model in policy.models.items():
        if model.limits.spend is not None and not _priced(model):
            fix = "add 'price: {input: ..., output: ...}' to it"
            yield Fault(("models", name, "limits", "spend"), "this model has no price", fix)


def check_counting(policy: Policy) -> Iterator[Fault]:
    """A model's limits are for everybody who uses it; who may be counted by one process alone is for levels to say."""
    for name, model in policy.models.items():
        if model.limits.when_unavailable == "count_locally":
            fix = "write it at the organisation or a tenant, and remove it here"
            yield Fault(("models", name, "limits", "when_unavailable"), "a model can only refuse", fix)


def _granted(policy: Policy, terms: Terms) -> list[str]:
    return [model for model in policy.models if model in (terms.models or ())]


def _priced(model: Model) -> bool:
    return model.price.input + model.price.output > 0


def _admits(policy: Policy, terms: Terms, deployment: str) -> bool:
    written = policy.deployments[deployment]
    return terms.route.admits(
        region=written.region,
        labels=frozenset(written.labels),
        kind=written.protocol,
        external=written.leaves_the_premises,
    )
