"""Tokens and key sets as an identity provider makes them, and as an attacker would."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from joserfc.jwk import ECKey, KeySet, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from gateway.identity.issuers import Issuers
from gateway.identity.key_set import KeySet as UsableKeys
from gateway.identity.key_set import parse_key_set
from gateway.identity.key_source import KeySource
from gateway.rules.identity import ClaimSource, IssuerRules, JwksPlace, Role

NOW = 1_800_000_000
ISSUER = "https://idp.example.com/realms/acme"
AnyKey = RSAKey | ECKey | OKPKey | OctKey


@cache
def rsa(kid: str = "r1") -> RSAKey:
    return RSAKey.generate_key(2048, parameters={"kid": kid})


@cache
def ec(kid: str = "e1", curve: str = "P-256") -> ECKey:
    return ECKey.generate_key(curve, parameters={"kid": kid})


@cache
def okp(kid: str = "o1", curve: str = "Ed25519") -> OKPKey:
    return OKPKey.generate_key(curve, parameters={"kid": kid})  # type: ignore[arg-type]


def published(*keys: AnyKey) -> bytes:
    """The JWKS document of these keys' public halves."""
    return json.dumps(KeySet(list(keys)).as_dict()).encode()


def segment(content: object) -> str:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def claims(**changes: Any) -> dict[str, Any]:
    """Good ones at NOW; a change of None leaves the claim out."""
    good = {"iss": ISSUER, "aud": "gateway", "sub": "alice", "iat": NOW - 10, "exp": NOW + 600, "groups": ["eng", "aud"]}
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def signed(
    content: object, key: AnyKey | None = None, alg: str = "RS256", *, header: Mapping[str, Any] | bytes | None = None
) -> str:
    """A token; `header` replaces or adds fields of the usual one, or is the header itself. `alg` is how it is really signed."""
    key = key or rsa()
    usual = {"alg": alg, "kid": key.kid, "typ": "JWT"}
    made = header if isinstance(header, bytes) else {k: v for k, v in {**usual, **(header or {})}.items() if v is not None}
    begun = f"{segment(made)}.{segment(content)}"
    return f"{begun}.{segment(JWSRegistry.algorithms[alg].sign(begun.encode(), key))}"


def rules(**changes: Any) -> IssuerRules:
    """An issuer of one tenant, whose groups are roles."""
    usual: dict[str, Any] = {
        "id": "idp",
        "issuer": ISSUER,
        "audience": frozenset({"gateway", "other"}),
        "jwks": JwksPlace(url="https://idp.example.com/keys"),
        "algorithms": frozenset({"RS256", "ES256"}),
        "tenants": frozenset({"acme"}),
        "roles_from": ClaimSource(claim="groups"),
        "roles": {"eng": Role.DEVELOPER, "aud": Role.AUDITOR},
    }
    return IssuerRules(**{**usual, **changes})


IDP_SECRET = "a-name-nobody-may-read-in-an-error"


class Idp:
    """An identity provider without a network: what it publishes, and how often it was asked."""

    def __init__(self, *documents: bytes) -> None:
        self.documents = documents or (published(rsa(), ec()),)
        self.fetches = 0
        self.now = 0.0
        self.down = False

    async def fetch(self) -> UsableKeys:
        self.fetches += 1
        if self.down:
            raise OSError(IDP_SECRET)
        return parse_key_set(self.documents[min(self.fetches, len(self.documents)) - 1])

    def source(self, issuer: IssuerRules) -> KeySource:
        return KeySource(self.fetch, name=issuer.id, monotonic=lambda: self.now)


def issuers(idp: Idp | None = None, *written: IssuerRules) -> Issuers:
    return Issuers(written or (rules(),), (idp or Idp()).source, b"k" * 32)
