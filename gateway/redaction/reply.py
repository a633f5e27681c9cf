"""The way back: what a reply says of its own accord is screened, and the caller's own data is put back.

Both work on the text channels of a reply (see `protocol.channels`), delta by delta. What is no text passes through unchanged.
"""

from __future__ import annotations

from contextlib import aclosing
from functools import partial
from typing import NamedTuple

from gateway.errors import UpstreamError
from gateway.exchange import Body
from gateway.protocol.channels import (
    Channel,
    Fragment,
    annotated,
    closed,
    content_channel,
    continuation,
    fragments,
    speaking,
)
from gateway.protocol.pieces import piece_of, with_text
from gateway.protocol.wire import JsonObject, Path, Surface
from gateway.redaction.channel_text import ChannelText
from gateway.redaction.citations import pointed
from gateway.redaction.redactor import Redactor
from gateway.redaction.reply_rules import ReplyRules, Spoken
from gateway.redaction.restore import Restorer
from gateway.redaction.screen import StreamScreen
from gateway.redaction.whole_reply import WholeReply


class _OpenChannel(NamedTuple):
    """A channel that has not ended, with the delta that brought its latest piece, under the names that the client got."""

    text: ChannelText
    fragment: Fragment
    delta: JsonObject


class ReplyRewriter:
    """Rewrites one reply."""

    def __init__(self, redactor: Redactor, rules: ReplyRules) -> None:
        self._spoken = Spoken()
        self._rules = rules
        self._screens = rules.screens
        self._passes = rules.surface is Surface.CHAT and not rules.screens and not rules.keeps_spoken
        self._restorer = rules.pseudonyms.restorer() if rules.obligations.restore else Restorer({}, {})
        self._whole = WholeReply(redactor, rules, self._restorer, self._spoken)
        self._channels: dict[Channel, _OpenChannel] = {}
        self._texts: dict[Channel, ChannelText] = {}
        self._quiet: JsonObject | None = None
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
                    yield await self._whole.rewritten(answer, {}, note=True)

    async def _streamed(self, body: Body) -> Body:
        async with aclosing(body):
            try:
                async for delta in body:
                    if (event := self._looked_over(delta)) is not None:
                        yield self._renumbered(event)
                        continue
                    for out in await self._delta(delta):
                        yield out
            except UpstreamError:
                for out in await self._flushed(list(self._channels)):  # what did arrive is the client's
                    yield out
                raise
            for out in await self._flushed(list(self._channels)):
                yield out

    def _looked_over(self, delta: JsonObject) -> JsonObject | None:
        """The event for the client, where one only adds to a text and nothing else in it is to be put back: nearly all of a
        stream. It goes on as it came if nothing in the text is put back or held back either. None for every other event.
        """
        piece = piece_of(delta) if self._passes else None
        known = None if piece is None else self._channels.get(content_channel(piece[0]))
        if piece is None or known is None:
            return None
        _, said = piece
        passes = known.text.lets_pass(said)
        if not (passes or self._restorer.recall is None) or not self._is_quiet(with_text(delta, "")):
            return None
        if not passes:
            return with_text(delta, known.text.restored(said))
        known.text.passed(said)
        return delta

    def _is_quiet(self, around: JsonObject) -> bool:
        """Whether what stands around a text holds nothing to put back. In most streams it is the same around each."""
        if around != self._quiet:
            if not self._whole.is_untouched(around):
                return False
            self._quiet = around
        return True

    async def _delta(self, delta: JsonObject) -> list[JsonObject]:
        pieces = fragments(self._rules.surface, delta)
        changes = {piece.path: await self._opened(piece, delta).feed(piece.text) for piece in pieces}
        ended = closed(self._rules.surface, delta, self._channels)
        if not ended:
            event = delta if self._stays(delta, pieces, changes) else await self._whole.rewritten(delta, changes, note=False)
            self._brought(delta, event, pieces)
            return [*await self._paused(delta, pieces), self._renumbered(self._pointed(event))]
        here = {piece.channel: piece.path for piece in pieces}
        for channel in [channel for channel in ended if channel in here]:
            changes[here[channel]] += await self._channels.pop(channel).text.finish()
        before = await self._flushed([channel for channel in ended if channel not in here])
        event = await self._whole.rewritten(delta, changes, note=False)
        self._brought(delta, event, pieces)
        return [*self._numbered(before, delta), self._renumbered(self._pointed(event))]

    def _brought(self, delta: JsonObject, event: JsonObject, pieces: list[Fragment]) -> None:
        """What is held back follows in a delta like this one, which the client got as this event: under the same names."""
        if event is delta:
            return
        named = {**delta, **{key: value for key, value in event.items() if isinstance(value, str) and key in delta}}
        for piece in pieces:
            if (known := self._channels.get(piece.channel)) is not None:
                self._channels[piece.channel] = known._replace(delta=named)

    def _pointed(self, event: JsonObject) -> JsonObject:
        """With annotations that count characters of the text as the client has it. Of screened texts, see `WholeReply`."""
        if self._screens:
            return event
        cited = (
            (path, self._texts[channel].edits)
            for channel, path in annotated(self._rules.surface, event)
            if channel in self._texts
        )
        places = [(path, edits) for path, edits in cited if edits]
        return pointed(event, places) if places else event

    def _stays(self, delta: JsonObject, pieces: list[Fragment], changes: dict[Path, str]) -> bool:
        """Whether a delta goes on as it came: so do most, and looking whether it may is quicker than writing it anew."""
        same = not self._screens and all(changes[piece.path] == piece.text for piece in pieces)
        return same and self._whole.is_untouched(delta)

    def _opened(self, piece: Fragment, delta: JsonObject) -> ChannelText:
        known = self._channels.get(piece.channel)
        text = self._texts[piece.channel] = known.text if known else self._channel_text(piece)
        self._channels[piece.channel] = _OpenChannel(text, piece, delta)
        return text

    def _channel_text(self, piece: Fragment) -> ChannelText:
        json = self._rules.is_json(piece.kind)
        screen = self._screen(json=json) if self._screens else None
        note = partial(self._spoken.note, piece.channel) if self._rules.keeps_spoken else None
        return ChannelText(screen, self._restorer.stream(json=json), note, self._restorer.recall)

    def _screen(self, *, json: bool) -> StreamScreen:
        repeated = self._rules.surface is Surface.RESPONSES  # by the events at the end
        ended = self._whole.streamed if repeated else None
        return StreamScreen(partial(self._whole.screened, json=json), whole=json, ended=ended)

    async def _flushed(self, channels: list[Channel]) -> list[JsonObject]:
        """Deltas that carry what channels still hold back; the channels are done with."""
        ended = [self._channels.pop(channel) for channel in channels]
        rests = [(one, await one.text.finish()) for one in ended]
        return [continuation(one.delta, one.fragment, rest) for one, rest in rests if rest]

    async def _paused(self, delta: JsonObject, pieces: list[Fragment]) -> list[JsonObject]:
        """Deltas that carry what the screen has of texts that are whole, where another goes on in the choice: clients take a
        call of a tool, or what was said before it, for complete when the next one comes.
        """
        if not self._screens or self._rules.surface is not Surface.CHAT:
            return []
        here = {piece.channel for piece in pieces}
        choices = speaking(delta)
        waiting = [one for channel, one in self._channels.items() if channel[0] in choices and channel not in here]
        rests = [(one, await one.text.pause()) for one in waiting]
        return [continuation(one.delta, one.fragment, rest) for one, rest in rests if rest]

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
