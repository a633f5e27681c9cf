"""U+0000, which JSON can hold and Postgres cannot: its views read the log as JSON, and one such entry would end that."""

from __future__ import annotations

import re

_ESCAPED = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


def without_nul(json: str) -> str:
    """JSON with U+FFFD in the place of each U+0000."""
    return _ESCAPED.sub(r"\1\\ufffd", json) if r"\u0000" in json else json
