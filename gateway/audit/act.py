"""What an act upon the gateway itself leaves behind: who, what, on which target, how it ended. Pure data, without a secret.

An act is entered before it is done, as intended, and after, as done or failed, under one id. An intention without an end
means that the gateway stopped, or its log failed, in between: the target says whether the act was done.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Protocol

import orjson

from gateway.audit.known import known
from gateway.audit.log import Entry, Kind, Phase
from gateway.audit.nul import without_nul
from gateway.moments import utc_now

_SHORT = 500
_SYSTEM = "system:policy"


class Action(StrEnum):
    """What somebody may want of the gateway. Those that change nothing are on record only where they were refused; but every
    look into the record through the explorer is.
    """

    WHOAMI = "whoami"
    KEYS_LIST = "keys.list"
    KEYS_READ = "keys.read"
    KEYS_ISSUE = "keys.issue"
    KEYS_ROTATE = "keys.rotate"
    KEYS_REVOKE = "keys.revoke"
    KEYS_EXPIRE = "keys.expire"
    POLICY_STATUS = "policy.status"
    POLICY_RELOAD = "policy.reload"
    POLICY_LOAD = "policy.load"
    POLICY_CHECK = "policy.check"
    POLICY_EFFECTIVE = "policy.effective"
    POLICY_EXPLAIN = "policy.explain"
    LIMITS_READ = "limits.read"
    LIMITS_RESET = "limits.reset"
    CACHE_CLEAR = "cache.clear"
    ACTS_READ = "acts.read"
    AUDIT_EXPORT = "audit.export"
    AUDIT_VERIFY = "audit.verify"
    AUDIT_ROTATE_KEY = "audit.rotate_key"
    AUDIT_RESUME = "audit.resume"
    EXPLORER_LOGIN = "explorer.login"
    EXPLORER_LOGOUT = "explorer.logout"
    EXPLORER_LIST = "explorer.list"
    EXPLORER_TAIL = "explorer.tail"
    EXPLORER_VIEW = "explorer.view"
    EXPLORER_CONTENT = "explorer.content"
    EXPLORER_CONVERSATION = "explorer.conversation"
    EXPLORER_DASHBOARD = "explorer.dashboard"
    EXPLORER_ACTS = "explorer.acts"
    EXPLORER_POLICY = "explorer.policy"
    EXPLORER_EXPORT = "explorer.export"
    MASTER_KEY_ROTATE = "master_key.rotate"
    SUBJECT_FIND = "subject.find"
    SUBJECT_EXPORT = "subject.export"
    SUBJECT_ERASE = "subject.erase"
    TENANT_ERASE = "tenant.erase"
    RETENTION_RUN = "retention.run"
    BREAK_GLASS_ASK = "break_glass.ask"
    BREAK_GLASS_GIVE = "break_glass.give"
    BREAK_GLASS_REFUSE = "break_glass.refuse"
    BREAK_GLASS_LIST = "break_glass.list"
    BREAK_GLASS_SHOW = "break_glass.show"
    KNOWLEDGE_ADD = "knowledge.add"
    KNOWLEDGE_REMOVE = "knowledge.remove"
    KNOWLEDGE_SEARCH = "knowledge.search"
    KNOWLEDGE_UPLOAD = "knowledge.upload"
    KNOWLEDGE_READ = "knowledge.read"
    FEEDBACK_GIVE = "feedback.give"
    MODELS_LIST = "models.list"
    STRANGERS_COUNT = "strangers.count"
    DP_DECLARE = "dp.declare"
    DP_REPORT = "dp.report"
    DP_DATASET = "dp.dataset"
    DP_TRAIN = "dp.train"
    DP_SPEND = "dp.spend"


class ActOutcome(StrEnum):
    """How an act ended."""

    INTENDED = "intended"  # entered, and not yet (or, after a crash, never) ended
    DONE = "done"
    FAILED = "failed"  # tried, and not done
    DENIED = "denied"  # whoever tried may not


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One act on the record. `at` is ISO 8601 in UTC, to the millisecond.

    `actor` is the id of a person, `cli:` and a user of the operating system, or `system:` and a part of the gateway; None
    for somebody who could not say who they are. A person's id holds no colon. `key_id` is that of the credential, if it was
    a key. `target` is what was acted upon, `result` what came of it; `note` says the rest in words of ours.
    """

    act_id: str
    at: str
    action: Action
    outcome: ActOutcome
    actor: str | None = None
    key_id: str | None = None
    tenant: str | None = None
    principal: str | None = None
    target: str | None = None
    result: str | None = None
    note: str | None = None
    error_code: str | None = None

    def to_json(self) -> str:
        return without_nul(orjson.dumps(self).decode())

    @classmethod
    def from_json(cls, text: str | bytes) -> Act:
        """The act that `to_json` wrote, here or in a later version, of which it has what is known here. Raises ValueError on
        anything else.
        """
        try:
            fields: dict[str, Any] = known(orjson.loads(text), cls)
            return cls(**fields | {"action": Action(fields["action"]), "outcome": ActOutcome(fields["outcome"])})
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ValueError("this is no act that this version can read") from error

    def ended(self, outcome: ActOutcome, *, error_code: str | None = None) -> Act:
        """The same act at its end."""
        return replace(self, outcome=outcome, error_code=error_code)


@dataclass(slots=True)
class Came:
    """What came of an act, filled in while it is done."""

    result: str | None = None


class PolicyLoad(Protocol):
    """An attempt to replace the policy, as whoever loads it tells of it."""

    @property
    def outcome(self) -> str: ...
    @property
    def version(self) -> str | None: ...
    @property
    def previous(self) -> str: ...
    @property
    def summary(self) -> str: ...


def new_act(action: Action, **facts: str | None) -> Act:
    """An act that somebody is about to try, with an id of 128 random bits.

    Words that are too long are cut, and none holds U+0000, as on the record.
    """
    short = {name: None if fact is None else fact[:_SHORT].replace("\0", "\ufffd") for name, fact in facts.items()}
    return Act(act_id=f"act_{secrets.token_hex(16)}", at=utc_now(), action=action, outcome=ActOutcome.INTENDED, **short)


def act_of_policy(event: PolicyLoad) -> Act:
    """A load of the policy: the version that was in force is the target, the file's the result."""
    act = new_act(Action.POLICY_LOAD, actor=_SYSTEM, target=event.previous, result=event.version, note=event.summary)
    if event.outcome == "applied":
        return act.ended(ActOutcome.DONE)
    return act.ended(ActOutcome.FAILED, error_code="policy_refused")


def entry_of_act(act: Act) -> Entry:
    """The line of the log for an act as it stands."""
    phase = Phase.OPENED if act.outcome is ActOutcome.INTENDED else Phase.COMPLETED
    unknown = act.outcome is ActOutcome.DENIED and act.actor is None and act.principal is None
    stranger = str(act.action) if unknown else None
    return Entry(call_id=act.act_id, phase=phase, at=utc_now(), body=act.to_json(), kind=Kind.ACT, stranger=stranger)
