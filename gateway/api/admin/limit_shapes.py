"""Limits as this API shows them."""

from __future__ import annotations

from pydantic import Field

from gateway.api.admin.shapes import Id, Shape, Text
from gateway.limits.limiter import Standing
from gateway.obligations import Limit, LimitKind


class Quota(Shape):
    """How much there may be."""

    scope: str = Field(description="Where the policy says so; all below it count together.", examples=["tenants.bank"])
    kind: LimitKind = Field(description="spend counts millionths of the policy's currency; concurrent what is open at once.")
    amount: int
    period_s: int = Field(description="Seconds; 0 for what is counted at once.")


class LimitState(Quota):
    """How much of it is used."""

    used: int
    remaining: int
    reset_s: float = Field(description="Seconds until nothing of it is used any more; 0 where no clock says when.")


class LimitStates(Shape):
    """The limits that hold for a tenant, or for one principal of it.

    A person bound to tenants is not shown those of the organisation and of models: others count there too.
    """

    tenant: str
    principal: str | None
    limits: tuple[LimitState, ...]


class ResetLimit(Shape):
    """Which limit is to be forgotten, and on whose account it is seen."""

    tenant: Id = Field(examples=["bank"])
    principal: Id | None = Field(default=None, examples=["service-desk"])
    team: Id | None = Field(default=None, description="For a principal that an identity provider puts into an open team.")
    scope: Text = Field(
        min_length=1, max_length=1_000, description="A scope that `GET /limits` shows.", examples=["tenants.bank"]
    )
    kind: LimitKind | None = Field(default=None, description="Default: every kind that is limited there.")


def quota(limit: Limit) -> Quota:
    return Quota(scope=limit.scope, kind=limit.kind, amount=limit.amount, period_s=limit.period_s)


def limit_state(standing: Standing) -> LimitState:
    return LimitState(
        **quota(standing.limit).model_dump(),
        used=standing.used,
        remaining=standing.remaining,
        reset_s=standing.reset_s,
    )
