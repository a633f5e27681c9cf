"""The names that clients ask for, as the policy file writes them."""

from __future__ import annotations

from pydantic import Field, model_validator

from gateway.policy.language.grounding import Grounding
from gateway.policy.language.part import Part, refuse
from gateway.policy.language.routing import Routing, Tiers
from gateway.policy.language.scope import Limits
from gateway.policy.language.words import ModelName, Money, Sentence
from gateway.protocol.wire import Surface


class Price(Part):
    """In the policy's currency, for a million tokens."""

    input: Money = Field(default=0.0, description="For a million tokens of the request.")
    output: Money = Field(default=0.0, description="For a million tokens of the answer.")


class Model(Part):
    """A name that clients ask for."""

    alias: ModelName | None = Field(
        default=None,
        description="Another model that this name stands for, with its rights and limits; then nothing but knowledge is said.",
    )
    deployments: Tiers = Field(
        default=(), description="The deployments that serve it, preferred first; a list inside the list holds equals."
    )
    routing: Routing = Field(default_factory=Routing, description="How one of them is chosen.")
    surfaces: tuple[Surface, ...] | None = Field(
        default=None, min_length=1, description="The endpoints it is served on; default: all."
    )
    price: Price = Field(default_factory=Price, description="What its tokens cost, for limits on spending.")
    limits: Limits = Field(default_factory=Limits, description="How much of it there may be for everybody together.")
    compares_to: Sentence | None = Field(
        default=None,
        description="A model of the list of public prices that could do the same, for reports of cost.",
    )

    knowledge: Grounding | None = Field(
        default=None, description="Which documents ground answers under this name, of those that the caller's levels grant."
    )

    @property
    def served_by(self) -> tuple[str, ...]:
        """The deployments in one row, preferred first."""
        return tuple(one for equals in self.deployments for one in equals)

    @model_validator(mode="after")
    def _one_or_the_other(self) -> Model:
        if self.alias is None and not self.deployments:
            raise refuse("this model is served nowhere", "add 'deployments: [...]', or 'alias: ...' for another model's name")
        if self.alias is not None and not self.model_fields_set <= {"alias", "knowledge"}:
            raise refuse("an alias says nothing else but knowledge", "say it at the model that the alias stands for")
        return self
