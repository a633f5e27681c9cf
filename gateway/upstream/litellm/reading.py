"""A provider's answer, read by litellm and handed on in OpenAI's shape. No text of an error comes from either."""

from __future__ import annotations

from gateway.errors import UpstreamError, UpstreamProtocolError, UpstreamTruncated
from gateway.protocol.usage import Tally
from gateway.protocol.wire import JsonObject
from gateway.upstream.litellm.dialect import Asked
from gateway.upstream.litellm.reply import PlainChunks, plain_answer


def read_whole(asked: Asked, data: bytes) -> JsonObject:
    """Raises UpstreamProtocolError."""
    try:
        return plain_answer(asked.dialect.answer(asked.wish, asked.wire, data), asked.wish.model)
    except Exception:  # noqa: BLE001 - litellm raises what it likes
        raise UpstreamProtocolError("the backend sent what cannot be translated") from None


class ChunkReader:
    """The deltas of one stream, and whether it ended honestly: every choice had its finish reason."""

    def __init__(self, asked: Asked, max_line_bytes: int) -> None:
        self.ended = False
        options = asked.call.body.get("stream_options")
        with_usage = isinstance(options, dict) and options.get("include_usage") is True
        self._chunks = asked.dialect.chunks(asked.wish, asked.wire, max_line_bytes)
        self._plain = PlainChunks(asked.wish.model, with_usage=with_usage)

    @property
    def tally(self) -> Tally:
        return self._plain.tally

    def feed(self, chunk: bytes) -> list[JsonObject]:
        try:
            return self._plain.of(self._chunks.feed(chunk))
        except UpstreamError:
            raise
        except Exception:  # noqa: BLE001 - an error that the provider tells of, or what litellm cannot read
            raise UpstreamError("the backend failed while it answered") from None

    def finish(self) -> list[JsonObject]:
        if not self.tally.finished:
            raise UpstreamTruncated("the backend's stream ended before the answer was finished")
        self.ended = True
        return []
