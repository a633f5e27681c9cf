"""Limits in words and in headers. Pure; the path of a scope may hold somebody's name, so only its level is said."""

from __future__ import annotations

import math
from collections.abc import Iterable
from enum import Enum

from gateway.errors import RateLimited
from gateway.limits.limiter import Standing
from gateway.obligations import Limit, LimitKind

_PERIODS = {1: "second", 60: "minute", 3_600: "hour", 86_400: "day"}
_MILLIONTHS = 1_000_000
_IN_HEADERS = (LimitKind.REQUESTS, LimitKind.TOKENS)


class Level(Enum):
    """Whose limit it is, narrowest first."""

    PRINCIPAL = "this principal"
    TEAM = "this team"
    TENANT = "this tenant"
    MODEL = "this model"
    ORGANISATION = "the whole organisation"


_SHARED = frozenset({Level.MODEL, Level.ORGANISATION})


def level_of(scope: str) -> Level:
    """The level of a path of the policy, such as `tenants.bank.teams.desk`."""
    if scope.startswith("models."):
        return Level.MODEL
    if not scope.startswith("tenants."):
        return Level.ORGANISATION
    if ".principals." in scope:
        return Level.PRINCIPAL
    return Level.TEAM if ".teams." in scope else Level.TENANT


def quota(limit: Limit) -> str:
    """`60 requests a minute`."""
    if limit.kind is LimitKind.CONCURRENT:
        return f"{limit.amount} open at once"
    period = _PERIODS.get(limit.period_s)
    in_time = f"{'an' if period == 'hour' else 'a'} {period}" if period else f"in {limit.period_s} seconds"
    if limit.kind is LimitKind.SPEND:
        money = f"{limit.amount // _MILLIONTHS}.{limit.amount % _MILLIONTHS:06}".rstrip("0").rstrip(".")
        return f"spend of {money} {in_time}"
    return f"{limit.amount} {limit.kind.value} {in_time}"


def duration(seconds: float) -> str:
    """Whole seconds, rounded up, as OpenAI writes them: `1s`, `6m0s`, `1h0m0s`."""
    minutes, rest = divmod(max(0, math.ceil(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes}m{rest}s" if hours else f"{minutes}m{rest}s" if minutes else f"{rest}s"


def headers(standings: Iterable[Standing]) -> dict[str, str]:
    """OpenAI's `x-ratelimit-*`, of the limit of each kind that leaves least. Not of those that several tenants use together:
    what is left of these tells one what the others do.
    """
    known = [one for one in standings if level_of(one.limit.scope) not in _SHARED]
    found: dict[str, str] = {}
    for kind in _IN_HEADERS:
        of_kind = [one for one in known if one.limit.kind is kind]
        if of_kind:
            tightest = min(of_kind, key=lambda one: (one.remaining, -one.reset_s))
            found[f"x-ratelimit-limit-{kind}"] = str(tightest.limit.amount)
            found[f"x-ratelimit-remaining-{kind}"] = str(tightest.remaining)
            found[f"x-ratelimit-reset-{kind}"] = duration(tightest.reset_s)
    return found


def refusal(refused: Standing, others: Iterable[Standing]) -> RateLimited:
    """The error for a limit that is reached; `others` are those that were looked at before it."""
    wait = max(1, math.ceil(refused.retry_s or 0))
    return RateLimited(
        f"The limit for {level_of(refused.limit.scope).value} is reached: {quota(refused.limit)}. "
        f"Try again in {duration(wait)}.",
        retry_after=wait,
        headers=headers([refused, *others]),
    )


def impossible(limit: Limit) -> RateLimited:
    """The error for a cost that no waiting helps against."""
    return RateLimited(
        f"This request alone is counted as more than the limit for {level_of(limit.scope).value} ever lets through: "
        f"{quota(limit)}. Make it shorter, or lower the number of tokens that it asks for."
    )
