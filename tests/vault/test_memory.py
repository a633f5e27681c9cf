"""Promise 3 where a backend remembers: an answer over all that was said in a conversation comes back whole, on any gateway.

The real stage, detector aside, over a backend that repeats the whole history of the conversation, of which a request holds only
the last text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import replace
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.exchange import Exchange, Reply
from gateway.obligations import EntityRules, OperatorKind, PseudonymScope, PseudonymTerms
from gateway.pipeline import Proceed, compose
from gateway.protocol.facts import Stated
from gateway.protocol.wire import JsonObject
from gateway.redaction.redactor import Redactor
from gateway.stages.redact import Redact
from gateway.vault.desk import Desk
from tests.caching.conftest import exchange as exchange_of
from tests.redaction.conftest import KnownValues
from tests.vault.conftest import Gateway

VALUES = {"Ann Lee": "PERSON", "Bob": "PERSON", "张伟": "PERSON", "Paris": "LOCATION", "4111": "CREDIT_CARD"}
TEXT = st.lists(st.sampled_from([*VALUES, "hello", "and", "<b>", "person"]), min_size=1, max_size=4).map(" ".join)
TURN = st.tuples(st.integers(0, 1), st.sampled_from(["a", "b"]), st.sampled_from(["p", "q"]), TEXT, st.booleans())
_names = count()


class Remembering:
    """A backend: it has only what it was sent, and says all of it."""

    def __init__(self) -> None:
        self.heard: dict[tuple[str, str], list[str]] = defaultdict(list)

    async def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        assert exchange.redacted is not None
        assert exchange.principal is not None
        history = self.heard[exchange.principal.id, str(exchange.stated.conversation)]
        history.append(exchange.redacted["messages"][0]["content"])
        said = " | ".join(history)

        async def body() -> AsyncGenerator[JsonObject, None]:
            for at in range(0, len(said), 5) if exchange.stream else [0]:
                piece = said[at : at + 5] if exchange.stream else said
                told = {"delta" if exchange.stream else "message": {"content": piece}, "index": 0}
                yield {"choices": [{**told, "finish_reason": "stop" if at + 5 >= len(said) else None}]}

        return Reply(status=200, streaming=exchange.stream, body=body())


def asking(text: str, talk: str, principal: str, stream: bool, scope: PseudonymScope) -> Exchange:
    body = {"model": "m", "messages": [{"role": "user", "content": text}]}
    one = exchange_of(body, principal=principal, stream=stream)
    assert one.decision is not None
    assert one.decision.obligations is not None
    own = replace(
        one.decision.obligations,
        request=EntityRules(OperatorKind.PLACEHOLDER),
        restore=True,
        pseudonyms=PseudonymTerms(scope=scope),
    )
    decision = replace(one.decision, obligations=own)
    return replace(one, request=body, redacted=None, decision=decision, stated=Stated(conversation=talk))


async def said(reply: Reply) -> str:
    pieces = [choice.get("delta", choice.get("message")) async for event in reply.body for choice in event["choices"]]
    return "".join(piece["content"] for piece in pieces)


@pytest.fixture
def gateways(start: Callable[[], Gateway]) -> Sequence[Gateway]:
    return [start(), start()]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TURN, min_size=1, max_size=6), st.sampled_from(list(PseudonymScope)[1:]))
async def test_all_that_was_said_comes_back(
    gateways: Sequence[Gateway], turns: list[tuple[int, str, str, str, bool]], scope: PseudonymScope
) -> None:
    backend, spoken = Remembering(), defaultdict[tuple[str, str], list[str]](list)
    run = next(_names)
    ways = [
        compose([Redact(Redactor(KnownValues(VALUES), b"k" * 32), lambda one, _: one, Desk(each.vault)), backend])
        for each in gateways
    ]
    for which, talk, principal, text, stream in turns:
        named = f"{talk}-{run}"
        spoken[principal, named].append(text)
        reply = await ways[which](asking(text, named, principal, stream, scope))
        assert await said(reply) == " | ".join(spoken[principal, named])
    heard = " ".join(text for history in backend.heard.values() for text in history)
    assert not any(value in heard for value in VALUES)
