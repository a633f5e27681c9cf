"""Personal data stays here: out of the request on the way in, back into the answer on the way out.

Everything inside this stage sees placeholders only; `route` can send nothing but `exchange.redacted`.
"""

from __future__ import annotations

from contextlib import aclosing

from gateway.errors import GatewayError
from gateway.exchange import Body, Exchange, Reply
from gateway.pipeline import Proceed
from gateway.protocol.opaque import without_opaque
from gateway.protocol.request import asks_for_json
from gateway.redaction.redactor import Redaction, Redactor
from gateway.redaction.reply import ReplyRewriter, ReplyRules

_MOST_KEPT = 256 * 1024  # characters of a reply that a record may hold


class Redact:
    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor

    async def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        if exchange.principal is None or exchange.request is None:
            raise LookupError("redact runs after authenticate and receive")
        tenant = exchange.principal.tenant
        inspection = await self._redactor.inspect(exchange.request, exchange.obligations)
        exchange = exchange.learn(findings=inspection.findings)
        redaction = await self._redactor.redact(inspection, tenant=tenant)
        exchange = exchange.learn(redacted=redaction.body)
        if exchange.obligations.record_content:
            exchange.journal.keep(request=without_opaque(redaction.body))
        reply = await proceed(exchange)
        return reply.through(lambda body: self._rewritten(body, reply.streaming, exchange, redaction, tenant))

    async def _rewritten(self, body: Body, streaming: bool, exchange: Exchange, redaction: Redaction, tenant: str) -> Body:
        rewriter = ReplyRewriter(self._redactor, _rules(exchange, redaction, tenant))
        async with aclosing(rewriter.rewritten(body, streaming=streaming)) as deltas:
            async for delta in deltas:
                yield delta
        if exchange.obligations.record_content:
            await self._keep(rewriter.spoken, exchange, redaction, tenant)

    async def _keep(self, spoken: list[str], exchange: Exchange, redaction: Redaction, tenant: str) -> None:
        """What the model said may name people of its own accord: in the record they are treated as in a request."""
        rules = exchange.obligations.request
        try:
            kept = await self._redactor.screen(
                spoken, rules, redaction.pseudonyms, tenant=tenant, detection=exchange.obligations.detection
            )
        except GatewayError:
            return  # the client has its answer; what cannot be redacted is not kept
        exchange.journal.keep(reply="\n".join(kept)[:_MOST_KEPT])  # cut afterwards: half a value is not recognised


def _rules(exchange: Exchange, redaction: Redaction, tenant: str) -> ReplyRules:
    return ReplyRules(
        surface=exchange.surface,
        tenant=tenant,
        obligations=exchange.obligations,
        pseudonyms=redaction.pseudonyms,
        json_content=asks_for_json(exchange.request or {}),
        keeps_spoken=exchange.obligations.record_content,
    )
