"""How large an answer may be of which items are kept, and whom they mention."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from gateway.audit.journal import NoJournal
from gateway.exchange import Body, Exchange, Principal, Reply, Storing
from gateway.obligations import EntityRules, Obligations, OperatorKind
from gateway.protocol.wire import Surface
from gateway.redaction.redactor import Redactor
from gateway.vault.answered import Answers
from gateway.vault.items import Item
from tests.redaction.conftest import KnownValues


class Keeping:
    """A vault that remembers what it was given to keep."""

    def __init__(self) -> None:
        self.kept: dict[str, Item] = {}

    async def keep_items(self, tenant: str, principal: str, items: Mapping[str, Item], ttl_s: int) -> None:
        assert (tenant, principal, ttl_s) == ("t", "p", 60)
        self.kept.update(items)


async def _intake() -> bytes:
    return b""


async def _answer(text: str) -> Body:
    yield {"object": "response", "output": [{"id": "msg_1", "type": "message", "content": text}]}


async def kept(text: str, restored: Collection[str] = ()) -> Mapping[str, Item]:
    """What is kept of an answer of this text, behind an exchange that can have put these values back."""
    vault, rules = Keeping(), EntityRules(OperatorKind.PLACEHOLDER)
    redactor = Redactor(KnownValues({"Ann Lee": "PERSON"}), b"k" * 32)
    answers = Answers(vault, redactor, max_bytes=1)  # type: ignore[arg-type]
    exchange = Exchange(call_id="c", surface=Surface.RESPONSES, journal=NoJournal(), intake=_intake)
    exchange = exchange.learn(principal=Principal(tenant="t", id="p"), request={"model": "m", "input": "hello"})
    own = Obligations(request=rules, reply=EntityRules(OperatorKind.KEEP), restore=True, store_s=60)
    reply = Reply(status=200, streaming=False, body=_answer(text), storing=Storing(own, lambda: restored))
    (event,) = [event async for event in answers.kept(exchange, reply).body]
    assert event["output"][0]["content"] == text
    return vault.kept


async def test_whom_an_item_mentions_is_kept_with_it() -> None:
    """Who was found in it, and who was put back there and not found."""
    (item,) = (await kept("Ann Lee met Bob.", ["Bob", "Carol"])).values()
    assert item.values == {"Ann Lee", "Bob"}


async def test_an_answer_that_is_too_large_is_not_kept() -> None:
    assert await kept("a" * 1_000_000)
    assert not await kept("a" * 1_100_000)


async def test_an_answer_in_which_too_much_would_have_to_be_looked_for_is_not_kept() -> None:
    """Each value of the question in all of it; one of the two may be large."""
    many = [f"u{at}@corp-example.org" for at in range(4_000)]
    assert await kept("a" * 1_000, many)
    assert await kept("a" * 600_000, many[:10])
    assert not await kept("a" * 600_000, many)
