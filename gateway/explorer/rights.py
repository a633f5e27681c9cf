"""Who may see what in the explorer: one table, and nothing that it does not list is allowed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from gateway.audit.act import Action
from gateway.rules.identity import Role

_ALL = frozenset({Role.OPERATOR, Role.PRIVACY_OFFICER, Role.AUDITOR})
_READERS = frozenset({Role.PRIVACY_OFFICER, Role.AUDITOR})
_OFFICERS = frozenset({Role.PRIVACY_OFFICER})

ALLOWED: Mapping[Action, frozenset[Role]] = MappingProxyType(
    {
        Action.EXPLORER_LOGIN: _ALL,
        Action.EXPLORER_LOGOUT: frozenset(Role),
        Action.EXPLORER_LIST: _ALL,
        Action.EXPLORER_TAIL: _ALL,
        Action.EXPLORER_VIEW: _ALL,
        Action.EXPLORER_DASHBOARD: _ALL,
        Action.EXPLORER_CONTENT: _READERS,
        Action.EXPLORER_CONVERSATION: _READERS,
        Action.EXPLORER_ACTS: _READERS,
        Action.EXPLORER_POLICY: _READERS,
        Action.EXPLORER_EXPORT: _READERS,
        Action.DP_REPORT: _OFFICERS,
        Action.BREAK_GLASS_ASK: _OFFICERS,
        Action.BREAK_GLASS_GIVE: _OFFICERS,
        Action.BREAK_GLASS_REFUSE: _OFFICERS,
        Action.BREAK_GLASS_LIST: _READERS,
        Action.BREAK_GLASS_SHOW: _OFFICERS,
    }
)
"""An operator sees that there were exchanges and how they went, and no content. Developers have no business here. Whoever is
bound to tenants has these rights there and nowhere else."""


def may(roles: Iterable[Role], action: Action) -> bool:
    """Whether one of these roles allows it."""
    return not ALLOWED.get(action, frozenset()).isdisjoint(roles)
