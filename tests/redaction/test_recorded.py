"""What of an exchange may be kept, before it is sealed: redacted texts, whom they are about, and what stands in for whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from gateway.exchange.content import Content
from gateway.obligations import EntityRules, Obligations, OperatorKind
from gateway.protocol.wire import ContentKind, JsonObject
from gateway.redaction.recorded import Recorded, whole_sentences
from gateway.redaction.redactor import Redactor
from tests.redaction.conftest import KnownValues

DATA = "data:text/plain;base64," + "QW5uIExlZQ" * 8


def rules(default: str = "placeholder", **by_entity: str) -> EntityRules:
    return EntityRules(OperatorKind(default), {entity: OperatorKind(op) for entity, op in by_entity.items()})


def said(text: Any) -> JsonObject:
    return {"model": "m", "messages": [{"role": "user", "content": text}]}


class Exchange:
    """A request redacted for the upstream, and for the record."""

    def __init__(self, detector: KnownValues, request: EntityRules, record: EntityRules | None = None, **more: Any) -> None:
        self.redactor = Redactor(detector, b"k" * 32)
        self.own = Obligations(
            request=request,
            reply=rules("keep"),
            restore=True,
            record=record,
            record_content=True,
            **{"record_originals": True, **more},
        )

    async def recorded(self, body: JsonObject) -> Recorded:
        inspection = await self.redactor.inspect(body, self.own)
        sent = redaction = await self.redactor.redact(inspection, tenant="t")
        found = inspection.values
        if self.own.record is not None:
            inspection = await self.redactor.inspect(body, replace(self.own, request=self.own.record))
            redaction = await self.redactor.redact(inspection, tenant="t", pseudonyms=sent.pseudonyms)
        return Recorded(
            sent=sent,
            redaction=redaction,
            inspection=inspection,
            obligations=self.own,
            found=found | inspection.values,
            originals=redaction.pseudonyms.originals,
        )


async def test_the_request_with_its_marks_values_and_originals(detector: KnownValues) -> None:
    exchange = Exchange(detector, rules(EMAIL_ADDRESS="mask", LOCATION="keep"))
    content = await (await exchange.recorded(said("Ann Lee, ann@x.org, Paris"))).request()
    assert content.request == said("<PERSON_1>, *********, Paris")
    assert [(mark.entity, mark.operator) for mark in content.marks] == [
        ("PERSON", "placeholder"),
        ("EMAIL_ADDRESS", "mask"),
        ("LOCATION", "keep"),
    ]
    assert content.values == {"Ann Lee", "ann@x.org", "Paris"}
    assert content.originals == {"<PERSON_1>": "Ann Lee"}  # what is masked is not to come back


async def test_surrogates_have_originals_too(detector: KnownValues) -> None:
    content = await (await Exchange(detector, rules("surrogate")).recorded(said("I am Ann Lee"))).request()
    ((surrogate, value),) = content.originals.items()
    assert (surrogate in str(content.request), value) == (True, "Ann Lee")


async def test_originals_only_where_policy_lets_them_be_kept(detector: KnownValues) -> None:
    exchange = Exchange(detector, rules(), record_originals=False)
    recorded = await exchange.recorded(said("Ann Lee"))
    answered = await recorded.reply(exchange.redactor, ["Bob"], "t")
    assert (await recorded.request()).originals == answered.originals == {}
    assert answered.values == {"Bob"}


async def test_what_the_reply_says_of_its_own_accord(detector: KnownValues) -> None:
    exchange = Exchange(detector, rules())
    recorded = await exchange.recorded(said("Ann Lee"))
    content = await recorded.reply(exchange.redactor, ["<PERSON_1> knows Bob", "and Bob ann@x.org"], "t")
    assert content.reply == "<PERSON_1> knows <PERSON_2>\nand <PERSON_2> <EMAIL_ADDRESS_1>"
    assert content.originals == {"<PERSON_2>": "Bob", "<EMAIL_ADDRESS_1>": "ann@x.org"}  # and not again those of the request
    assert content.values == {"Bob", "ann@x.org"}
    assert (content.request, content.marks) == (None, ())


async def test_a_value_that_the_screen_of_the_reply_replaced_is_known(detector: KnownValues) -> None:
    """It never reaches the record's own eyes, and is in what is kept all the same."""
    exchange = Exchange(detector, rules())
    recorded = await exchange.recorded(said("Ann Lee"))
    screened = await exchange.redactor.screen(["Bob"], rules(), recorded.sent.pseudonyms, tenant="t")
    content = await recorded.reply(exchange.redactor, screened.texts, "t")
    assert content.reply == "<PERSON_2>"
    assert (set(content.values), dict(content.originals)) == ({"Bob"}, {"<PERSON_2>": "Bob"})


async def test_a_placeholder_of_the_reply_is_no_free_name_for_a_stricter_record(detector: KnownValues) -> None:
    exchange = Exchange(detector, rules(LOCATION="keep"), rules())
    recorded = await exchange.recorded(said("Ann Lee in Paris"))
    screened = await exchange.redactor.screen(["Bob", "ann@x.org"], rules(), recorded.sent.pseudonyms, tenant="t")
    content = await recorded.reply(exchange.redactor, [*screened.texts, "4111"], "t")
    assert content.reply == "<PERSON_2>\n<EMAIL_ADDRESS_1>\n<CREDIT_CARD_1>"
    assert content.originals == {"<PERSON_2>": "Bob", "<EMAIL_ADDRESS_1>": "ann@x.org", "<CREDIT_CARD_1>": "4111"}
    assert (await recorded.request()).originals == {"<PERSON_1>": "Ann Lee", "<LOCATION_1>": "Paris"}


async def test_where_two_redactions_mean_different_things_by_a_placeholder_the_records_own_holds(detector: KnownValues) -> None:
    exchange = Exchange(detector, rules(LOCATION="keep"), rules())
    recorded = await exchange.recorded(said("Paris"))
    elsewhere = KnownValues({"Rome": "LOCATION"})
    screened = await Redactor(elsewhere, b"k" * 32).screen(["Rome"], rules(), recorded.sent.pseudonyms, tenant="t")
    assert screened.texts == ["<LOCATION_1>"]
    assert (await recorded.request()).originals == {"<LOCATION_1>": "Paris"}
    assert (await recorded.reply(exchange.redactor, screened.texts, "t")).originals == {}


async def test_what_nobody_could_inspect_is_not_recorded_and_has_no_marks(detector: KnownValues) -> None:
    exchange = Exchange(detector, rules(), uninspected=frozenset(ContentKind))
    recorded = await exchange.recorded(said([{"type": "text", "text": f"Ann Lee {DATA}"}, {"type": "text", "text": "Bob"}]))
    content = await recorded.request()
    assert content.request is not None
    texts = [part["text"] for part in content.request["messages"][0]["content"]]
    assert texts == ["[file not recorded]", "<PERSON_2>"]
    assert [mark.pointer for mark in content.marks] == ["/messages/0/content/1/text"]


async def test_who_is_named_by_an_earlier_placeholder_is_noted_for_request_and_reply(detector: KnownValues) -> None:
    """Of the texts as they are kept, also where policy keeps everything and nothing was looked for."""

    async def whom(texts: Sequence[str]) -> frozenset[bytes]:
        return frozenset(text.encode() for text in texts if "_7>" in text)

    body = said("What of <PERSON_7> and Ann Lee?") | {"tools": [{"function": {"description": "of <PERSON_7>"}}]}
    for own, first in ((rules(), "What of <PERSON_7> and <PERSON_1>?"), (rules("keep"), "What of <PERSON_7> and Ann Lee?")):
        recorded = replace(await Exchange(detector, own).recorded(body), whom=whom)
        assert (await recorded.request()).tags == {first.encode(), b"of <PERSON_7>"}
        reply = await recorded.reply(Redactor(detector, b"k" * 32), ["<PERSON_7> left"], "t")
        assert reply.tags == {b"<PERSON_7> left"}


async def test_an_answer_without_a_text_has_none_to_keep(detector: KnownValues) -> None:
    exchange = Exchange(detector, rules())
    assert await (await exchange.recorded(said("Ann Lee"))).reply(exchange.redactor, [], "t") == Content()


@pytest.mark.parametrize("length", [262_143, 262_144, 300_000])
async def test_of_a_long_reply_the_beginning_is_kept(detector: KnownValues, length: int) -> None:
    exchange = Exchange(detector, rules())
    recorded = await exchange.recorded(said("Hi"))
    content = await recorded.reply(exchange.redactor, ["x" * length], "t")
    assert content.reply == "x" * min(length, 262_144)


@pytest.mark.parametrize(
    ("broke_off", "kept"),
    [
        ("It is so. Card: 4111 1111\n1111", "It is so."),
        ("It is so. As J. R. R. Tolk", "It is so."),
        ("他来了。电话是138", "他来了。"),
        ("no end", ""),
    ],
)
def test_of_what_broke_off_no_half_of_a_value_is_kept(broke_off: str, kept: str) -> None:
    assert whole_sentences(broke_off) == kept
