"""Who may vouch for callers, and what people may do: values that policy writes and identity follows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import TypeAlias

ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,127}$"
"""What a tenant, team, principal or person may be called."""

_ID = re.compile(ID_PATTERN[1:-1])

Network: TypeAlias = IPv4Network | IPv6Network


class Role(StrEnum):
    """What a person may do with the gateway itself."""

    DEVELOPER = "developer"
    OPERATOR = "operator"
    PRIVACY_OFFICER = "privacy_officer"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True, kw_only=True)
class JwksPlace:
    """Where an issuer publishes its keys: a URL or a file, never both."""

    url: str | None = None
    file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimSource:
    """Where one fact about a caller comes from: a claim of the token, or a constant of the policy."""

    claim: str | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerRules:
    """One issuer of JWTs. `leeway_s` and `max_age_s` count seconds; `roles` maps values of the roles claim.

    It speaks for `tenants` and for no other. A `tenant` of None: the only one in `tenants`. Ids of its callers begin with
    `prefix`, and with none of `foreign`, which are those of other issuers.
    """

    id: str
    issuer: str
    audience: frozenset[str]
    jwks: JwksPlace
    algorithms: frozenset[str]
    tenants: frozenset[str]
    leeway_s: int = 30
    max_age_s: int = 86_400
    principal: ClaimSource = ClaimSource(claim="sub")
    tenant: ClaimSource | None = None
    team: ClaimSource | None = None
    roles_from: ClaimSource | None = None
    roles: Mapping[str, Role] = field(default_factory=dict)
    prefix: str = ""
    foreign: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyRules:
    """A header, in lower case, that peers in `trusted` may set; `subjects` maps its text to (tenant, principal)."""

    header: str
    trusted: tuple[Network, ...]
    subjects: Mapping[str, tuple[str, str]] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRules:
    """What one person may do; `tenants` of None: all. `issuers` are those whose tokens may be this person."""

    roles: frozenset[Role]
    tenants: frozenset[str] | None = None
    issuers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityRules:
    """The identity part of a policy. Equal ones mean the same, so that a reload that changes nothing costs nothing."""

    issuers: tuple[IssuerRules, ...] = ()
    proxy: ProxyRules | None = None
    people: Mapping[str, PersonRules] = field(default_factory=dict)


def is_id(text: str) -> bool:
    """Whether a policy could name a tenant, team, principal or person so."""
    return _ID.fullmatch(text) is not None
