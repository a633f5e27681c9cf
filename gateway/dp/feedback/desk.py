"""Takes feedback: finds the call, redacts the correction, and enters both on the record.

A correction is kept as content is: redacted by the rules of its call, sealed under a key of its own, beside the act that says
it was given. It carries the tags of everybody whom its call is about, and is kept no longer than its call: so whatever erases
the call erases it as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from gateway.audit.act import Act, Action, ActOutcome, entry_of_act, new_act
from gateway.audit.event import ExchangeRecord
from gateway.audit.keeper import Keeper, Sealed
from gateway.audit.kept import about, noted_with
from gateway.audit.log import AuditLog
from gateway.dp.feedback.calls import Answers, own_call
from gateway.dp.feedback.given import Feedback
from gateway.errors import InvalidRequest, PolicyDenied
from gateway.exchange import Decision, Principal
from gateway.exchange.content import Content
from gateway.obligations import Obligations
from gateway.protocol.facts import Facts
from gateway.redaction.operators import Pseudonyms
from gateway.redaction.placeholders import PlaceholderMint
from gateway.redaction.redactor import Redactor
from gateway.store.database import Database

Decide = Callable[[Principal, Facts], Decision]


@dataclass(frozen=True, slots=True)
class Given:
    """What was entered: the act's id, and the call that it is about."""

    id: str
    call_id: str


@dataclass(frozen=True, slots=True)
class FeedbackDesk:
    """`decide` is the policy in force: it says how a correction is redacted, and whether it may be kept. `answers` finds calls
    by the ids of their answers.
    """

    database: Database
    log: AuditLog
    keeper: Keeper
    redactor: Redactor
    decide: Decide
    answers: Answers

    async def give(self, caller: Principal, feedback: Feedback) -> Given:
        """Durable when this returns. Raises CallNotFound, InvalidRequest or PolicyDenied where a correction cannot be kept,
        and ProtectionUnavailable; then nothing is on the record.
        """
        record = await asyncio.to_thread(own_call, self.database, self.answers, caller, feedback)
        act = new_act(
            Action.FEEDBACK_GIVE,
            tenant=caller.tenant,
            principal=caller.id,
            key_id=caller.key_id,
            target=record.call_id,
            result=feedback.thumb.value,
        )
        sealed = await self._sealed(act, caller, record, feedback)
        done = replace(act, note=noted_with("a correction", sealed.digests) if sealed.digests else None).ended(ActOutcome.DONE)
        await self.log.append(replace(entry_of_act(done), beside=sealed.rows))
        return Given(act.act_id, record.call_id)

    async def _sealed(self, act: Act, caller: Principal, record: ExchangeRecord, feedback: Feedback) -> Sealed:
        if feedback.correction is None:
            return Sealed()
        own, call = self._obligations(caller, record), await asyncio.to_thread(about, self.database, record.call_id)
        if call is None or not own.record_content:
            raise InvalidRequest("No content of this call is kept, so a correction of it is not either.", param="correction")
        content = await self._redacted(feedback.correction, own, caller.tenant)
        case = self.keeper.case(act.act_id, caller.tenant, own.retention_days, no_longer_than=call.expires_at)
        return await case.seal(replace(content, tags=call.tags))

    def _obligations(self, caller: Principal, record: ExchangeRecord) -> Obligations:
        """As if the call were made again now. Raises PolicyDenied."""
        asked = record.asked
        model = record.model or (asked.model if asked else None) or ""
        purpose, consent = (asked.purpose, asked.consent) if asked else (None, None)
        facts = Facts(model=model, surface=record.surface, purpose=purpose, consent=consent)
        decision = self.decide(caller, facts)
        if decision.allow and decision.review is not None:
            decision = decision.review((asked.found if asked else None) or {})
        if not decision.allow or decision.obligations is None:
            raise PolicyDenied("Policy no longer allows this call, so a correction of it cannot be kept.", param="correction")
        return decision.obligations

    async def _redacted(self, correction: str, own: Obligations, tenant: str) -> Content:
        """Placeholders in it are its own: what those of the call stood for is not known any more."""
        screened = await self.redactor.screen(
            [correction],
            own.record or own.request,
            Pseudonyms(PlaceholderMint(frozenset())),
            tenant=tenant,
            detection=own.detection,
        )
        return Content(request={"correction": screened.texts[0], "replaced": len(screened.values)}, values=screened.values)
