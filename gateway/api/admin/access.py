"""Who may do what: one table, and nothing that it does not list is allowed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from gateway.audit.act import Action
from gateway.rules.identity import IdentityRules, Role

_DEVELOPER, _OPERATOR, _OFFICER, _AUDITOR = Role.DEVELOPER, Role.OPERATOR, Role.PRIVACY_OFFICER, Role.AUDITOR

ALLOWED: Mapping[Action, frozenset[Role]] = MappingProxyType(
    {
        Action.WHOAMI: frozenset(Role),
        Action.KEYS_LIST: frozenset({_DEVELOPER, _OPERATOR, _AUDITOR}),
        Action.KEYS_READ: frozenset({_DEVELOPER, _OPERATOR, _AUDITOR}),
        Action.KEYS_ISSUE: frozenset({_DEVELOPER, _OPERATOR}),
        Action.KEYS_ROTATE: frozenset({_DEVELOPER, _OPERATOR}),
        Action.KEYS_REVOKE: frozenset({_OPERATOR}),
        Action.POLICY_STATUS: frozenset({_OPERATOR, _OFFICER, _AUDITOR}),
        Action.POLICY_RELOAD: frozenset({_OPERATOR}),
        Action.POLICY_CHECK: frozenset({_OPERATOR, _OFFICER, _AUDITOR}),
        Action.POLICY_EFFECTIVE: frozenset({_OFFICER, _AUDITOR}),
        Action.POLICY_EXPLAIN: frozenset({_OFFICER, _AUDITOR}),
        Action.LIMITS_READ: frozenset({_OPERATOR, _AUDITOR}),
        Action.LIMITS_RESET: frozenset({_OPERATOR}),
        Action.CACHE_CLEAR: frozenset({_OPERATOR, _OFFICER}),
        Action.ACTS_READ: frozenset({_OFFICER, _AUDITOR}),
        Action.BREAK_GLASS_ASK: frozenset({_OFFICER}),
        Action.BREAK_GLASS_GIVE: frozenset({_OFFICER}),
        Action.BREAK_GLASS_REFUSE: frozenset({_OFFICER}),
        Action.BREAK_GLASS_LIST: frozenset({_OFFICER, _AUDITOR}),
        Action.BREAK_GLASS_SHOW: frozenset({_OFFICER}),
    }
)
"""An auditor reads everything and changes nothing. Whoever is bound to tenants has these rights there and nowhere else."""


def may(roles: Iterable[Role], action: Action) -> bool:
    """Whether one of these roles allows it."""
    return not ALLOWED.get(action, frozenset()).isdisjoint(roles)


def allowed_to(roles: Iterable[Role]) -> tuple[Action, ...]:
    """Everything that these roles allow, in the order of the table."""
    held = frozenset(roles)
    return tuple(action for action in ALLOWED if may(held, action))


def somebody_may(rules: IdentityRules) -> bool:
    """Whether a policy names anybody who may use this API: by name, or by a role in an identity provider's tokens."""
    return bool(rules.people) or any(issuer.roles for issuer in rules.issuers)
