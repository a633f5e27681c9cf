"""The issuers of the policy in force: which one a token is from, whether it signed it, and whom the token names.

A token that was verified is remembered by a keyed digest, so that sending it again costs no signature check. It is believed
only as long as its key is still published and it has not expired.
"""

from __future__ import annotations

import hmac
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry, deserialize_compact

from gateway.errors import Unauthenticated
from gateway.identity.claims import TokenIdentity, identity_of
from gateway.identity.key_set import PublicKey, algorithm_of
from gateway.identity.key_source import KeySource
from gateway.identity.token import MAX_CHARACTERS, json_object, read_token
from gateway.rules.identity import IssuerRules, JwksPlace

_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class _Verified:
    identity: TokenIdentity
    source: KeySource = field(repr=False)
    kid: str | None
    algorithm: str
    key: PublicKey = field(repr=False)


class _Algorithm(JWSRegistry):
    """One algorithm, whatever the token's header says."""

    max_header_length = MAX_CHARACTERS
    max_signature_length = MAX_CHARACTERS

    def __init__(self, name: str) -> None:
        super().__init__(strict_check_header=False)
        self._name = name

    def get_alg(self, name: str) -> Any:  # noqa: ARG002  the header has no say
        return algorithm_of(self._name)


class Issuers:
    """`connect` makes the source of an issuer's keys; `digest_key` guards what is remembered."""

    def __init__(
        self,
        rules: Iterable[IssuerRules],
        connect: Callable[[IssuerRules], KeySource],
        digest_key: bytes,
        sources: Mapping[JwksPlace, KeySource] | None = None,
    ) -> None:
        self._rules = {issuer.issuer: issuer for issuer in rules}
        self._connect = connect
        self._digest_key = digest_key
        kept = sources or {}
        self._sources = {issuer.jwks: kept.get(issuer.jwks) or connect(issuer) for issuer in self._rules.values()}
        self._verified: OrderedDict[bytes, _Verified] = OrderedDict()

    def __bool__(self) -> bool:
        return bool(self._rules)

    def changed_to(self, rules: Iterable[IssuerRules]) -> Issuers:
        """The issuers of another policy; those whose keys are in the same place keep the keys. Nothing else is kept."""
        return Issuers(rules, self._connect, self._digest_key, self._sources)

    async def verify(self, token: str, now: int) -> TokenIdentity:
        """`now` counts seconds since 1970. Raises Unauthenticated or ProtectionUnavailable."""
        if len(token) > MAX_CHARACTERS or not token.isascii():
            raise Unauthenticated(f"The token is not ASCII text of at most {MAX_CHARACTERS} characters.")
        digest = hmac.digest(self._digest_key, token.encode(), "sha256")
        known = self._verified.get(digest)
        if known is not None and await self._still_holds(known, now):
            return known.identity
        self._verified.pop(digest, None)
        verified = await self._check(token, now)
        self._remember(digest, verified)
        return verified.identity

    async def close(self) -> None:
        """End every fetch that still runs."""
        for source in self._sources.values():
            await source.close()

    async def _still_holds(self, known: _Verified, now: int) -> bool:
        if now >= known.identity.until:
            return False
        return await known.source.find(known.kid, known.algorithm) == known.key

    async def _check(self, token: str, now: int) -> _Verified:
        said = read_token(token)
        issuer = self._rules.get(said.issuer)
        if issuer is None:
            raise Unauthenticated("The token's issuer is not accepted here.")
        if said.algorithm not in issuer.algorithms:
            raise Unauthenticated("The token's algorithm is not accepted from its issuer.")
        source = self._sources[issuer.jwks]
        key = await source.find(said.kid, said.algorithm)
        claims = json_object(_signed(token, key, said.algorithm))
        return _Verified(identity_of(claims, issuer, now), source, said.kid, said.algorithm, key)

    def _remember(self, digest: bytes, verified: _Verified) -> None:
        self._verified[digest] = verified
        if len(self._verified) > _REMEMBERED:
            self._verified.popitem(last=False)


def _signed(token: str, key: PublicKey, algorithm: str) -> bytes:
    """What was signed. Raises Unauthenticated if it was not, or not by this key."""
    try:
        return deserialize_compact(token, key, registry=_Algorithm(algorithm)).payload
    except (JoseError, ValueError, TypeError):
        raise Unauthenticated("The token's signature is not right.") from None
