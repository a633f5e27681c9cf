"""Who calls, and what policy lets them do with documents.

Whoever may write sees all stores of the tenant whose labels they have; others those of them that policy grants them to be
answered from. Files are their uploader's alone. What somebody may not see is, to them, not there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from fastapi import Request

from gateway.api.admin.acts import ActLog
from gateway.api.admin.refusals import no_such
from gateway.api.client import Client, credential_of, peer_of
from gateway.api.models import Authenticate
from gateway.audit.act import Act, Action, new_act
from gateway.errors import PolicyDenied, Unauthenticated
from gateway.exchange import Principal
from gateway.grounding.sources import rights_of
from gateway.knowledge.uploads.shapes import Store, Upload
from gateway.obligations import EntityRules, GroundingTerms
from gateway.policy.standing import Standing
from gateway.policy.writers import may_write

_BODY_BYTES = 2 * 2**20


@dataclass(frozen=True, slots=True)
class Caller:
    who: Principal
    standing: Standing = field(repr=False)
    client: Client = field(repr=False)

    @property
    def tenant(self) -> str:
        return self.who.tenant

    @property
    def writes(self) -> bool:
        return may_write(self.who.roles, self.standing.terms.writers)

    @property
    def rights(self) -> frozenset[str]:
        """The labels that this caller has, also where no documents are granted to be answered from."""
        return rights_of(self.who, GroundingTerms(labels=self.standing.terms.grounding.labels or frozenset()))

    @property
    def restores(self) -> bool:
        return self.standing.terms.restore is True

    @property
    def rules(self) -> tuple[EntityRules, EntityRules]:
        """What becomes of personal data in this caller's requests, and where they hold documents."""
        terms = self.standing.terms
        return terms.request.rules, terms.knowledge.within(terms.request).rules

    def sees(self, store: Store) -> bool:
        granted = self.standing.terms.grounding.terms()
        is_granted = granted is not None and (granted.collections is None or store.id in granted.collections)
        return store.labels <= self.rights and (self.writes or is_granted)

    def has(self, file: Upload) -> bool:
        return file.owner == self.who.id

    def store(self, found: Store | None) -> Store:
        """Raises NotFound, in the same words for what is not there and for what this caller may not see."""
        if found is None or not self.sees(found):
            raise no_such("vector store")
        return found

    def file(self, found: Upload | None) -> Upload:
        """Raises NotFound."""
        if found is None or not self.has(found):
            raise no_such("file")
        return found

    def act(self, action: Action, target: str | None = None) -> Act:
        who = self.who
        return new_act(action, key_id=who.key_id, tenant=who.tenant, principal=who.id, target=target)


class Door:
    """Lets callers in. `standing` is what policy, as it is in force, says of one."""

    def __init__(
        self,
        authenticate: Authenticate,
        standing: Callable[[Principal], Standing | None],
        acts: ActLog,
        *,
        body_timeout_s: float,
    ) -> None:
        self._authenticate = authenticate
        self._standing = standing
        self._acts = acts
        self._body_timeout_s = body_timeout_s

    async def caller(self, request: Request, most_bytes: int = _BODY_BYTES) -> Caller:
        """Raises Unauthenticated."""
        who = await self._authenticate(credential_of(request.headers), peer_of(request.scope))
        standing = self._standing(who)
        if standing is None:
            raise Unauthenticated("The principal of this credential is not in the gateway's policy.")
        client = Client(request.scope, request.receive, max_body_bytes=most_bytes, body_timeout_s=self._body_timeout_s)
        return Caller(who, standing, client)

    async def writer(self, request: Request, action: Action, most_bytes: int = _BODY_BYTES) -> Caller:
        """Raises Unauthenticated, or PolicyDenied, which is entered."""
        caller = await self.caller(request, most_bytes)
        if not caller.writes:
            error = PolicyDenied("No rule lets you keep documents.")
            await self._acts.denied(caller.act(action), error)
            raise error
        return caller
