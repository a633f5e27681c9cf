"""The gates: what must be equal in two questions, so that one answer serves both. Pure.

Each gate is a function of one text. They are read as a whole: two questions with one signature are of one language and of one
kind, and have the same words that count in the same order, and the same words on which answers turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import orjson

from gateway.caching.semantic.chinese import chinese
from gateway.caching.semantic.english import english
from gateway.caching.semantic.marks import marks_of
from gateway.caching.semantic.tokens import Kind, Token, tokens_of

_FORM = 3
"""Of the tables; answers found under others are not looked at."""


@dataclass(frozen=True, slots=True)
class Signature:
    """It says what the text says, so it is as secret as the text; only a keyed hash of it is kept."""

    language: str
    kind: str
    wording: tuple[str, ...] = field(repr=False)
    marks: tuple[str, ...] = field(repr=False)

    def canonical(self) -> bytes:
        return orjson.dumps([_FORM, self.language, self.kind, self.wording, self.marks])


def signature_of(text: str) -> Signature | None:
    """None for a text of which only the very same text is the same question."""
    tokens = tokens_of(text)
    if not tokens:
        return None
    language = _language(tokens)
    kind, wording = chinese(tokens) if language == "zh" else english(tokens)
    says_something = any(sign.isalnum() for word in wording for sign in word)
    return Signature(language, kind, wording, marks_of(tokens)) if says_something else None


def _language(tokens: Sequence[Token]) -> str:
    return "zh" if any(token.kind is Kind.HAN for token in tokens) else "en"
