"""The chats of `make bench-affinity`, before a gateway that is not there."""

from __future__ import annotations

import httpx

from bench.affinity.chats import Chat
from gateway.protocol.facts import CONVERSATION_HEADER

ANSWER = {
    "choices": [{"message": {"role": "assistant", "content": "At seven."}}],
    "usage": {"prompt_tokens": 90},
    "timings": {"cache_n": 60, "prompt_ms": 12.5},
}


def test_a_chat_grows_and_says_what_it_is_told() -> None:
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json=ANSWER)

    with httpx.Client(base_url="http://gateway/v1", transport=httpx.MockTransport(answer)) as http:
        warm, anywhere = Chat("north", affinity=True), Chat("south", affinity=False)
        turns = [chat.say(http, "assistant") for chat in (warm, warm, anywhere, anywhere)]
    assert [turn.number for turn in turns] == [1, 2, 1, 2]
    assert (turns[0].prompt_tokens, turns[0].cached_tokens, turns[0].prefill_ms) == (90, 60, 12.5)
    assert [message["role"] for message in warm.messages] == ["system", "user", "assistant", "user", "assistant"]
    stated = [request.headers.get(CONVERSATION_HEADER) for request in sent]
    assert stated[:2] == [None, None]
    assert None not in stated[2:]
    assert stated[2] != stated[3]
