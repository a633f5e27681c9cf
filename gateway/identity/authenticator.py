"""From a credential to a principal or a person, or a refusal that says why without quoting what was sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Protocol

from gateway.errors import Unauthenticated
from gateway.exchange import Principal
from gateway.exchange.peer import Peer
from gateway.identity.fetch_keys import fetch_keys
from gateway.identity.issuers import Issuers
from gateway.identity.key_source import KeySource
from gateway.identity.key_store import KeyStore
from gateway.identity.people import Person, person_of_key, person_of_token
from gateway.identity.pepper import Pepper
from gateway.identity.proxy import principal_of
from gateway.identity.token import looks_like_token
from gateway.identity.virtual_keys import KeyKind, KeyRecord, key_id_of
from gateway.rules.identity import IdentityRules, IssuerRules

NO_KEY = frozenset({"", "none", "anonymous", "empty"})
"""What a caller without a key sends. Client libraries insist on some key, so the usual fillers count as none at all.

Any other text is an attempt at a key: if it is wrong it is refused, also where policy admits anonymous callers, because a
caller whose key was revoked or mistyped must notice and not go on with another identity's rights.
"""


class Directory(Protocol):
    """What identity needs of a policy."""

    @property
    def anonymous(self) -> Principal | None: ...

    @property
    def identity(self) -> IdentityRules: ...

    def place(self, principal: Principal) -> Principal | None:
        """The caller as policy lists it, with its team, and with the key id and roles it came with; None: unknown."""


class PolicyView(Protocol):
    """Where the policy in force is found."""

    @property
    def current(self) -> Directory: ...


def connected(issuer: IssuerRules) -> KeySource:
    """The keys of an issuer, from where policy says they are."""
    return KeySource(partial(fetch_keys, issuer.jwks), name=issuer.id)


class Authenticator:
    """Checks virtual keys, tokens and what trusted proxies say, against the policy in force. Used from one event loop."""

    def __init__(
        self,
        store: KeyStore,
        pepper: Pepper,
        policy: PolicyView,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        connect: Callable[[IssuerRules], KeySource] = connected,
    ) -> None:
        self._store = store
        self._pepper = pepper
        self._policy = policy
        self._clock = clock
        self._rules = IdentityRules()
        self._issuers = Issuers((), connect, pepper.key_for("verified-tokens"))

    async def authenticate(self, credential: str | None, peer: Peer | None = None) -> Principal:
        """`credential` is what follows `Bearer `. Raises Unauthenticated, or ProtectionUnavailable when it cannot be told."""
        policy = self._policy.current
        vouched = principal_of(peer, policy.identity.proxy)
        given = (credential or "").strip()
        if given.casefold() not in NO_KEY:
            caller = await self._caller(given, policy.identity)
            _agree(caller, vouched)
        elif vouched is not None:
            caller = vouched
        else:
            return _anonymous(policy)
        placed = policy.place(caller)
        if placed is None:
            raise Unauthenticated("The principal of this credential is not in the gateway's policy.")
        return placed

    async def still(self, who: Principal) -> None:
        """Whether whoever was let in is welcome now. Raises Unauthenticated where the key was revoked or policy has no place
        for the caller any more, and ProtectionUnavailable when it cannot be told. What expires is not looked at.
        """
        policy = self._policy.current
        if who.key_id is not None:
            record = await self._store.look_up(who.key_id)
            if record is None or record.revoked is not None:
                raise Unauthenticated("The API key has been revoked.")
        if who != policy.anonymous and policy.place(who) is None:
            raise Unauthenticated("The principal of this credential is not in the gateway's policy.")

    async def person(self, credential: str | None) -> Person:
        """Who administers or audits. Raises Unauthenticated, or ProtectionUnavailable when it cannot be told."""
        rules = self._policy.current.identity
        given = (credential or "").strip()
        if KeyKind.PERSON.begins(given):
            record = await self._record(given)
            return person_of_key(record.principal, record.key_id, rules)
        if KeyKind.ORDINARY.begins(given):
            raise Unauthenticated("This key is for calling models. Make one with: gateway keys issue --person.")
        issuers = self._issuers_under(rules)
        if issuers and looks_like_token(given):
            return person_of_token(await issuers.verify(given, self._now()), rules)
        raise Unauthenticated("A person's key or token is needed: send it as 'Authorization: Bearer <key>'.")

    async def close(self) -> None:
        """End every fetch of keys that still runs."""
        await self._issuers.close()

    async def _caller(self, credential: str, rules: IdentityRules) -> Principal:
        """A key is never read as a token, nor a token as a key."""
        if KeyKind.PERSON.begins(credential):
            raise Unauthenticated("This key is for administration only.")
        if not KeyKind.ORDINARY.begins(credential):
            issuers = self._issuers_under(rules)
            if issuers and looks_like_token(credential):
                said = await issuers.verify(credential, self._now())
                return Principal(tenant=said.tenant, id=said.id, team=said.team, roles=said.groups)
        record = await self._record(credential)
        return Principal(tenant=record.tenant, id=record.principal, key_id=record.key_id)

    def _issuers_under(self, rules: IdentityRules) -> Issuers:
        """Made anew when policy changes what it says of issuers; by identity first, because policies seldom change."""
        if rules is not self._rules:
            if rules.issuers != self._rules.issuers:
                self._issuers = self._issuers.changed_to(rules.issuers)
            self._rules = rules
        return self._issuers

    def _now(self) -> int:
        return int(self._clock().timestamp())

    async def _record(self, credential: str) -> KeyRecord:
        key_id = key_id_of(credential)
        record = await self._store.look_up(key_id) if key_id else None
        if record is None or not record.matches(credential, self._pepper):
            raise Unauthenticated("The API key is not valid.")
        if record.revoked is not None:
            raise Unauthenticated("The API key has been revoked.")
        if record.expired(self._clock()):
            raise Unauthenticated("The API key has expired.")
        return record


def _anonymous(policy: Directory) -> Principal:
    if policy.anonymous is None:
        raise Unauthenticated("An API key is needed: send it as 'Authorization: Bearer <key>'.")
    return policy.anonymous


def _agree(caller: Principal, vouched: Principal | None) -> None:
    """Two identities on one request: nobody may choose which of them counts."""
    if vouched is not None and (vouched.tenant, vouched.id) != (caller.tenant, caller.id):
        raise Unauthenticated("The credential and the client certificate name different principals.")
