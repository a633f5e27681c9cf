"""What a verified token says: whether it holds now and here, and whom it names. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc.errors import ClaimError, ExpiredTokenError, MissingClaimError
from joserfc.jwt import JWTClaimsRegistry

from gateway.errors import Unauthenticated
from gateway.rules.identity import ClaimSource, IssuerRules, Role, is_id

_REFUSED: Mapping[str, str] = {
    "aud": "The token is not meant for this gateway.",
    "exp": "The token's time of expiry (exp) is not right.",
    "iat": "The token's time of issue (iat) is not right.",
    "iss": "The token's issuer is not accepted here.",
    "nbf": "The token is not valid yet.",
}
_OTHER = "The token's claims are not right."
_LATEST = 2**53
"""Above this a number of JSON need not be exact, and arithmetic may overflow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenIdentity:
    """Whom a token names. `until` is the time, in seconds since 1970, from which it is void.

    `groups` are the roles in the issuer's words, for conditions of the policy; `roles` are those that its mapping makes of
    them, which are rights over the gateway itself.
    """

    issuer: str
    tenant: str
    id: str
    team: str | None
    groups: frozenset[str]
    roles: frozenset[Role]
    until: float


def identity_of(claims: Mapping[str, Any], rules: IssuerRules, now: int) -> TokenIdentity:
    """`now` counts seconds since 1970. Raises Unauthenticated, naming the claim and never its value."""
    check_claims(claims, rules, now)
    tenant = _word(claims, rules.tenant, "tenant") if rules.tenant else next(iter(rules.tenants))
    if tenant not in rules.tenants:
        raise Unauthenticated("The token's issuer may not speak for the token's tenant.")
    groups = _groups(claims, rules)
    return TokenIdentity(
        issuer=rules.id,
        tenant=tenant,
        id=_principal(claims, rules),
        team=_team(claims, rules.team),
        groups=groups,
        roles=frozenset(rules.roles[one] for one in groups if one in rules.roles),
        until=claims["exp"] + rules.leeway_s,
    )


def check_claims(claims: Mapping[str, Any], rules: IssuerRules, now: int) -> None:
    """Issuer, audience and times. Raises Unauthenticated."""
    registry = JWTClaimsRegistry(
        now=now,
        leeway=rules.leeway_s,
        iss={"essential": True, "value": rules.issuer},
        aud={"essential": True, "values": sorted(rules.audience)},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        registry.validate(dict(claims))
    except ExpiredTokenError:
        raise Unauthenticated("The token has expired.") from None
    except MissingClaimError:
        raise Unauthenticated("The token lacks one of iss, aud, exp and iat.") from None
    except ClaimError as error:
        raise Unauthenticated(_REFUSED.get(error.claim, _OTHER)) from None
    exp, iat = claims["exp"], claims["iat"]
    if not (0 <= iat < exp < _LATEST and exp - iat <= rules.max_age_s):
        raise Unauthenticated("The token's lifetime, from iat to exp, is not accepted.")


def _principal(claims: Mapping[str, Any], rules: IssuerRules) -> str:
    found = _word(claims, rules.principal, "principal", rules.prefix)
    if found.startswith(tuple(rules.foreign)):
        raise Unauthenticated("The token's claim for the principal is an id of another issuer's callers.")
    return found


def _word(claims: Mapping[str, Any], source: ClaimSource, what: str, prefix: str = "") -> str:
    value = _value(claims, source)
    if not isinstance(value, str) or not value or not is_id(prefix + value):
        raise Unauthenticated(f"The token's claim for the {what} is missing or is not an id.")
    return prefix + value


def _team(claims: Mapping[str, Any], source: ClaimSource | None) -> str | None:
    if source is None or _value(claims, source) is None:
        return None
    return _word(claims, source, "team")


def _groups(claims: Mapping[str, Any], rules: IssuerRules) -> frozenset[str]:
    if rules.roles_from is None:
        return frozenset()
    if rules.roles_from.value is not None:
        written: Any = [rules.roles_from.value]
    else:
        written = claims.get(rules.roles_from.claim or "", [])
    if not isinstance(written, list) or not all(isinstance(one, str) and _is_whole(one) for one in written):
        raise Unauthenticated("The token's claim for roles is not a list of texts.")
    return frozenset(written)


def _is_whole(text: str) -> bool:
    """JSON can write half a character, which no condition can be asked about and no record can hold, and U+0000."""
    return "\0" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)


def _value(claims: Mapping[str, Any], source: ClaimSource) -> Any:
    return source.value if source.claim is None else claims.get(source.claim)
