"""Values that each belong to one call alone, and what an answer says of them. Pure."""

from __future__ import annotations

import re

DOMAIN = "@planted.example.org"
_ADDRESS = re.compile(rf"[a-z0-9.]+{re.escape(DOMAIN)}")
_TOPICS = 12


def address(client: int, number: int) -> str:
    """Nobody else plants this one."""
    return f"c{client}.n{number}{DOMAIN}"


def question(client: int, number: int) -> str:
    """Few questions for many values: what differs is only whom they are about, so that the cache answers most of them."""
    return f"Please write to {address(client, number)} about topic {number % _TOPICS}."


def wrong(text: str, own: str, *, whole: bool) -> bool:
    """Whether an answer holds somebody else's value; of a whole one, also whether its own is missing."""
    found = set(_ADDRESS.findall(text))
    return bool(found - {own}) or (whole and own not in found)
