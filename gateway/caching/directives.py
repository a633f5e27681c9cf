"""What a client asks of the cache: the request directives of `Cache-Control` (RFC 9111, 5.2.1). Pure.

`max-stale` and `no-transform` change nothing: nothing stale is ever given out, and nothing is transformed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_DIRECTIVE = re.compile(r'\s*([!#$%&\'*+.^_`|~0-9A-Za-z-]+)\s*(?:=\s*("(?:[^"\\]|\\.)*"|[^,;\s]*))?\s*(?:[,;]|$|(?<=\s))')
"""Between two stands a comma. Who writes a semicolon or a space does not mean that what comes before it is not to be heard."""
_LONGEST = 1_000  # characters of the header that are read
_MOST_S = 2**31  # RFC 9111, 1.2.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Directives:
    """Seconds are whole. `max_age_s`: no older answer; `min_fresh_s`: one that stays fresh for so long."""

    no_store: bool = False
    no_cache: bool = False
    only_if_cached: bool = False
    max_age_s: int | None = None
    min_fresh_s: int = 0

    def accept(self, age_s: float, ttl_s: float) -> bool:
        """Whether an answer of this age, which is fresh for `ttl_s` in all, may be given."""
        if self.no_cache or (self.max_age_s is not None and age_s > self.max_age_s):
            return False
        return age_s + self.min_fresh_s <= ttl_s


def directives_of(header: str | None) -> Directives:
    """Of a `Cache-Control` header; what nobody can read asks for nothing, but for a number, which then is the strictest."""
    said = _said(header or "")
    ages = [_seconds(value, 0) for name, value in said if name == "max-age"]
    names = {name for name, _ in said}
    return Directives(
        no_store="no-store" in names,
        no_cache="no-cache" in names,
        only_if_cached="only-if-cached" in names,
        max_age_s=min(ages, default=None),
        min_fresh_s=max((_seconds(value, _MOST_S) for name, value in said if name == "min-fresh"), default=0),
    )


def _said(header: str) -> list[tuple[str, str]]:
    return [(name.lower(), value.strip('"')) for name, value in _DIRECTIVE.findall(header[:_LONGEST])]


def _seconds(text: str, otherwise: int) -> int:
    return min(int(text[:12]), _MOST_S) if text.isascii() and text.isdigit() else otherwise
