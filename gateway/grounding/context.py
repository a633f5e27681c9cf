"""Passages laid before a question: as many as fit, numbered, and quoted so that none can say that it has ended. Pure.

Every line that a document has a part in begins with `> `, as in a quoted mail. The delimiters hold no secret and no chance, so
equal questions make equal prompts, which the cache needs; and no document can write a line that does not begin like that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from gateway.exchange import Finding, Laid
from gateway.grounding.opened import opened
from gateway.grounding.suspicion import flags
from gateway.grounding.wording import Wording
from gateway.knowledge.library import Passage
from gateway.redaction.placeholders import Key

_QUOTE = "> "
_DOT = " · "


@dataclass(frozen=True, slots=True)
class Source:
    """A passage that is given to a model, under the number by which it is cited."""

    number: int
    passage: Passage = field(repr=False)
    flagged: tuple[str, ...] = ()


def fitting(passages: Sequence[Passage], lengths: Sequence[int], budget: int) -> list[Passage]:
    """The best ones that have room together; a long one that has none does not keep out a shorter one."""
    chosen: list[Passage] = []
    for passage, length in zip(passages, lengths, strict=True):
        if length <= budget:
            chosen.append(passage)
            budget -= length
    return chosen


def numbered(passages: Sequence[Passage]) -> tuple[Source, ...]:
    return tuple(
        Source(number, one, flags("\n".join((one.title, one.section, one.text))))
        for number, one in enumerate(passages, start=1)
    )


def block(passage: Passage, number: int, wording: Wording) -> str:
    """One passage as a model reads it, with the documents' placeholders."""
    page = wording.page.format(page=passage.page) if passage.page else ""
    head = _DOT.join(" ".join(part.split()) for part in (passage.title, passage.section, page) if part)
    lines = [head, *passage.text.splitlines()] if head else passage.text.splitlines()
    return "\n".join([f"[{number}]", *(_QUOTE + line for line in lines)])


def context(sources: Sequence[Source], values: Mapping[Key, str], wording: Wording) -> tuple[str, Laid]:
    """All that stands before the question, and where in it passages and their values do."""
    text, findings, parts = f"{wording.opening}\n", list[Finding](), list[tuple[int, int]]()
    for source in sources:
        one, start = opened(block(source.passage, source.number, wording), values), len(text)
        findings += (replace(each, start=each.start + start, end=each.end + start) for each in one.findings)
        parts.append((start, start + len(one.text)))
        text += f"{one.text}\n"
    return f"{text}{wording.closing}\n\n{wording.question}\n\n", Laid(tuple(findings), tuple(parts))
