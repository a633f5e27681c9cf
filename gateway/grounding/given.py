"""What one exchange was given of documents: its request with them, what it may cite, and what the record says. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from gateway.exchange import Laid
from gateway.exchange.content import Hit
from gateway.grounding.citations import File
from gateway.grounding.context import Source, context
from gateway.grounding.origins import Origin
from gateway.grounding.placing import at_path, placed
from gateway.grounding.question import Turn
from gateway.grounding.wording import Wording
from gateway.knowledge.library import Passage
from gateway.protocol.guidance import with_system
from gateway.protocol.wire import JsonObject, Path, Surface
from gateway.redaction.placeholders import Key


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """`values` are what the placeholders of the documents stand for, `origins` where those come from."""

    turn: Turn
    wording: Wording
    sources: tuple[Source, ...] = ()
    values: Mapping[Key, str] = field(default_factory=dict, repr=False)
    origins: Mapping[str, Origin] = field(default_factory=dict)

    def laid_before(self, request: JsonObject, surface: Surface) -> tuple[JsonObject, Mapping[Path, Laid]]:
        """The request with its passages, and the string in it that holds them. Raises MalformedBody."""
        if not self.sources:
            return request, {}
        text, laid = context(self.sources, self.values, self.wording)
        with_passages, path = placed(request, self.turn, text)
        if (end := len(at_path(with_passages, path))) > len(text):  # the question is in the same string
            laid = replace(laid, parts=(*laid.parts, (len(text), end)))
        told = with_system(with_passages, surface, self.wording.told(surface))
        if surface is Surface.COMPLETIONS:
            return told, {path: _moved(laid, len(at_path(told, path)) - end)}
        if surface is Surface.CHAT and len(told["messages"]) > len(with_passages["messages"]):  # a system message of its own
            path = (path[0], int(path[1]) + 1, *path[2:])
        return told, {path: laid}

    def said(self, *, texts: bool) -> list[str]:
        """Titles, and with `texts` then the texts, with the placeholders of the documents."""
        parts = [source.passage.title for source in self.sources]
        return parts + [source.passage.text for source in self.sources if texts]

    def files(self, said: Sequence[str]) -> Mapping[int, File]:
        """By number. `said` is what `said` gave, as its reader may have it."""
        names, texts = said[: len(self.sources)], said[len(self.sources) :] or [""] * len(self.sources)
        return {
            source.number: self._file(source.passage, *parts) for source, *parts in zip(self.sources, names, texts, strict=True)
        }

    def _file(self, one: Passage, title: str, text: str) -> File:
        return File(self.origins[one.document].file or one.document, title or one.document, text, one.score)

    @property
    def hits(self) -> tuple[Hit, ...]:
        return tuple(_hit(one, self.origins[one.passage.document].collection) for one in self.sources)

    @property
    def in_words(self) -> str:
        """`passages=3, flagged=1`, for a header."""
        return f"passages={len(self.sources)}, flagged={sum(1 for one in self.sources if one.flagged)}"


def _moved(laid: Laid, by: int) -> Laid:
    """What a string holds once so many code points were put before it."""
    findings = (replace(one, start=one.start + by, end=one.end + by) for one in laid.findings)
    return Laid(tuple(findings), tuple((start + by, end + by) for start, end in laid.parts))


def _hit(source: Source, collection: str) -> Hit:
    one = source.passage
    return Hit(
        number=source.number,
        chunk=one.id,
        document=one.document,
        collection=collection,
        page=one.page,
        labels=tuple(sorted(one.labels)),
        score=round(one.score, 6),
        flagged=source.flagged,
    )
