"""A deployment of kind `fhe`. What encrypts takes a second and a hundred megabytes to load, and waits until somebody asks."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from pydantic import SecretStr

from gateway.errors import InvalidRequest, UpstreamError, UpstreamUnreachable
from gateway.exchange import Relayed, Reply
from gateway.protocol.usage import Tally
from gateway.protocol.wire import Surface
from gateway.upstream.base import Place, Timeouts, Tls, UpstreamCall
from gateway.upstream.bodies import not_served
from gateway.upstream.tls import context_of

if TYPE_CHECKING:
    from gateway.fhe.client.connection import Address
    from gateway.fhe.client.generate import Generator
    from gateway.fhe.relay.book import Book
    from gateway.fhe.relay.onward import Hop
    from gateway.fhe.relay.pipe import Pipe
    from gateway.fhe.upstream import FheUpstream

DEFAULT_PORT = 8790
DEFAULT_ANSWER_TOKENS = 256
"""Each takes seconds."""

_LEAVING = "the gateway is shutting down"
_UNUSABLE = "the client's part of the encrypted endpoint's model cannot be used"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """Where the server is (`fhes://host:port`, `fhe://` without TLS), the client's part of its model, and their secret."""

    url: str
    client_file: Path
    timeouts: Timeouts
    secret: SecretStr | None = None
    tls: Tls | None = None
    most_tokens: int = DEFAULT_ANSWER_TOKENS

    @property
    def place(self) -> Place:
        url = urlsplit(self.url)
        return Place(url.hostname or "", url.port or DEFAULT_PORT)

    def context(self) -> ssl.SSLContext | None:
        """None: without TLS. Raises UpstreamUnreachable where the files cannot be used."""
        if urlsplit(self.url).scheme != "fhes":
            return None
        found = context_of(self.tls)
        return found if isinstance(found, ssl.SSLContext) else ssl.create_default_context()


class Generators:
    """Clients of models, by file: deployments of one model share one, and it goes with the last of them."""

    def __init__(self) -> None:
        self._known: WeakValueDictionary[Path, Generator] = WeakValueDictionary()
        self._lock = threading.Lock()

    def of(self, file: Path) -> Generator:
        """Blocking. Raises UpstreamUnreachable for a file that cannot be used."""
        with self._lock:
            generator = self._known.get(file)
            if generator is None:
                self._known[file] = generator = _generator(file)
            return generator


class Deployed:
    """The `Upstream` of one deployment. Used in one event loop."""

    def __init__(self, sealed: Sealed, generators: Generators) -> None:
        self._sealed = sealed
        self._generators = generators
        self._upstream: FheUpstream | None = None
        self._onward: tuple[Hop, Book] | None = None
        self._opening = asyncio.Lock()
        self._closed = False

    @property
    def place(self) -> Place:
        return self._sealed.place

    async def send(self, call: UpstreamCall) -> Reply:
        """See `Upstream.send`."""
        if call.surface is not Surface.CHAT:
            return not_served()
        return await (await self._opened()).send(call)

    async def relay(self, pipe: Pipe, note: Callable[[Relayed], None]) -> Reply:
        """The answer to a caller that holds the key itself: events of frames, none of which can be read here. `note` hears what
        passed. Raises UpstreamError, and InvalidRequest for an answer of more tokens than this deployment gives.
        """
        if self._closed:
            raise UpstreamUnreachable(_LEAVING)
        if not 0 < pipe.announced.answer <= self._sealed.most_tokens:
            raise InvalidRequest(
                f"An answer of this deployment has 1 to {self._sealed.most_tokens} tokens.", param="max_tokens"
            )
        hop, book = await self._known()
        from gateway.fhe.relay.between import Between
        from gateway.fhe.relay.onward import onward

        tally = Tally(Surface.CHAT)
        body = Between(pipe, await onward(hop, book), book, hop, note, tally).body()
        await anext(body)
        return Reply(status=200, streaming=True, body=body, tally=tally)

    async def healthy(self) -> bool:
        """Whether the server greets us, with our model, or answers a ping. Never raises."""
        try:
            return await (await self._opened()).healthy()
        except UpstreamError:
            return False

    async def close(self) -> None:
        self._closed = True
        if self._upstream is not None:
            await self._upstream.close()

    async def _opened(self) -> FheUpstream:
        """What failed is tried anew by the next one who asks: a file may have been put right."""
        async with self._opening:
            if self._upstream is None:
                opened = await asyncio.to_thread(self._open)
                self._upstream = opened
            if self._closed:
                raise UpstreamUnreachable(_LEAVING)
            return self._upstream

    async def _known(self) -> tuple[Hop, Book]:
        """Where frames go, and which there are. What makes them is not loaded for that. The certificates of all authorities and
        the file are read once, and not in the event loop.
        """
        async with self._opening:
            if self._onward is None:
                self._onward = await asyncio.to_thread(lambda: (_hop(self._sealed), _book(self._sealed.client_file)))
            return self._onward

    def _open(self) -> FheUpstream:
        from gateway.fhe.upstream import FheUpstream

        sealed = self._sealed
        generator = self._generators.of(sealed.client_file)
        return FheUpstream(_address(sealed), generator, timeouts=sealed.timeouts, most_tokens=sealed.most_tokens)


def _address(sealed: Sealed) -> Address:
    from gateway.fhe.client.connection import Address

    return Address(
        host=sealed.place.address,
        port=sealed.place.port,
        tls=sealed.context(),
        secret=b"" if sealed.secret is None else sealed.secret.get_secret_value().encode(),
        connect_s=sealed.timeouts.connect_s,
        answer_s=sealed.timeouts.between_bytes_s,
    )


def _hop(sealed: Sealed) -> Hop:
    from gateway.fhe.relay.onward import Hop

    return Hop(
        host=sealed.place.address,
        port=sealed.place.port,
        tls=sealed.context(),
        secret=b"" if sealed.secret is None else sealed.secret.get_secret_value().encode(),
        connect_s=sealed.timeouts.connect_s,
        answer_s=sealed.timeouts.between_bytes_s,
        total_s=sealed.timeouts.total_s,
    )


def _book(file: Path) -> Book:
    try:
        from gateway.fhe.relay.book import read_book

        return read_book(file)
    except Exception:  # noqa: BLE001 - see `_generator`
        raise UpstreamUnreachable(_UNUSABLE) from None


def _generator(file: Path) -> Generator:
    try:
        from gateway.fhe.client.generate import Generator
        from gateway.fhe.model.client_part import read_client_part

        return Generator(read_client_part(file))
    except Exception:  # noqa: BLE001 - a file may have any fault, and a library any way to say so
        raise UpstreamUnreachable(_UNUSABLE) from None
