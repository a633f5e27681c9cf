"""Personal data stays here: out of the request on the way in, back into the answer on the way out.

Everything inside this stage sees placeholders only; `route` can send nothing but `exchange.redacted`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import replace
from functools import partial

from gateway.errors import GatewayError, ProtectionUnavailable
from gateway.exchange import Body, Exchange, Reply, Storing
from gateway.exchange.content import Content
from gateway.grounding.changed import refuse_changed
from gateway.obligations import Obligations, PseudonymScope
from gateway.pipeline import Proceed
from gateway.protocol.request import asks_for_json, refuse_previous_response, refuse_references
from gateway.protocol.wire import JsonObject
from gateway.redaction.put_together import NOTHING, PutTogether, strictest
from gateway.redaction.recorded import Recorded, whole_sentences
from gateway.redaction.redactor import Inspection, Redaction, Redactor
from gateway.redaction.reply import ReplyRewriter
from gateway.redaction.reply_rules import ReplyRules
from gateway.vault.desk import Desk, Held

_BROKE_OFF = Content(missing="The reply broke off: what is kept of it ends with its last whole sentence.")

Review = Callable[[Exchange, Mapping[str, int]], Exchange]


class Redact:
    """`review` is policy's second look, when it is known what was found. It raises PolicyDenied. Without a vault nothing but
    request scope can be served.
    """

    def __init__(self, redactor: Redactor, review: Review, vault: Desk | None = None) -> None:
        self._redactor = redactor
        self._review = review
        self._vault = vault

    async def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        if exchange.principal is None or exchange.request is None:
            raise LookupError("redact runs after authenticate and receive")
        refuse_references(exchange.request, exchange.surface)  # whatever names nothing that is kept here
        tenant = exchange.principal.tenant
        exchange, inspection = await self._inspected(exchange, exchange.request)
        held = await self._held(exchange, inspection)
        redaction = await self._redactor.redact(inspection, tenant=tenant, scoped=held.pseudonyms if held else None)
        exchange = exchange.learn(redacted=redaction.body)
        recorded = await self._recorded(exchange, inspection, redaction, tenant)
        if recorded is not None:
            recorded = replace(recorded, whom=held.whom) if held else recorded
            await exchange.journal.keep(await recorded.request())
        reply = await proceed(exchange)
        if held is not None and held.bind is not None:
            reply = reply.through(held.followed)
        if exchange.obligations.store_s:
            reply = replace(reply, storing=Storing(_protecting(exchange), partial(_restored, redaction)))
        rewriter = ReplyRewriter(self._redactor, _rules(exchange, redaction, tenant))
        if rewriter.is_idle:
            return reply
        reply = reply.through(partial(rewriter.rewritten, streaming=reply.streaming))
        if recorded is None:
            return reply
        return reply.through(lambda body: self._noted(body, exchange, rewriter, recorded, tenant))

    async def _inspected(self, exchange: Exchange, request: JsonObject) -> tuple[Exchange, Inspection]:
        """What was found, and the exchange under the obligations that hold in view of it."""
        own = _protecting(exchange)
        inspection = await self._redactor.inspect(request, own, _put_together(exchange))
        exchange = self._review(exchange.learn(findings=inspection.findings, found=inspection.counts), inspection.counts)
        refuse_changed(exchange)
        if _protecting(exchange).request == own.request:
            return exchange, inspection
        inspection = await self._redactor.inspect(request, _protecting(exchange), _put_together(exchange))
        return exchange.learn(findings=inspection.findings), inspection

    async def _held(self, exchange: Exchange, inspection: Inspection) -> Held | None:
        """What the vault has for this exchange; None in request scope."""
        if exchange.obligations.pseudonyms.scope is PseudonymScope.REQUEST:
            refuse_previous_response(exchange.request or {}, exchange.surface)
            return None
        if self._vault is None:
            raise ProtectionUnavailable("Policy asks for a vault, and there is none.")
        return await self._vault.held(exchange, inspection)

    async def _recorded(self, exchange: Exchange, inspection: Inspection, sent: Redaction, tenant: str) -> Recorded | None:
        """The request as the record may hold it: as it goes out, or with less in it; None where it holds none."""
        own = _protecting(exchange)
        if not own.record_content:
            return None
        redaction, found = sent, inspection.values
        if own.record is not None:
            stricter = replace(own, request=own.record)
            inspection = await self._redactor.inspect(exchange.request or {}, stricter, _put_together(exchange))
            redaction = await self._redactor.redact(inspection, tenant=tenant, pseudonyms=sent.pseudonyms)
        return Recorded(
            sent=sent,
            redaction=redaction,
            inspection=inspection,
            obligations=own,
            found=found | inspection.values,
            originals=redaction.pseudonyms.originals,
        )

    async def _noted(self, body: Body, exchange: Exchange, rewriter: ReplyRewriter, recorded: Recorded, tenant: str) -> Body:
        """The reply as it is. What the model said in it is kept when it has ended."""
        try:
            async with aclosing(body) as deltas:
                async for delta in deltas:
                    yield delta
        except BaseException:  # the backend broke off, or the client hung up: what it has read was said
            await self._keep(exchange, recorded, list(map(whole_sentences, rewriter.spoken)), tenant)
            await exchange.journal.keep(_BROKE_OFF)
            raise
        await self._keep(exchange, recorded, rewriter.spoken, tenant)

    async def _keep(self, exchange: Exchange, recorded: Recorded, spoken: list[str], tenant: str) -> None:
        """The client has its answer: a reply that cannot be redacted or sealed is not kept, and the record says so."""
        try:
            await exchange.journal.keep(await recorded.reply(self._redactor, spoken, tenant))
        except GatewayError as error:
            await exchange.journal.keep(Content(missing=f"The reply is not kept ({error.code})."))


def _restored(redaction: Redaction) -> frozenset[str]:
    return frozenset(redaction.pseudonyms.originals.values())


def _put_together(exchange: Exchange) -> PutTogether:
    return NOTHING if exchange.grounding is None else exchange.grounding.laid


def _protecting(exchange: Exchange) -> Obligations:
    """What holds for this exchange: where it was given documents, what is demanded for documents as well."""
    own = exchange.obligations
    if exchange.grounding is None or own.knowledge is None:
        return own
    record = None if own.record is None else strictest(own.record, own.knowledge)
    return replace(own, request=strictest(own.request, own.knowledge), record=record)


def _rules(exchange: Exchange, redaction: Redaction, tenant: str) -> ReplyRules:
    return ReplyRules(
        surface=exchange.surface,
        tenant=tenant,
        obligations=exchange.obligations,
        pseudonyms=redaction.pseudonyms,
        json_content=asks_for_json(exchange.request or {}),
        keeps_spoken=exchange.obligations.record_content,
    )
