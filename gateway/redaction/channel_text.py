"""One text channel of a reply: screened, noted, restored, in this order."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gateway.protocol.segments import Edit
from gateway.redaction.recall import Recall
from gateway.redaction.screen import StreamScreen
from gateway.redaction.stream_restorer import StreamRestorer


class ChannelText:
    """Holds back what is undecided."""

    def __init__(
        self,
        screen: StreamScreen | None,
        restorer: StreamRestorer,
        note: Callable[[str], None] | None,
        recall: Recall | None,
    ) -> None:
        self._screen = screen
        self._restorer = restorer
        self._note = note
        self._recall = recall

    @property
    def edits(self) -> Sequence[Edit]:
        """What restored it so far, and what restores what is held back, were it to end here."""
        return self._restorer.edits_by_now

    def lets_pass(self, text: str) -> bool:
        """Whether a piece goes on as it is, where nothing is screened or noted."""
        return self._restorer.lets_pass(text)

    def passed(self, text: str) -> None:
        """The piece has gone on."""
        self._restorer.passed(text)

    def restored(self, text: str) -> str:
        """What `feed` gives, where nothing is screened, noted or recalled."""
        return self._restorer.feed(text)

    async def feed(self, text: str) -> str:
        return await self._said(await self._screen.feed(text) if self._screen else text)

    async def pause(self) -> str:
        """What the screen has of a text that is whole so far: another one has begun. It may still go on."""
        return await self._said(await self._screen.pause()) if self._screen else ""

    async def finish(self) -> str:
        rest = await self._said(await self._screen.finish()) if self._screen else ""
        if self._recall is not None:
            await self._recall.learn(self._restorer.unknown_at_end())
        return rest + self._restorer.finish()

    async def _said(self, text: str) -> str:
        if self._note is not None:
            self._note(text)
        if self._recall is not None:
            await self._recall.learn(self._restorer.unknown(text))
        return self._restorer.feed(text)
