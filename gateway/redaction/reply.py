"""The way back: what a reply says of its own accord is screened, and the caller's own data is put back.

Both work on the text channels of a reply (see `protocol.channels`), delta by delta. What is no text passes through unchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from gateway.errors import UpstreamError
from gateway.exchange import Body
from gateway.obligations import Obligations
from gateway.protocol.channels import Channel, Fragment, TextKind, closed, content_channel, continuation, fragments
from gateway.protocol.pieces import piece_of
from gateway.protocol.wire import JsonObject, Path, Surface
from gateway.redaction.bodies import BodyRestorer, kind_of
from gateway.redaction.channel_text import ChannelText
from gateway.redaction.citations import point_anew
from gateway.redaction.operators import Pseudonyms
from gateway.redaction.placeholders import Key
from gateway.redaction.redactor import Redactor
from gateway.redaction.reply_texts import readable, said_in, strings, texts
from gateway.redaction.restore import Restorer
from gateway.redaction.screen import StreamScreen

MOST_SPOKEN = 300_000
"""Characters of a reply that are noted for the record, which keeps a little less: a value on its border is still seen whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyRules:
    """How the replies of one exchange are treated.

    `json_content`: the client asked for JSON instead of prose. `keeps_spoken`: what the model says is wanted for the record.
    """

    surface: Surface
    tenant: str
    obligations: Obligations
    pseudonyms: Pseudonyms = field(repr=False)
    json_content: bool = False
    keeps_spoken: bool = False

    @property
    def screens(self) -> bool:
        return not self.obligations.reply.keeps_everything

    def is_json(self, kind: TextKind) -> bool:
        """Whether text of this kind is part of a JSON document."""
        return kind is TextKind.ARGUMENTS or (kind is TextKind.CONTENT and self.json_content)


class _Spoken:
    """What the model said, a text for each channel or field, up to so many characters in all."""

    def __init__(self, most: int) -> None:
        self._pieces: dict[Channel | Path, list[str]] = {}
        self._left = most

    @property
    def texts(self) -> list[str]:
        return ["".join(pieces) for pieces in self._pieces.values()]

    def note(self, where: Channel | Path, text: str) -> None:
        if self._left > 0:
            self._pieces.setdefault(where, []).append(text)
            self._left -= len(text)


class _OpenChannel(NamedTuple):
    """A channel that has not ended, with the delta that brought its latest piece."""

    text: ChannelText
    fragment: Fragment
    delta: JsonObject


class ReplyRewriter:
    """Rewrites one reply."""

    def __init__(self, redactor: Redactor, rules: ReplyRules) -> None:
        self._spoken = _Spoken(MOST_SPOKEN)
        self._redactor = redactor
        self._rules = rules
        self._screens = rules.screens
        self._passes = rules.surface is Surface.CHAT and not rules.screens and not rules.keeps_spoken
        self._restorer = rules.pseudonyms.restorer() if rules.obligations.restore else Restorer({}, {})
        self._bodies = BodyRestorer(self._restorer, json_content=rules.json_content)
        self._channels: dict[Channel, _OpenChannel] = {}
        self._inserted = 0

    @property
    def spoken(self) -> list[str]:
        """What the model said, screened, before originals were put back: a text for each channel or field."""
        return self._spoken.texts

    @property
    def is_idle(self) -> bool:
        """Whether every reply is what it was: nothing is screened, noted or put back."""
        return self._restorer.is_empty and not self._screens and not self._rules.keeps_spoken

    def rewritten(self, body: Body, *, streaming: bool) -> Body:
        """The reply as the client shall see it. Raises what `body` raises, EntityBlocked and ProtectionUnavailable."""
        return self._streamed(body) if streaming else self._plain(body)

    async def _plain(self, body: Body) -> Body:
        async with aclosing(body):
            async for answer in body:
                if self._rules.surface is Surface.EMBEDDINGS and "error" not in answer:
                    yield answer
                else:
                    yield await self._whole(answer, {}, note=True)

    async def _streamed(self, body: Body) -> Body:
        async with aclosing(body):
            try:
                async for delta in body:
                    if self._goes_on(delta):
                        yield self._renumbered(delta)
                        continue
                    for out in await self._delta(delta):
                        yield out
            except UpstreamError:
                for out in await self._flushed(list(self._channels)):  # what did arrive is the client's
                    yield out
                raise
            for out in await self._flushed(list(self._channels)):
                yield out

    def _goes_on(self, delta: JsonObject) -> bool:
        """Whether an event only adds to a text of which nothing is held back, and holds nothing to put back: so do most of a
        stream. It goes on as it came, and is noted.
        """
        piece = piece_of(delta) if self._passes else None
        known = None if piece is None else self._channels.get(content_channel(piece[0]))
        if piece is None or known is None or not known.text.lets_pass(piece[1]) or not self._bodies.is_untouched(delta):
            return False
        known.text.passed(piece[1])
        return True

    async def _delta(self, delta: JsonObject) -> list[JsonObject]:
        pieces = fragments(self._rules.surface, delta)
        changes = {piece.path: await self._opened(piece, delta).feed(piece.text) for piece in pieces}
        ended = closed(self._rules.surface, delta, self._channels)
        if not ended:
            event = delta if self._stays(delta, pieces, changes) else await self._whole(delta, changes, note=False)
            return [self._renumbered(event)]
        here = {piece.channel: piece.path for piece in pieces}
        for channel in [channel for channel in ended if channel in here]:
            changes[here[channel]] += await self._channels.pop(channel).text.finish()
        before = await self._flushed([channel for channel in ended if channel not in here])
        return [*self._numbered(before, delta), self._renumbered(await self._whole(delta, changes, note=False))]

    def _stays(self, delta: JsonObject, pieces: list[Fragment], changes: dict[Path, str]) -> bool:
        """Whether a delta goes on as it came: so do most, and looking whether it may is quicker than writing it anew."""
        same = not self._screens and all(changes[piece.path] == piece.text for piece in pieces)
        return same and self._bodies.is_untouched(delta)

    def _opened(self, piece: Fragment, delta: JsonObject) -> ChannelText:
        known = self._channels.get(piece.channel)
        text = known.text if known else self._channel_text(piece)
        self._channels[piece.channel] = _OpenChannel(text, piece, delta)
        return text

    def _channel_text(self, piece: Fragment) -> ChannelText:
        json = self._rules.is_json(piece.kind)
        screen = StreamScreen(partial(self._screened_text, json=json), whole=json) if self._screens else None
        note = partial(self._spoken.note, piece.channel) if self._rules.keeps_spoken else None
        return ChannelText(screen, self._restorer.stream(json=json), note, self._restorer.recall)

    async def _flushed(self, channels: list[Channel]) -> list[JsonObject]:
        """Deltas that carry what channels still hold back; the channels are done with."""
        ended = [self._channels.pop(channel) for channel in channels]
        rests = [(one, await one.text.finish()) for one in ended]
        return [continuation(one.delta, one.fragment, rest) for one, rest in rests if rest]

    async def _whole(self, answer: JsonObject, changes: dict[Path, str], *, note: bool) -> JsonObject:
        """An answer or event with every text that is not in `changes` screened and restored as a finished one."""
        if self._screens:
            answer = readable(answer)
        await self._learn(lambda: strings(answer))
        notes = note and self._rules.keeps_spoken
        found = texts(answer, changes) if notes or self._screens else {}
        said = await self._screened(answer, found if self._screens else said_in(found))
        if notes:
            for path, text in said_in(said).items():
                self._spoken.note(path, text)
        finals = {path: self._restorer.whole(text, json=self._is_json(answer, path)) for path, text in said.items()} | changes
        if not finals and self._bodies.is_untouched(answer):
            return answer
        restored = self._bodies.restored(answer, finals)
        if not self._screens:  # what was taken out of a text moves its places as well, and nobody knows how far
            point_anew(answer, restored, lambda path, text: self._restorer.edits(text, json=self._is_json(answer, path)))
        return restored

    def _is_json(self, answer: JsonObject, path: Path) -> bool:
        return self._rules.is_json(kind_of(answer, path))

    async def _screened(self, answer: JsonObject, texts: dict[Path, str]) -> dict[Path, str]:
        if not self._screens:
            return texts
        return {path: await self._screened_text(text, json=self._is_json(answer, path)) for path, text in texts.items()}

    async def _learn(self, texts: Callable[[], Iterable[str]]) -> None:
        """Have at hand what placeholders of earlier exchanges in these texts stand for."""
        recall = self._restorer.recall
        if recall is not None:
            await recall.learn(frozenset[Key]().union(*map(self._restorer.unknown, texts())))

    async def _screened_text(self, text: str, *, json: bool) -> str:
        await self._learn(lambda: [text])  # the screen leaves alone what it knows as the exchange's own
        rules = self._rules
        screened = await self._redactor.screen(
            [text],
            rules.obligations.reply,
            rules.pseudonyms,
            tenant=rules.tenant,
            json=json,
            detection=rules.obligations.detection,
        )
        return screened.texts[0]

    def _numbered(self, inserted: list[JsonObject], before: JsonObject) -> list[JsonObject]:
        """Responses events are numbered; events of ours take the numbers before those that they precede."""
        number = before.get("sequence_number")
        if not isinstance(number, int):
            return inserted
        first = number + self._inserted
        self._inserted += len(inserted)
        return [{**event, "sequence_number": first + at} for at, event in enumerate(inserted)]

    def _renumbered(self, event: JsonObject) -> JsonObject:
        number = event.get("sequence_number")
        if not self._inserted or not isinstance(number, int):
            return event
        return {**event, "sequence_number": number + self._inserted}
