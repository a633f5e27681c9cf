"""What is kept of an exchange lies sealed beside the record."""

from __future__ import annotations

import pytest
from opentelemetry.trace import NoOpTracer

from gateway.audit.event import ExchangeRecord
from gateway.audit.keeper import Keeper
from gateway.audit.log import Entry
from gateway.audit.tenant_keys import TenantKeys
from gateway.errors import (
    AuditUnavailable,
    GatewayError,
    UpstreamTimeout,
)
from gateway.exchange import Exchange, Reply
from gateway.exchange.content import Content
from gateway.pipeline import Proceed
from gateway.stages.record import Record
from tests.stages.record.house import (
    House,
    events,
    exchange,
    inwards,
)


class Owing:
    """A log that can write nothing."""

    healthy = False

    def __init__(self) -> None:
        self.owed: list[Entry] = []

    async def append(self, entry: Entry) -> None:
        raise AuditUnavailable("The audit log cannot be written.")

    def append_soon(self, entry: Entry) -> None:
        self.owed.append(entry)

    async def close(self) -> None:
        """Nothing to close."""


def keeping(after: Content | None = None, *, error: GatewayError | None = None) -> Proceed:
    async def proceed(exchange: Exchange) -> Reply:
        sent = inwards(exchange)
        await sent.journal.keep(Content(request=sent.redacted))
        if error is not None:
            raise error
        await sent.journal.commit()
        if after is not None:
            await sent.journal.keep(after)
        return Reply(status=200, streaming=True, body=events())

    return proceed


async def test_what_is_kept_lies_sealed_beside_the_record_which_has_its_digests(house: House) -> None:
    await house.events(keeping(Content(reply="<EMAIL_1> 你好")))
    record = await house.only_record()
    assert record.content == house.digests()
    assert set(record.content) == {"request/0", "reply/0"}
    assert house.content() == Content(request={"text": "<EMAIL_1>"}, reply="<EMAIL_1> 你好")


async def test_what_was_sealed_before_a_refusal_goes_with_the_refusal(house: House) -> None:
    with pytest.raises(UpstreamTimeout):
        await house.events(keeping(error=UpstreamTimeout("late")))
    assert (await house.only_record()).content == house.digests()
    assert house.content().request == {"text": "<EMAIL_1>"}


async def test_what_the_log_owes_holds_no_content(house: House) -> None:
    log = Owing()
    stage = Record(log, NoOpTracer(), keeper=Keeper(TenantKeys(house.keyring.tenant)))
    for error in (None, UpstreamTimeout("late")):
        with pytest.raises(AuditUnavailable):
            await stage(exchange(), keeping(error=error))
    assert [(entry.beside, "content_missing" in entry.body) for entry in log.owed] == [((), True)] * 2
    for entry in log.owed:
        record = ExchangeRecord.from_json(entry.body)
        assert record.content is None
        assert record.content_missing == "The request is not kept: it went nowhere, because the record could not be written."


async def test_the_record_says_where_content_is_missing(house: House) -> None:
    await house.events(keeping(Content(missing="The reply is not kept (detection_unavailable).")))
    record = await house.only_record()
    assert record.content is not None
    assert set(record.content) == {"request/0"}
    assert record.content_missing == "The reply is not kept (detection_unavailable)."
