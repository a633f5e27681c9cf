"""From a credential to a principal, or a refusal that says why without quoting what was sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from gateway.errors import Unauthenticated
from gateway.exchange import Principal
from gateway.identity.key_store import KeyStore
from gateway.identity.pepper import Pepper
from gateway.identity.virtual_keys import KeyRecord, key_id_of

NO_KEY = frozenset({"", "none", "anonymous", "empty"})
"""What a caller without a key sends. Client libraries insist on some key, so the usual fillers count as none at all.

Any other text is an attempt at a key: if it is wrong it is refused, also where policy admits anonymous callers, because a
caller whose key was revoked or mistyped must notice and not go on with another identity's rights.
"""


class Directory(Protocol):
    """What identity needs of a policy."""

    @property
    def anonymous(self) -> Principal | None: ...

    def knows(self, principal: Principal) -> bool: ...


class PolicyView(Protocol):
    """Where the policy in force is found."""

    @property
    def current(self) -> Directory: ...


class Authenticator:
    """Checks virtual keys against the store and against the policy in force."""

    def __init__(
        self,
        store: KeyStore,
        pepper: Pepper,
        policy: PolicyView,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._pepper = pepper
        self._policy = policy
        self._clock = clock

    def authenticate(self, credential: str | None) -> Principal:
        """`credential` is what follows `Bearer `. Raises Unauthenticated, or ProtectionUnavailable without a store."""
        if credential is None or credential.strip().casefold() in NO_KEY:
            return self._anonymous()
        record = self._record(credential.strip())
        principal = Principal(tenant=record.tenant, id=record.principal, key_id=record.key_id)
        if not self._policy.current.knows(principal):
            raise Unauthenticated("The principal of this API key is not in the gateway's policy.")
        return principal

    def _anonymous(self) -> Principal:
        anonymous = self._policy.current.anonymous
        if anonymous is None:
            raise Unauthenticated("An API key is needed: send it as 'Authorization: Bearer <key>'.")
        return anonymous

    def _record(self, credential: str) -> KeyRecord:
        key_id = key_id_of(credential)
        record = self._store.find(key_id) if key_id else None
        if record is None or not record.matches(credential, self._pepper):
            raise Unauthenticated("The API key is not valid.")
        if record.revoked is not None:
            raise Unauthenticated("The API key has been revoked.")
        if record.expired(self._clock()):
            raise Unauthenticated("The API key has expired.")
        return record
