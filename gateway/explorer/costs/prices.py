"""What a model's tokens would have cost at the public model that policy compares it with. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.explorer.costs.figures import Used
from gateway.explorer.prices.price_list import PriceList, PublicPrice
from gateway.policy.language.schema import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """`prices` by the model's own name. `rate` is how much of the policy's currency one of the list's is worth: the policy's
    has no name, so somebody has to say it. `unlisted` are names that policy compares with and the list does not have.
    """

    prices: Mapping[str, PublicPrice]
    currency: str
    rate: float = 1.0
    unlisted: frozenset[str] = field(default=frozenset())

    def cost(self, model: str, used: Used) -> float | None:
        """In the policy's currency; None where there is nothing to compare with."""
        price = self.prices.get(model)
        return None if price is None else price.cost(used.input_tokens, used.output_tokens) * self.rate


def comparison(policy: Policy, listed: PriceList, rate: float = 1.0) -> Comparison:
    """Names are compared without regard to case."""
    by_name = {price.model.casefold(): price for price in listed.prices}
    named = {name: model.compares_to for name, model in policy.models.items() if model.compares_to is not None}
    found = {name: by_name[other.casefold()] for name, other in named.items() if other.casefold() in by_name}
    unlisted = frozenset(other for other in named.values() if other.casefold() not in by_name)
    return Comparison(prices=found, currency=listed.currency, rate=rate, unlisted=unlisted)
