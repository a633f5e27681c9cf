"""One exchange as the index knows it: what lists show, filters ask for and dashboards sum up. Holds no content."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Found:
    """How many findings of a type there were, and what was done to them."""

    entity: str
    operator: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`seq` is that of the first entry of the exchange. Moments are ISO 8601 in UTC; `cost` counts millionths of the policy's
    currency. `completed_at` is None until the exchange has ended.

    `version` is that of what was served, `external` is set where it stands outside of the premises; `busy_ms` is how long the
    deployment that answered was at it, and `tokens_from` where the counts of tokens come from.

    `response_id` is the `id` in the answer: exchanges are found by it, but rows that the index gives back do not have it.

    `readable` is False for an entry that this version cannot read, or whose content was erased: then only what stands beside
    its body is known, and `outcome` is `unreadable`.
    """

    seq: int
    call_id: str
    opened_at: str
    completed_at: str | None = None
    tenant: str | None = None
    team: str | None = None
    principal: str | None = None
    surface: str | None = None
    model: str | None = None
    deployment: str | None = None
    outcome: str = "incomplete"
    allow: bool | None = None
    rule: str | None = None
    policy_version: str | None = None
    status: int | None = None
    error_code: str | None = None
    stream: bool = False
    cache: str | None = None
    conversation: str | None = None
    duration_ms: float | None = None
    first_event_ms: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: int | None = None
    version: str | None = None
    external: bool | None = None
    busy_ms: float | None = None
    tokens_from: str | None = None
    found: tuple[Found, ...] = ()
    response_id: str | None = None
    readable: bool = True

    @property
    def findings(self) -> int:
        """Of all types together."""
        return sum(one.count for one in self.found)
