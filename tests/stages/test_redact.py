"""The stage: what goes in is inspected, policy looks again, and only then is anything replaced and sent."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Container, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from gateway.audit.journal import NoJournal
from gateway.errors import AuditUnavailable, EntityBlocked, PolicyDenied, UpstreamTruncated
from gateway.exchange import Decision, Exchange, Finding, Principal, Reply
from gateway.exchange.content import Content
from gateway.obligations import EntityRules, Obligations, OperatorKind
from gateway.protocol.request import StatefulRequest
from gateway.protocol.wire import JsonObject, Surface
from gateway.redaction.redactor import Redactor
from gateway.stages.redact import Redact
from tests.redaction.conftest import KnownValues

SAID = "Ann Lee met Bob in Paris"
KEEP = EntityRules(OperatorKind.KEEP)


@pytest.fixture
def detector() -> KnownValues:
    return KnownValues({"Ann Lee": "PERSON", "Bob": "PERSON", "Paris": "LOCATION"})


def _rules(default: str = "placeholder", **by_entity: str) -> EntityRules:
    return EntityRules(OperatorKind(default), {entity: OperatorKind(op) for entity, op in by_entity.items()})


def _decision(request: EntityRules, **more: Any) -> Decision:
    obligations = Obligations(request=request, reply=KEEP, restore=True, **more)
    return Decision(allow=True, rule="r", reason="", policy_version="v", obligations=obligations)


class Kept(NoJournal):
    """A journal that remembers what it was given to keep, and the last state that it was shown."""

    def __init__(self) -> None:
        self.kept: list[Content] = []
        self.last: Exchange | None = None

    @property
    def request(self) -> JsonObject | None:
        return self.kept[0].request if self.kept else None

    @property
    def reply(self) -> str | None:
        return self.kept[-1].reply if self.kept else None

    def observe(self, exchange: Exchange) -> None:
        self.last = exchange

    async def keep(self, content: Content) -> None:
        self.kept.append(content)


class Sealing(Kept):
    """A journal that cannot seal the piece with this number."""

    def __init__(self, *, fails_at: int) -> None:
        super().__init__()
        self._fails_at = fails_at

    async def keep(self, content: Content) -> None:
        if content.missing is None and len(self.kept) == self._fails_at:
            raise AuditUnavailable("The content that policy keeps cannot be sealed.")
        await super().keep(content)


async def _intake() -> bytes:
    return b""


def _exchange(decision: Decision, journal: NoJournal) -> Exchange:
    start = Exchange(call_id="c", surface=Surface.CHAT, journal=journal, intake=_intake)
    request = {"model": "m", "messages": [{"role": "user", "content": SAID}]}
    return start.learn(principal=Principal(tenant="t", id="p"), request=request, decision=decision)


class Upstream:
    """Says what it was sent."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    async def __call__(self, exchange: Exchange) -> Reply:
        assert exchange.redacted is not None
        self.sent.append(exchange.redacted["messages"][0]["content"])
        return Reply(status=200, streaming=False, body=self._body(self.sent[-1]))

    async def _body(self, text: str) -> AsyncGenerator[JsonObject, None]:
        yield {"choices": [{"index": 0, "message": {"role": "assistant", "content": text}}]}


def _second(decision: Decision | None, seen: list[Mapping[str, int]]) -> Any:
    def review(exchange: Exchange, findings: Mapping[str, int]) -> Exchange:
        seen.append(dict(findings))
        if decision is None:
            raise PolicyDenied("Denied by organisation.rules.r: no.")
        return exchange.learn(decision=decision)

    return review


async def _answer(detector: KnownValues, first: Decision, second: Decision | None, upstream: Upstream, journal: Kept) -> str:
    seen: list[Mapping[str, int]] = []
    stage = Redact(Redactor(detector, b"k" * 32), _second(second, seen))
    reply = await stage(_exchange(first, journal), upstream)
    (event,) = [event async for event in reply.body]
    assert seen == [{"PERSON": 2, "LOCATION": 1}]
    text: str = event["choices"][0]["message"]["content"]
    return text


async def test_policy_looks_at_the_findings_before_anything_goes_on(detector: KnownValues) -> None:
    upstream, journal = Upstream(), Kept()
    with pytest.raises(PolicyDenied):
        await _answer(detector, _decision(_rules(), record_content=True), None, upstream, journal)
    assert upstream.sent == []
    assert (journal.request, journal.reply) == (None, None)
    assert journal.last is not None
    assert journal.last.found == {"PERSON": 2, "LOCATION": 1}
    assert {found.entity for found in journal.last.findings} == {"PERSON", "LOCATION"}


async def test_what_is_only_named_goes_no_further(detector: KnownValues) -> None:
    """Nobody read what it names: where items are kept, they are in their places before this stage."""
    upstream, seen = Upstream(), list[Mapping[str, int]]()
    named = {"model": "m", "input": [{"role": "user", "content": "hello"}, {"type": "item_reference", "id": "msg_1"}]}
    exchange = replace(_exchange(_decision(_rules()), Kept()), surface=Surface.RESPONSES, request=named)
    with pytest.raises(StatefulRequest):
        await Redact(Redactor(detector, b"k" * 32), _second(None, seen))(exchange, upstream)
    assert (upstream.sent, seen) == ([], [])


async def test_the_same_rules_are_applied_once(detector: KnownValues) -> None:
    first, upstream = _decision(_rules()), Upstream()
    assert await _answer(detector, first, first, upstream, Kept()) == SAID
    assert upstream.sent == ["<PERSON_1> met <PERSON_2> in <LOCATION_1>"]
    assert len(detector.pages) == 1


async def test_stricter_rules_hold_for_what_goes_out_and_what_comes_back(detector: KnownValues) -> None:
    upstream, journal = Upstream(), Kept()
    first, second = _decision(_rules()), _decision(_rules(PERSON="drop"))
    assert await _answer(detector, first, second, upstream, journal) == " met  in Paris"
    assert upstream.sent == [" met  in <LOCATION_1>"]
    assert journal.last is not None
    assert {(found.entity, found.operator) for found in journal.last.findings} == {
        ("PERSON", "drop"),
        ("LOCATION", "placeholder"),
    }


async def test_a_rule_may_block_what_was_found(detector: KnownValues) -> None:
    upstream = Upstream()
    with pytest.raises(EntityBlocked, match="PERSON"):
        await _answer(detector, _decision(_rules()), _decision(_rules(PERSON="block")), upstream, Kept())
    assert upstream.sent == []


async def test_a_rule_may_take_restoration_and_content_away(detector: KnownValues) -> None:
    upstream, journal = Upstream(), Kept()
    first = _decision(_rules(), record_content=True)
    assert first.obligations is not None
    second = replace(first, obligations=replace(first.obligations, restore=False, record_content=False))
    assert await _answer(detector, first, second, upstream, journal) == "<PERSON_1> met <PERSON_2> in <LOCATION_1>"
    assert (journal.request, journal.reply) == (None, None)


async def test_the_record_holds_what_went_out(detector: KnownValues) -> None:
    journal, first = Kept(), _decision(_rules(), record_content=True)
    await _answer(detector, first, first, Upstream(), journal)
    assert journal.request is not None
    assert journal.request["messages"][0]["content"] == "<PERSON_1> met <PERSON_2> in <LOCATION_1>"
    assert journal.reply == "<PERSON_1> met <PERSON_2> in <LOCATION_1>"


async def test_the_record_may_hold_less_under_the_same_names(detector: KnownValues) -> None:
    journal, upstream = Kept(), Upstream()
    first = _decision(_rules(LOCATION="keep"), record_content=True, record=_rules(LOCATION="drop"))
    assert await _answer(detector, first, first, upstream, journal) == SAID
    assert upstream.sent == ["<PERSON_1> met <PERSON_2> in Paris"]
    assert journal.request is not None
    assert journal.request["messages"][0]["content"] == "<PERSON_1> met <PERSON_2> in "
    assert journal.reply == "<PERSON_1> met <PERSON_2> in "


async def test_where_the_findings_stand_and_whom_they_are_about_is_kept_with_it(detector: KnownValues) -> None:
    journal, first = Kept(), _decision(_rules(), record_content=True, record_originals=True)
    await _answer(detector, first, first, Saying("<PERSON_1> and Bob"), journal)
    request, reply = journal.kept
    assert [(mark.pointer, mark.start, mark.end) for mark in request.marks] == [
        ("/messages/0/content", 0, 10),
        ("/messages/0/content", 15, 25),
        ("/messages/0/content", 29, 41),
    ]
    assert request.values == {"Ann Lee", "Bob", "Paris"}
    assert request.originals == {"<PERSON_1>": "Ann Lee", "<PERSON_2>": "Bob", "<LOCATION_1>": "Paris"}
    assert (reply.reply, set(reply.values), dict(reply.originals)) == ("<PERSON_1> and <PERSON_2>", {"Bob"}, {})


async def test_what_cannot_be_sealed_goes_nowhere(detector: KnownValues) -> None:
    upstream, first = Upstream(), _decision(_rules(), record_content=True)
    with pytest.raises(AuditUnavailable):
        await _answer(detector, first, first, upstream, Sealing(fails_at=0))
    assert upstream.sent == []


async def test_a_reply_that_cannot_be_sealed_is_the_clients_all_the_same(detector: KnownValues) -> None:
    journal, first = Sealing(fails_at=1), _decision(_rules(), record_content=True)
    assert await _answer(detector, first, first, Upstream(), journal) == SAID
    assert journal.kept[-1] == Content(missing="The reply is not kept (audit_unavailable).")


async def test_nor_one_that_cannot_be_inspected_once_more(detector: KnownValues) -> None:
    journal, first = Kept(), _decision(_rules(), record_content=True)
    assert await _answer(detector, first, first, Saying("CRASH"), journal) == "CRASH"
    assert journal.kept[-1] == Content(missing="The reply is not kept (detection_unavailable).")


class Saying(Upstream):
    """Says what it likes."""

    def __init__(self, said: str) -> None:
        super().__init__()
        self._said = said

    def _body(self, text: str) -> AsyncGenerator[JsonObject, None]:
        return super()._body(self._said)


async def test_what_only_the_record_replaces_is_never_put_back_into_the_answer(detector: KnownValues) -> None:
    journal, upstream = Kept(), Saying("<LOCATION_1> is no place in Paris, says <PERSON_1>")
    first = _decision(_rules(LOCATION="keep"), record_content=True, record=_rules())
    answer = await _answer(detector, first, first, upstream, journal)
    assert upstream.sent == ["<PERSON_1> met <PERSON_2> in Paris"]
    assert answer == "<LOCATION_1> is no place in Paris, says Ann Lee"
    assert journal.request is not None
    assert journal.request["messages"][0]["content"] == "<PERSON_1> met <PERSON_2> in <LOCATION_1>"
    assert journal.reply == "<LOCATION_1> is no place in <LOCATION_1>, says <PERSON_1>"


class InContext(KnownValues):
    """Knows Ann Lee by whom she met, and nowhere else."""

    async def detect(
        self, texts: Sequence[str], *, kept: Container[str] = frozenset(), **more: object
    ) -> list[tuple[Finding, ...]]:
        found = await super().detect(texts, kept=kept, **more)
        return [own if "met" in text else () for text, own in zip(texts, found, strict=True)]


@pytest.mark.parametrize("record", [_rules(LOCATION="keep"), _rules("drop")])
async def test_what_the_request_taught_is_known_in_the_recorded_reply(record: EntityRules) -> None:
    journal, first = Kept(), _decision(_rules(PERSON="keep"), record_content=True, record=record)
    detector = InContext({"Ann Lee": "PERSON", "Bob": "PERSON", "Paris": "LOCATION"})
    answer = await _answer(detector, first, first, Saying("Greetings to Ann Lee"), journal)
    assert answer == "Greetings to Ann Lee"
    assert journal.reply in ("Greetings to <PERSON_1>", "Greetings to ")


async def test_it_runs_in_its_place(detector: KnownValues) -> None:
    stage = Redact(Redactor(detector, b"k" * 32), lambda exchange, findings: exchange)
    with pytest.raises(LookupError):
        await stage(Exchange(call_id="c", surface=Surface.CHAT, journal=NoJournal(), intake=_intake), Upstream())


class Breaking(Upstream):
    """A stream that says a sentence and the beginning of another, and then fails, where nobody hung up before."""

    async def __call__(self, exchange: Exchange) -> Reply:
        return replace(await super().__call__(exchange), streaming=True)

    async def _body(self, text: str) -> AsyncGenerator[JsonObject, None]:
        for piece in ("<PERSON_1> is in. ", "Call 0170 555"):
            yield {"choices": [{"index": 0, "delta": {"content": piece}}]}
        raise UpstreamTruncated("The stream ended early.")


@pytest.mark.parametrize("hangs_up", [True, False])
async def test_a_reply_that_broke_off_is_kept_up_to_its_last_whole_sentence(detector: KnownValues, hangs_up: bool) -> None:
    """Else whoever hangs up after the last word would keep it off the record."""
    journal, first = Kept(), _decision(_rules(), record_content=True)
    reply = await Redact(Redactor(detector, b"k" * 32), _second(first, []))(_exchange(first, journal), Breaking())
    said = [await anext(reply.body), await anext(reply.body)]
    if hangs_up:
        await reply.body.aclose()
    else:
        with pytest.raises(UpstreamTruncated):
            [event async for event in reply.body]
    assert said[0]["choices"][0]["delta"]["content"] == "Ann Lee is in. "
    *_, kept, note = journal.kept
    assert kept.reply == "<PERSON_1> is in."
    assert note.missing is not None
    assert "broke off" in note.missing


async def test_an_answer_that_needs_nothing_is_not_touched() -> None:
    upstream, said = Upstream(), list[Reply]()

    async def proceed(exchange: Exchange) -> Reply:
        said.append(await upstream(exchange))
        return said[0]

    stage = Redact(Redactor(KnownValues({"Nobody": "PERSON"}), b"k" * 32), lambda exchange, _: exchange)
    reply = await stage(_exchange(_decision(_rules()), Kept()), proceed)
    assert reply is said[0]
    await reply.body.aclose()
