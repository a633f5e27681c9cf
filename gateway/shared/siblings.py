"""The other gateways on the same Redis, as one of them sees it: what it tells them, what it hears, and how Redis is."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.shared.broadcast import Broadcast, Obey
from gateway.shared.hints import Hint, Topic
from gateway.shared.place import RedisPlace
from gateway.shared.together import together
from gateway.shared.watch import Standing, Watch

_LEAVING_S = 5.0  # to close what each of them has opened


class Siblings:
    """Without a place there are none: nobody is told, nothing is heard."""

    def __init__(self, place: RedisPlace | None, secret: bytes, obey: Mapping[Topic, Obey]) -> None:
        self._broadcast = Broadcast(place, secret, obey) if place is not None else None
        self._watch = Watch(place) if place is not None else None

    @property
    def standing(self) -> Standing | None:
        """How Redis is; None where there is none."""
        return self._watch.standing if self._watch is not None else None

    def announce(self, hint: Hint) -> None:
        """From any thread, without waiting."""
        if self._broadcast is not None:
            self._broadcast.announce(hint)

    async def follow(self) -> None:
        """Until cancelled, or at once where there is nobody to follow."""
        if self._broadcast is None or self._watch is None:
            return
        await together(self._broadcast.run(), self._watch.follow(), again_s=_LEAVING_S)
