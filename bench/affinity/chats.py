"""Chats of several turns through a gateway, and what the backend says of each: how much of the prompt it had in its cache."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import uuid4

import httpx

from gateway.protocol.facts import CONVERSATION_HEADER

_FACTS = (
    "The depot opens at seven and closes at nine in the evening.",
    "A parcel of up to ten kilograms costs four, a heavier one nine.",
    "Whoever orders before noon has the parcel on the next day.",
    "Returns are free for thirty days, in the box that they came in.",
    "Glass is packed twice, and batteries travel by road only.",
)
_QUESTIONS = (
    "When can I bring a parcel?",
    "What does one of twelve kilograms cost?",
    "I order at two in the afternoon: when does it come?",
    "May I send back a lamp after three weeks?",
    "How does a battery travel?",
    "And a mirror?",
    "What did I ask first?",
    "Which of your answers was the shortest?",
)


@dataclass(frozen=True, slots=True)
class Turn:
    """Tokens of a prompt, of which so many were in the cache, and the milliseconds that reading the others took."""

    number: int
    prompt_tokens: int
    cached_tokens: int
    prefill_ms: float


@dataclass(slots=True)
class Chat:
    """One chat. Without affinity, every turn states another conversation: then it goes to any of the equals."""

    name: str
    affinity: bool
    messages: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        rules = " ".join(f"Rule {number} of {self.name}: {fact}" for number, fact in enumerate(_FACTS * 3, 1))
        self.messages.append({"role": "system", "content": f"You are the clerk of {self.name}. {rules}"})

    def say(self, http: httpx.Client, model: str) -> Turn:
        """One turn more. Raises HTTPStatusError."""
        number = sum(message["role"] == "user" for message in self.messages)
        self.messages.append({"role": "user", "content": _QUESTIONS[number % len(_QUESTIONS)]})
        body = {"model": model, "messages": self.messages, "max_tokens": 4, "temperature": 0}
        headers = {} if self.affinity else {CONVERSATION_HEADER: str(uuid4())}
        answer = http.post("/chat/completions", json=body, headers=headers).raise_for_status().json()
        self.messages.append({"role": "assistant", "content": answer["choices"][0]["message"]["content"]})
        timings, usage = answer["timings"], answer["usage"]
        return Turn(number + 1, usage["prompt_tokens"], int(timings["cache_n"]), float(timings["prompt_ms"]))
