"""Exchanges as a company of some size has them: invented, skewed as real traffic is, and the same for the same seed.

A few tenants and principals make most of the calls, most calls go well, durations are log-normal, days have office hours. What
is rare is there too: principals with few calls, rules that seldom deny, exchanges that never completed.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

TENANTS = tuple(f"tenant-{number:02}" for number in range(1, 21))
MODELS = ("assistant", "assistant-large", "coder", "translator", "embedder")
ENTITIES = ("PERSON", "EMAIL_ADDRESS", "PHONE_NUMBER", "CN_ID_CARD", "IBAN_CODE", "LOCATION", "CREDIT_CARD", "IP_ADDRESS")
DENIALS = ("rules.no-code-abroad", "rules.no-payroll", "budgets.tenant", "rules.office-hours")
BEGIN = datetime(2026, 10, 1, tzinfo=UTC)
DAYS = 30
_ENDS = (("completed", 930), ("rejected", 25), ("failed", 15), ("truncated", 5), ("aborted", 15), ("incomplete", 10))


@dataclass(frozen=True, slots=True)
class Logged:
    """An entry of the log, without its number."""

    call_id: str
    phase: str
    at: str
    body: str


def exchanges(count: int, seed: int = 7) -> Iterator[tuple[Logged, Logged | None]]:
    """So many exchanges in the order of their opening: how each is entered as opened, and as completed if it ever is."""
    chance = random.Random(seed)
    for number, moment in enumerate(_moments(count, chance)):
        yield _exchange(number, moment, chance)


def _moments(count: int, chance: random.Random) -> Iterator[datetime]:
    """Evenly over the days; within a day most in office hours."""
    for number in range(count):
        day, place = divmod(number * DAYS / count, 1)
        hour = 8 + place * 12 if chance.random() < 0.999 else place * 24
        yield BEGIN + timedelta(days=day, hours=hour)


def _skewed(chance: random.Random, names: tuple[str, ...]) -> str:
    """The first about ten times as often as the tenth (Zipf)."""
    return names[min(int((len(names) + 1) ** chance.random()) - 1, len(names) - 1)]


def _exchange(number: int, moment: datetime, chance: random.Random) -> tuple[Logged, Logged | None]:
    tenant, denied = _skewed(chance, TENANTS), chance.random() < 0.01
    call_id = f"call_{number:032x}"
    outcome = "denied" if denied else chance.choices([name for name, _ in _ENDS], [weight for _, weight in _ENDS])[0]
    total = min(chance.lognormvariate(7.0, 1.0), 580_000)
    body = _body(call_id, moment, tenant, chance, denied=denied)
    opened = Logged(call_id, "opened", _iso(moment), orjson.dumps(body | {"outcome": "incomplete"}).decode())
    if outcome == "incomplete":
        return opened, None
    end = _end(outcome, total, chance) | {"outcome": outcome}
    at = _iso(moment + timedelta(milliseconds=total))
    return opened, Logged(call_id, "completed", at, orjson.dumps(body | end).decode())


def _body(call_id: str, moment: datetime, tenant: str, chance: random.Random, *, denied: bool) -> dict[str, Any]:
    rule = _skewed(chance, DENIALS) if denied else f"tenants.{tenant}"
    model = _skewed(chance, MODELS)
    return {
        "call_id": call_id,
        "surface": "chat/completions",
        "opened_at": _iso(moment),
        "tenant": tenant,
        "team": f"team-{chance.randrange(6)}",
        "principal": f"{tenant}-app-{int(200 ** chance.random()):03}",
        "model": None if denied else model,
        "stream": chance.random() < 0.6,
        "conversation": f"conv_{chance.getrandbits(64) % 350_000:016x}",
        "decision": {
            "allow": not denied,
            "rule": rule,
            "reason": "As the policy says.",
            "policy_version": f"v{moment.day // 7}",
        },
        "findings": _findings(chance),
        "deployment": None if denied else f"{model}-{chance.randrange(2)}",
        "cache": chance.choices(("hit", "miss", "none"), (12, 60, 28))[0],
        "usage": {},
        "timings_ms": {"decided": 0.4, "committed": 2.1},
    }


def _findings(chance: random.Random) -> list[dict[str, Any]]:
    kinds = {_skewed(chance, ENTITIES) for _ in range(chance.choice((0, 0, 1, 1, 2, 3)))}
    return [
        {"entity": kind, "operator": "placeholder", "recognizer": "pattern", "count": chance.randrange(1, 5), "max_score": 0.85}
        for kind in sorted(kinds)
    ]


def _end(outcome: str, total: float, chance: random.Random) -> dict[str, Any]:
    status, code = {
        "completed": (200, None),
        "denied": (403, "policy_denied"),
        "rejected": (429, "rate_limit_exceeded"),
        "failed": (502, "upstream_unreachable"),
        "truncated": (200, "upstream_truncated"),
        "aborted": (200, None),
    }[outcome]
    tokens = (int(chance.lognormvariate(6.2, 0.9)), int(chance.lognormvariate(5.2, 0.8))) if status == 200 else (None, None)
    cost = None if tokens[0] is None or tokens[1] is None else tokens[0] + 3 * tokens[1]
    return {
        "usage": {"input_tokens": tokens[0], "output_tokens": tokens[1], "finish_reasons": ["stop"]},
        "timings_ms": {"decided": 0.4, "committed": 2.1, "first_event": round(total / 4, 3), "total": round(total, 3)},
        "status": status,
        "error_code": code,
        "cost": cost,
    }


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
