"""A conversation as the prompt that its model was trained on, by the template in the model's file."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from jinja2 import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from gateway.fhe.model.tokenizer import WordPieces

_PLACE = re.compile("\ue000([0-9]+)\ue001")


class Untellable(Exception):
    """The template refuses this conversation, such as two turns of one side in a row."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One message."""

    role: str
    text: str = field(repr=False)


def prompt(turns: list[Turn], template: str, pieces: WordPieces) -> list[int]:
    """The tokens of a conversation, up to where the answer begins. Raises Untellable.

    What people typed can hold the words that mark a turn. Then the template is filled with place holders, and each text is made
    into tokens apart, in which such words are letters and nothing else.
    """
    if not any(mark in turn.text for turn in turns for mark in pieces.marks):
        return pieces.encode_marked(_rendered([turn.text for turn in turns], turns, template))
    rendered = _rendered([f"\ue000{number}\ue001" for number in range(len(turns))], turns, template)
    tokens: list[int] = []
    for number, part in enumerate(_PLACE.split(rendered)):
        tokens += pieces.encode(turns[int(part)].text) if number % 2 else pieces.encode_marked(part)
    return tokens


def _rendered(texts: list[str], turns: list[Turn], template: str) -> str:
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    messages = [{"role": turn.role, "content": text} for turn, text in zip(turns, texts, strict=True)]
    try:
        return environment.from_string(template).render(
            messages=messages, add_generation_prompt=True, bos_token="", eos_token="", raise_exception=_refuse
        )
    except TemplateError:
        raise Untellable("the model's template refuses this conversation") from None


def _refuse(_: str) -> None:
    raise Untellable("the model's template refuses this conversation")
