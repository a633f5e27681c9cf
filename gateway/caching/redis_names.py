"""What keys are called on Redis. Names hold hashes only, and all of a tenant's carry the same hash tag, so they lie on one node
of a cluster, and scripts and MGET may name several of them:

    gateway:cache:{tenant}:fence                    a random word; another one after each `clear` of the tenant
    gateway:cache:{tenant}:fence:model:MODEL        the same for one model
    gateway:cache:{tenant}:fence:policy:POLICY      the same for one version of the policy
    gateway:cache:{tenant}:answer:MODEL:POLICY:KEY  the fences under which it was asked for, and the sealed answer
    gateway:cache:{tenant}:words:MODEL:POLICY:KEY   how questions were put that have answers, sealed
    gateway:cache:{tenant}:lease:KEY                who fetches this answer
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field

from gateway.caching.store import Name

_DIGITS = 32  # 128 bits in hexadecimal


@dataclass(frozen=True, slots=True)
class Names:
    """The keys in Redis that one answer has to do with."""

    prefix: str
    secret: bytes = field(repr=False)

    def fences(self, name: Name) -> tuple[str, str, str]:
        home = f"{self._home(name.tenant)}:fence"
        of_model, of_policy = (f"{home}:{kind}:{self._hash(kind, text)}" for kind, text in _parts(name))
        return home, of_model, of_policy

    def fence(self, tenant: str, model: str | None, policy: str | None) -> str:
        """The one that is moved where these are cleared."""
        whole, of_model, of_policy = self.fences(Name(tenant, model or "", b"", policy or ""))
        if model is not None:
            return of_model
        return whole if policy is None else of_policy

    def swept(self, tenant: str, model: str | None, policy: str | None) -> tuple[str, str]:
        """Patterns of the answers, and of the words, that go with them."""
        model_part = "*" if model is None else self._hash("model", model)
        policy_part = "*" if policy is None else self._hash("policy", policy)
        home = self._home(tenant)
        return f"{home}:answer:{model_part}:{policy_part}:*", f"{home}:words:{model_part}:{policy_part}:*"

    def answer(self, name: Name) -> str:
        return f"{self._home(name.tenant)}:answer:{self._place(name)}:{name.key.hex()}"

    def words(self, name: Name, bucket: bytes) -> str:
        return f"{self._home(name.tenant)}:words:{self._place(name)}:{bucket.hex()}"

    def lease(self, name: Name) -> str:
        return f"{self._home(name.tenant)}:lease:{name.key.hex()}"

    def _home(self, tenant: str) -> str:
        return f"{self.prefix}:{{{self._hash('tenant', tenant)}}}"

    def _place(self, name: Name) -> str:
        return ":".join(self._hash(kind, text) for kind, text in _parts(name))

    def _hash(self, kind: str, text: str) -> str:
        return hmac.digest(self.secret, f"{kind}\0{text}".encode("utf-8", "surrogatepass"), "sha256").hex()[:_DIGITS]


def _parts(name: Name) -> tuple[tuple[str, str], tuple[str, str]]:
    return ("model", name.model), ("policy", name.policy)
