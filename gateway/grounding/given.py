"""What one exchange was given of documents: its request with them, what it may cite, and what the record says. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from gateway.exchange import Hit, Laid
from gateway.grounding.citations import File
from gateway.grounding.context import Source, context
from gateway.grounding.opened import Key, closed, coming_back, opened
from gateway.grounding.origins import Origin
from gateway.grounding.placing import at_path, placed
from gateway.grounding.question import Turn
from gateway.grounding.wording import Wording
from gateway.obligations import Obligations
from gateway.protocol.guidance import with_system
from gateway.protocol.wire import JsonObject, Path, Surface


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
        told = with_system(with_passages, surface, self.wording.rules)
        if surface is Surface.CHAT and len(told["messages"]) > len(with_passages["messages"]):  # a system message of its own
            path = (path[0], int(path[1]) + 1, *path[2:])
        return told, {path: laid}

    def files(self, own: Obligations) -> Mapping[int, File]:
        """By number. What would not come back in an answer is not told here either."""
        rules = (own.request, own.knowledge or own.request)
        shown = coming_back(self.values, rules) if own.restore else {}
        return {source.number: self._file(source, shown) for source in self.sources}

    def _file(self, source: Source, shown: Mapping[Key, str]) -> File:
        one = source.passage
        title, text = (closed(opened(part, shown).text) for part in (one.title, one.text))
        return File(self.origins[one.document].file or one.document, title or one.document, text, one.score)

    @property
    def hits(self) -> tuple[Hit, ...]:
        return tuple(_hit(one, self.origins[one.passage.document].collection) for one in self.sources)

    @property
    def in_words(self) -> str:
        """`passages=3, flagged=1`, for a header."""
        return f"passages={len(self.sources)}, flagged={sum(1 for one in self.sources if one.flagged)}"


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
