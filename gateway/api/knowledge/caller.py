"""Who calls, and what policy lets them do with documents.

Whoever may write sees all stores of the tenant whose labels they have; others those of them that policy grants them to be
answered from. Files are their uploader's alone. What somebody may not see is, to them, not there.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field, replace

from fastapi import Request, Response

from gateway.api.admin.acts import ActLog
from gateway.api.admin.refusals import no_such
from gateway.api.client import Client, credential_of, peer_of
from gateway.api.door import Authenticate
from gateway.audit.act import Act, Action, new_act
from gateway.errors import GatewayError, PolicyDenied, Unauthenticated
from gateway.exchange import Principal
from gateway.grounding.again import Reader
from gateway.grounding.sources import rights_of
from gateway.knowledge.rules import Rules
from gateway.knowledge.uploads.shapes import Store, Upload
from gateway.limits.calls import CallCount
from gateway.obligations import GroundingTerms, Obligations
from gateway.policy.beside import Admitted, admit
from gateway.policy.language.condition import TOTAL
from gateway.policy.standing import Standing
from gateway.policy.terms import Terms
from gateway.policy.writers import may_write
from gateway.protocol.facts import Facts, lenient_number
from gateway.protocol.wire import Beside

_BODY_BYTES = 2 * 2**20


@dataclass(frozen=True, slots=True)
class Caller:
    who: Principal
    admitted: Admitted = field(repr=False)
    client: Client = field(repr=False)

    @property
    def tenant(self) -> str:
        return self.who.tenant

    @property
    def terms(self) -> Terms:
        """Of its levels, and of the rules that apply to this call."""
        return self.admitted.terms

    @property
    def writes(self) -> bool:
        return may_write(self.who.roles, self.terms.writers)

    @property
    def rights(self) -> frozenset[str]:
        """The labels that this caller has, also where no documents are granted to be answered from."""
        return rights_of(self.who, GroundingTerms(labels=self.terms.grounding.labels or frozenset()))

    @property
    def reading(self) -> Obligations:
        """By what a passage is looked through for this caller: as its requests, or as documents where that is stricter."""
        own = Rules.under(self.terms, self.admitted.standing.detection).obligations
        return replace(own, sought=self.admitted.standing.conditions.sought - {TOTAL})

    @property
    def reader(self) -> Reader:
        """What may stand in a passage that this caller is given."""
        terms = self.terms
        coming = (terms.request.rules, terms.knowledge.within(terms.request).rules) if terms.restore else ()
        return Reader(self.tenant, self.reading, coming, terms.reply.rules)

    def found(self, findings: Mapping[str, int]) -> Caller:
        """Under the rules that apply in view of what was found. Raises PolicyDenied."""
        return replace(self, admitted=self.admitted.found(findings)) if self.admitted.waits else self

    def sees(self, store: Store) -> bool:
        granted = self.terms.grounding.terms()
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
        count: CallCount,
        *,
        body_timeout_s: float,
    ) -> None:
        self._authenticate = authenticate
        self._standing = standing
        self._acts = acts
        self._count = count
        self._body_timeout_s = body_timeout_s

    async def counted(self, request: Request, response: Response) -> AsyncGenerator[None, None]:
        """Stands around every call, as a dependency. Raises Unauthenticated, which is entered, RateLimited and
        ProtectionUnavailable.
        """
        who = request.state.principal = await self._known(request)
        if not _costs(request):
            yield
            return
        async with self._count.counted(who) as headers:
            response.headers.update(headers)
            yield

    async def caller(self, request: Request, action: Action | None = None, most_bytes: int = _BODY_BYTES) -> Caller:
        """Raises Unauthenticated or PolicyDenied, which are entered where it was to be an act."""
        who: Principal = request.state.principal
        client = Client(request.scope, request.receive, max_body_bytes=most_bytes, body_timeout_s=self._body_timeout_s)
        try:
            return Caller(who, admit(who, self._stands(who), _facts(request, client, most_bytes)), client)
        except (Unauthenticated, PolicyDenied) as error:
            if action is not None:
                await self.denied(who, action, error)
            raise

    async def writer(self, request: Request, action: Action, most_bytes: int = _BODY_BYTES) -> Caller:
        """Raises Unauthenticated, or PolicyDenied, which is entered."""
        caller = await self.caller(request, action, most_bytes)
        if not caller.writes:
            error = PolicyDenied("No rule lets you keep documents.")
            await self.denied(caller.who, action, error)
            raise error
        return caller

    async def denied(self, who: Principal, action: Action, error: GatewayError) -> None:
        act = new_act(action, key_id=who.key_id, tenant=who.tenant, principal=who.id)
        await self._acts.denied(act, error)

    async def _known(self, request: Request) -> Principal:
        """Raises Unauthenticated, which is entered: whoever tries keys here is on record as at a model."""
        try:
            return await self._authenticate(credential_of(request.headers), peer_of(request.scope))
        except Unauthenticated as error:
            await self._acts.denied(new_act(_tried(request)), error)
            raise

    def _stands(self, who: Principal) -> Standing:
        standing = self._standing(who)
        if standing is None:
            raise Unauthenticated("The principal of this credential is not in the gateway's policy.")
        return standing


def _tried(request: Request) -> Action:
    """What a call was to be, told by its address: nobody has matched it to a route yet."""
    path = request.url.path.rstrip("/")
    if path.endswith("/search"):
        return Action.KNOWLEDGE_SEARCH
    if request.method == "DELETE" or path.endswith("/cancel"):
        return Action.KNOWLEDGE_REMOVE
    if request.method == "POST":
        return Action.KNOWLEDGE_ADD if "/vector_stores" in path else Action.KNOWLEDGE_UPLOAD
    return Action.KNOWLEDGE_READ


def _costs(request: Request) -> bool:
    """What writes, searches, or gives out bytes. Clients ask every second how far a file has come: that costs nothing."""
    return request.method != "GET" or request.url.path.endswith("/content")


def _facts(request: Request, client: Client, most_bytes: int) -> Facts:
    """What rules may ask of a call before its body is read."""
    path = request.url.path
    place = Beside.SEARCH if path.endswith("/search") else Beside.STORES if "/vector_stores" in path else Beside.FILES
    return Facts(
        model="",
        surface=place,
        purpose=client.stated.purpose,
        consent=client.stated.consent,
        bytes=_size(request, most_bytes),
    )


def _size(request: Request, most_bytes: int) -> int:
    """Of the body. What comes in chunks does not say how much it will be, and counts as the most that would be read: else
    nobody who sends it so could be held to a size.
    """
    return most_bytes if "transfer-encoding" in request.headers else lenient_number(request.headers.get("content-length"))
