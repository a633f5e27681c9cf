"""Limits in words: whose, how many, how long. Nobody's name."""

from __future__ import annotations

import pytest

from gateway.limits.limiter import Standing
from gateway.limits.wording import Level, duration, headers, impossible, level_of, quota, refusal
from gateway.obligations import Limit, LimitKind


def limit(kind: LimitKind, amount: int, period_s: int = 60, scope: str = "tenants.bank") -> Limit:
    return Limit(scope=scope, kind=kind, amount=amount, period_s=period_s)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0s"), (-1, "0s"), (0.001, "1s"), (59.2, "1m0s"), (360, "6m0s"), (3_599.5, "1h0m0s"), (90_061, "25h1m1s")],
)
def test_durations(seconds: float, said: str) -> None:
    assert duration(seconds) == said


@pytest.mark.parametrize(
    ("of", "said"),
    [
        (limit(LimitKind.REQUESTS, 60), "60 requests a minute"),
        (limit(LimitKind.TOKENS, 100_000, 3_600), "100000 tokens an hour"),
        (limit(LimitKind.SPEND, 25_500_000, 86_400), "spend of 25.5 a day"),
        (limit(LimitKind.SPEND, 3_000_000, 1), "spend of 3 a second"),
        (limit(LimitKind.SPEND, 1, 90), "spend of 0.000001 in 90 seconds"),
        (limit(LimitKind.CONCURRENT, 8, 0), "8 open at once"),
    ],
)
def test_quotas(of: Limit, said: str) -> None:
    assert quota(of) == said


@pytest.mark.parametrize(
    ("scope", "level"),
    [
        ("organisation", Level.ORGANISATION),
        ("tenants.bank", Level.TENANT),
        ("tenants.bank.teams.desk", Level.TEAM),
        ("tenants.bank.teams.desk.principals.ann@bank.example", Level.PRINCIPAL),
        ("tenants.bank.principals.ann", Level.PRINCIPAL),
        ("models.qwen-2.5", Level.MODEL),
        ("models.tenants.principals.", Level.MODEL),
    ],
)
def test_levels(scope: str, level: Level) -> None:
    assert level_of(scope) is level


def test_narrow_levels_come_first() -> None:
    assert list(Level) == [Level.PRINCIPAL, Level.TEAM, Level.TENANT, Level.MODEL, Level.ORGANISATION]


def test_headers_leave_out_what_has_none() -> None:
    open_ = Standing(limit=limit(LimitKind.CONCURRENT, 8, 0), remaining=3)
    money = Standing(limit=limit(LimitKind.SPEND, 10), remaining=3)
    assert headers([open_, money]) == {}


@pytest.mark.parametrize("scope", ["organisation", "models.chat"])
def test_what_tenants_use_together_is_told_to_none_of_them(scope: str) -> None:
    """What is left of it would tell each what the others do."""
    shared = Standing(limit=limit(LimitKind.REQUESTS, 60, scope=scope), remaining=3, retry_s=2.0)
    own = Standing(limit=limit(LimitKind.REQUESTS, 90), remaining=80)
    assert headers([shared]) == {}
    assert headers([shared, own])["x-ratelimit-remaining-requests"] == "80"
    error = refusal(shared, [own])
    assert (error.retry_after, error.headers["x-ratelimit-remaining-requests"]) == (2, "80")


def test_of_two_that_leave_as_little_the_slower_is_told() -> None:
    slow, fast = (Standing(limit=limit(LimitKind.TOKENS, amount), remaining=0, reset_s=amount) for amount in (90, 30))
    assert headers([fast, slow])["x-ratelimit-reset-tokens"] == "1m30s"


def test_a_refusal_says_when_to_come_back() -> None:
    refused = Standing(limit=limit(LimitKind.REQUESTS, 60), remaining=0, reset_s=60, retry_s=0.2)
    error = refusal(refused, [])
    assert error.message == "The limit for this tenant is reached: 60 requests a minute. Try again in 1s."
    assert (error.status, error.code, error.retry_after) == (429, "rate_limit_exceeded", 1)
    assert "bank" not in str(error) + str(error.headers)


def test_what_can_never_pass_says_so() -> None:
    error = impossible(limit(LimitKind.TOKENS, 100))
    assert (error.retry_after, error.headers) == (None, {})
    assert error.message.startswith("This request alone is counted as more than the limit for this tenant ever lets through")
