"""What a reader of the log asks for, and the page that answers. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gateway.explorer.index.row import Row

_CURSOR = re.compile(r"([ab])([0-9]{1,18})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """All that are given must hold. `tenants` are those that the viewer may see: None is everybody, and those in no tenant.

    `since` and `until` (exclusive) are ISO 8601 in UTC and compare as text with the moment an exchange opened. `allow` is what
    policy decided; `entity` a type that was found. `text` is looked for in kept content, without regard to case: give it only
    for viewers who may read content, since also the absence of a hit tells something about it.
    """

    tenants: frozenset[str] | None
    since: str | None = None
    until: str | None = None
    tenant: str | None = None
    team: str | None = None
    principal: str | None = None
    model: str | None = None
    deployment: str | None = None
    outcome: str | None = None
    allow: bool | None = None
    rule: str | None = None
    policy_version: str | None = None
    status: int | None = None
    error_code: str | None = None
    cache: str | None = None
    entity: str | None = None
    conversation: str | None = None
    version: str | None = None
    external: bool | None = None
    min_duration_ms: float | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place between two exchanges: the page goes on from `seq`, towards older ones or towards newer ones.

    As a word for an address: `b123` lies before 123, `a123` after it.
    """

    seq: int
    newer: bool = False

    def __str__(self) -> str:
        return f"{'a' if self.newer else 'b'}{self.seq}"

    @classmethod
    def parse(cls, word: str) -> Cursor:
        """Raises ValueError for what `str` did not write."""
        found = _CURSOR.fullmatch(word)
        if found is None:
            raise ValueError("not a place in the list")
        return cls(int(found[2]), found[1] == "a")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Exchanges, newest first. `newer` and `older` lead on; None where that way nothing is left.

    `searched_to` is set where the search ran out of time before the page was full: the moment (ISO 8601, UTC) of the last
    exchange that it came to. The cursor then goes on from there. `unread` counts candidates of a search for text whose content
    is kept no longer, or never was.
    """

    rows: tuple[Row, ...] = ()
    newer: Cursor | None = None
    older: Cursor | None = None
    searched_to: str | None = None
    unread: int = 0
