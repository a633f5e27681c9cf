"""How a deployment is chosen for a model, as the policy file writes it: tiers of equals, weights, shares and patience."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, TypeAlias, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, StrictInt

from gateway.policy.language.part import Part, refuse
from gateway.policy.language.words import Id, Seconds

_Number = TypeVar("_Number", int, float)
_Equals: TypeAlias = Annotated[tuple[Id, ...], Field(min_length=1)]


def _between(least: _Number, most: _Number) -> Callable[[_Number], _Number]:
    def check(number: _Number) -> _Number:
        if not least <= number <= most:
            raise refuse("out of range", f"write a number from {least:g} to {most:g}")
        return number

    return check


def _weight(number: float) -> float:
    if not 0 < number <= 1_000:
        raise refuse("out of range", "write a number above 0 and at most 1000; take one out of 'deployments' that gets nothing")
    return number


def _each_a_tier(written: object) -> object:
    """What stands in a list by itself is a tier of one."""
    return (
        [one if isinstance(one, list | tuple) else [one] for one in written] if isinstance(written, list | tuple) else written
    )


Tiers: TypeAlias = Annotated[
    tuple[_Equals, ...], BeforeValidator(_each_a_tier, json_schema_input_type=tuple[Id | _Equals, ...])
]
"""Deployments, preferred first: `[gpu-1, spare]`. Equals share a list of their own: `[[gpu-1, gpu-2], spare]`."""

_Float: TypeAlias = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Weight: TypeAlias = Annotated[
    _Float, Field(json_schema_extra={"exclusiveMinimum": 0, "maximum": 1_000}), AfterValidator(_weight)
]
Percent: TypeAlias = Annotated[
    _Float, Field(json_schema_extra={"minimum": 0, "maximum": 100}), AfterValidator(_between(0.0, 100.0))
]
Patience: TypeAlias = Annotated[
    _Float, Field(json_schema_extra={"minimum": 0, "maximum": 3_600}), AfterValidator(_between(0.0, 3_600.0))
]
Retries: TypeAlias = Annotated[
    StrictInt, Field(json_schema_extra={"minimum": 0, "maximum": 10}), AfterValidator(_between(0, 10))
]


class Share(Part):
    """A deployment beside those that serve the model, and its part of the exchanges."""

    deployment: Id = Field(description="The deployment; it is not one of the model's own.")
    percent: Percent = Field(description="Its part of the exchanges, from 0 to 100.")


class Routing(Part):
    """How one of the deployments is chosen, and what is done when it does not answer."""

    weights: dict[Id, Weight] = Field(default={}, description="How much a deployment gets beside its equals. Default: 1 each.")
    canary: Share | None = Field(
        default=None, description="A deployment on trial: it answers its share, and of a conversation every turn or none."
    )
    shadow: Share | None = Field(
        default=None,
        description="A deployment that is compared: it gets a copy of its share of the requests, and its answers reach nobody.",
    )
    retries: Retries = Field(
        default=2, description="Further deployments that are tried when one does not answer, before its first byte only."
    )
    hedge_after_s: Seconds | None = Field(
        default=None,
        description="Seconds without a first byte after which a second one is asked too; whichever begins first answers. "
        "Default: never.",
    )
    queue_s: Patience = Field(
        default=10.0, description="Seconds that an exchange may wait while every deployment is at its capacity."
    )
