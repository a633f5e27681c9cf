"""What there is to say about the policy in force and about each attempt to replace it, without the policy itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ReloadOutcome(StrEnum):
    APPLIED = "applied"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyStatus:
    """The policy in force, and whether it is what the file says. Times are ISO 8601 in UTC.

    `stale`: the last attempt was refused, so an older policy than the file's stays in force; `problem` says why.
    """

    version: str
    loaded_at: str
    path: str
    last_attempt: str
    stale: bool = False
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyEvent:
    """One attempt to replace the policy. The summary is one line and quotes no secret.

    `version` is that of the file that was read, None where there was nothing to read; `previous` was in force until then,
    and still is after a refusal. Both are equal when only keys were read again.
    """

    outcome: ReloadOutcome
    version: str | None
    previous: str
    problems: int
    summary: str
