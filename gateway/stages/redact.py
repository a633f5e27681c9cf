"""Personal data stays here: out of the request on the way in, back into the answer on the way out.

Everything inside this stage sees placeholders only; `route` can send nothing but `exchange.redacted`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace

from gateway.errors import GatewayError
from gateway.exchange import Body, Exchange, Reply
from gateway.pipeline import Proceed
from gateway.protocol.opaque import without_opaque
from gateway.protocol.request import asks_for_json
from gateway.protocol.wire import JsonObject
from gateway.redaction.redactor import Inspection, Redaction, Redactor
from gateway.redaction.reply import ReplyRewriter, ReplyRules

_MOST_KEPT = 256 * 1024  # characters of a reply that a record may hold


Review = Callable[[Exchange, Mapping[str, int]], Exchange]


@dataclass(frozen=True, slots=True)
class _Recorded:
    """The request as it is recorded, and what was found for it, where the record is stricter than what goes out."""

    redaction: Redaction
    inspection: Inspection | None = None


class Redact:
    """`review` is policy's second look, when it is known what was found. It raises PolicyDenied."""

    def __init__(self, redactor: Redactor, review: Review) -> None:
        self._redactor = redactor
        self._review = review

    async def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        if exchange.principal is None or exchange.request is None:
            raise LookupError("redact runs after authenticate and receive")
        tenant = exchange.principal.tenant
        exchange, inspection = await self._inspected(exchange, exchange.request)
        redaction = await self._redactor.redact(inspection, tenant=tenant)
        exchange = exchange.learn(redacted=redaction.body)
        recorded = await self._recorded(exchange, redaction, tenant)
        if exchange.obligations.record_content:
            exchange.journal.keep(request=without_opaque(recorded.redaction.body))
        reply = await proceed(exchange)
        rules = _rules(exchange, redaction, tenant)
        return reply.through(lambda body: self._rewritten(body, reply.streaming, exchange, rules, recorded))

    async def _inspected(self, exchange: Exchange, request: JsonObject) -> tuple[Exchange, Inspection]:
        """What was found, and the exchange under the obligations that hold in view of it."""
        rules = exchange.obligations.request
        inspection = await self._redactor.inspect(request, exchange.obligations)
        exchange = self._review(exchange.learn(findings=inspection.findings, found=inspection.counts), inspection.counts)
        if exchange.obligations.request == rules:
            return exchange, inspection
        inspection = await self._redactor.inspect(request, exchange.obligations)
        return exchange.learn(findings=inspection.findings), inspection

    async def _recorded(self, exchange: Exchange, redaction: Redaction, tenant: str) -> _Recorded:
        """The request as the record may hold it: as it goes out, or with less in it."""
        obligations = exchange.obligations
        if obligations.record is None or not obligations.record_content:
            return _Recorded(redaction)
        stricter = replace(obligations, request=obligations.record)
        inspection = await self._redactor.inspect(exchange.request or {}, stricter)
        return _Recorded(await self._redactor.redact(inspection, tenant=tenant, pseudonyms=redaction.pseudonyms), inspection)

    async def _rewritten(self, body: Body, streaming: bool, exchange: Exchange, rules: ReplyRules, recorded: _Recorded) -> Body:
        rewriter = ReplyRewriter(self._redactor, rules)
        async with aclosing(rewriter.rewritten(body, streaming=streaming)) as deltas:
            async for delta in deltas:
                yield delta
        if exchange.obligations.record_content:
            await self._keep(rewriter.spoken, exchange, rules.tenant, recorded)

    async def _keep(self, spoken: list[str], exchange: Exchange, tenant: str, recorded: _Recorded) -> None:
        """What the model said may name people of its own accord: in the record they are treated as in a request."""
        rules = exchange.obligations.record or exchange.obligations.request
        try:
            kept = await self._redactor.screen(
                spoken,
                rules,
                recorded.redaction.pseudonyms,
                tenant=tenant,
                detection=exchange.obligations.detection,
                taught=recorded.inspection,
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
