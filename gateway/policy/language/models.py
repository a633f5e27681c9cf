"""The names that clients ask for, as the policy file writes them."""

from __future__ import annotations

from pydantic import Field

from gateway.policy.language.part import Part
from gateway.policy.language.scope import Limits
from gateway.policy.language.words import Id, Money
from gateway.protocol.wire import Surface


class Price(Part):
    """In the policy's currency, for a million tokens."""

    input: Money = Field(default=0.0, description="For a million tokens of the request.")
    output: Money = Field(default=0.0, description="For a million tokens of the answer.")


class Model(Part):
    """A name that clients ask for."""

    deployments: tuple[Id, ...] = Field(min_length=1, description="The deployments that serve it, preferred first.")
    surfaces: tuple[Surface, ...] | None = Field(
        default=None, min_length=1, description="The endpoints it is served on; default: all."
    )
    price: Price = Field(default_factory=Price, description="What its tokens cost, for limits on spending.")
    limits: Limits = Field(default_factory=Limits, description="How much of it there may be for everybody together.")
