"""The people these tests talk about, and the proof that a backend has not heard of them."""

from __future__ import annotations

import json
import re

from tests.support.script import Request

ALICE = "Alice Johnson"
MAIL = "alice.johnson@example.org"
ZHANG = "张伟"
MOBILE = "13812345678"
BOB = 'Robert "Bob" Miller'
KEY = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqh\n-----END PRIVATE KEY-----"

ASK = f"Please write to {ALICE} ({MAIL}) today."
ASK_ZH = f"请给{ZHANG}打电话，号码是{MOBILE}。"
ASK_QUOTED = f"Ask {BOB} about it."

_RAW = (ALICE, "Alice", "Johnson", MAIL, ZHANG, MOBILE, BOB, "Robert", "Miller", KEY, "MIIEvQIBADANBgkqh")
_PLACEHOLDER = re.compile(r"<[A-Z_]+_[0-9]+>")


def leaked(wire: bytes) -> list[str]:
    """Which of their data is in these bytes, as UTF-8 or escaped as JSON allows."""
    return [raw for raw in _RAW if raw.encode() in wire or json.dumps(raw)[1:-1].encode() in wire]


def placeholders(request: Request) -> list[str]:
    """What the backend sees instead of them, in the order of their first appearance."""
    return list(dict.fromkeys(_PLACEHOLDER.findall(request.body.decode())))


def one(request: Request, entity: str) -> str:
    """The only placeholder of this type that the backend sees."""
    (found,) = [each for each in placeholders(request) if each.startswith(f"<{entity}_")]
    return found
