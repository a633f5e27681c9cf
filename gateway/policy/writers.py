"""Who may keep documents, and how an inner level narrows that. Pure."""

from __future__ import annotations

from collections.abc import Collection

from gateway.policy.language.knowledge import EVERYBODY


def common(outer: frozenset[str] | None, inner: frozenset[str] | None) -> frozenset[str] | None:
    """The roles that both let; None says nothing, and whoever lets everybody lets all that the other names."""
    if outer is None or inner is None:
        return inner if outer is None else outer
    if EVERYBODY in outer:
        return inner
    return outer if EVERYBODY in inner else outer & inner


def may_write(roles: Collection[str], writers: frozenset[str] | None) -> bool:
    """Nobody may where nobody says so."""
    return writers is not None and (EVERYBODY in writers or not writers.isdisjoint(roles))
