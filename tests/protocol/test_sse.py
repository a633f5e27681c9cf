from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import UpstreamProtocolError
from gateway.protocol.sse import DONE_DATA, DONE_EVENT, SseDecoder, SseEvent, encode_event

LIMIT = 1_000


def decode(stream: bytes, cuts: list[int] | None = None) -> list[SseEvent]:
    decoder = SseDecoder(LIMIT)
    edges = [0, *sorted(cuts or []), len(stream)]
    return [event for start, end in pairwise(edges) for event in decoder.feed(stream[start:end])]


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b"data: a\n\n", [SseEvent(None, b"a")]),
        (b"data:a\n\ndata:  b\n\n", [SseEvent(None, b"a"), SseEvent(None, b" b")]),
        (b"data: a\r\n\r\ndata: b\r\rdata: c\n\r\n", [SseEvent(None, b"a"), SseEvent(None, b"b"), SseEvent(None, b"c")]),
        (b"data: a\ndata: b\ndata\ndata: c\n\n", [SseEvent(None, b"a\nb\n\nc")]),
        (b"data:\n\n", [SseEvent(None, b"")]),
        (b": comment\ndata: a\n:\n\n", [SseEvent(None, b"a")]),
        (b"event: ping\n\ndata: a\n\n", [SseEvent(None, b"a")]),
        (b"event: x\nid: 1\nretry: 5\ndata: a\n\ndata: b\n\n", [SseEvent("x", b"a"), SseEvent(None, b"b")]),
        (b"event: x\nevent: y\ndata: a\n\n", [SseEvent("y", b"a")]),
        (b"\xef\xbb\xbfdata: a\n\n\xef\xbb\xbfdata: b\n\n", [SseEvent(None, b"a")]),
        (b"\n\n\n", []),
        (b"DATA: a\ndatum: b\n\n", []),
        (b"data: a: b\n\n", [SseEvent(None, b"a: b")]),
        ("data: 张伟\u2028\x0b\x1c\n\n".encode(), [SseEvent(None, "张伟\u2028\x0b\x1c".encode())]),
        (b"data: a\n", []),
    ],
)
def test_reads_a_stream_as_the_standard_says(stream: bytes, events: list[SseEvent]) -> None:
    assert decode(stream) == events
    assert decode(stream, list(range(len(stream)))) == events


FRAGMENTS = st.sampled_from(
    [b"data: ", b"data", b"event: e", b":", b" ", b"\n", b"\r", b"\r\n", b"\n\n", b"x", "张".encode(), b"\xef\xbb\xbf", b"\x85"]
)


@given(st.lists(FRAGMENTS).map(b"".join), st.data())
def test_any_split_equals_the_whole(stream: bytes, draw: st.DataObject) -> None:
    cuts = draw.draw(st.lists(st.integers(0, len(stream))))
    assert decode(stream, cuts) == decode(stream)


@given(st.lists(FRAGMENTS).map(b"".join))
def test_agrees_with_a_line_by_line_reading_of_the_standard(stream: bytes) -> None:
    assert decode(stream) == by_the_book(stream)


def by_the_book(stream: bytes) -> list[SseEvent]:
    """The standard's algorithm, word by word, on the whole stream at once."""
    stream = stream.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    events, name, data = [], b"", b""
    for line in stream.split(b"\n")[:-1]:
        if line == b"":
            if data:
                events.append(SseEvent(name.decode(errors="replace") or None, data[:-1]))
            name, data = b"", b""
        elif not line.startswith(b":"):
            key, _, value = line.partition(b":")
            value = value[1:] if value.startswith(b" ") else value
            name = value if key == b"event" else name
            data = data + value + b"\n" if key == b"data" else data
    return events


@pytest.mark.parametrize("step", [1, 7, LIMIT * 3])
@pytest.mark.parametrize(
    "stream",
    [b"data: " + b"x" * LIMIT, b"data: " + b"x" * LIMIT + b"\n\n", b": " + b"x" * LIMIT + b"\n", b"data: xxxx\n" * 300],
)
def test_a_line_or_event_over_the_limit_is_refused(stream: bytes, step: int) -> None:
    with pytest.raises(UpstreamProtocolError):
        decode(stream, list(range(0, len(stream), step)))


def test_lines_and_events_up_to_the_limit_pass_and_comments_never_add_up() -> None:
    line = b"data: " + b"x" * (LIMIT - 6)
    assert [len(event.data) for event in decode(line + b"\n\n")] == [LIMIT - 6]
    assert len(decode((b"data: " + b"x" * 99 + b"\n") * 10 + b"\n")[0].data) == LIMIT - 1
    assert decode(b": still here\n" * LIMIT + b"data: a\n\n") == [SseEvent(None, b"a")]


@pytest.mark.parametrize(
    ("stream", "cut"),
    [
        (b"data: a\n\n", None),
        (b"data: a\n\n: comment", None),
        (b"", None),
        (b"data: [DONE]", b"[DONE]"),
        (b"data: [DONE]\n", b"[DONE]"),
        (b"data: [DONE]\r", b"[DONE]"),
        (b'data: a\n\ndata: {"x', b'{"x'),
    ],
)
def test_finish_tells_what_the_end_cut_off(stream: bytes, cut: bytes | None) -> None:
    decoder = SseDecoder(LIMIT)
    decoder.feed(stream)
    assert decoder.finish() == (None if cut is None else SseEvent(None, cut))


class Counted(bytes):
    """Bytes that count how many of them are looked at or copied; what is joined to them counts too."""

    touched = 0

    def _touch(self) -> None:
        Counted.touched += len(self)

    def splitlines(self, keepends: bool = False) -> list[bytes]:
        self._touch()
        return [Counted(line) for line in super().splitlines(keepends)]

    def removeprefix(self, prefix: bytes, /) -> bytes:  # type: ignore[override]
        self._touch()
        return Counted(super().removeprefix(prefix))

    def __add__(self, other: bytes) -> Counted:  # type: ignore[override]
        joined = Counted(bytes(self) + bytes(other))
        joined._touch()
        return joined

    def __radd__(self, other: bytes) -> bytes:
        return Counted(other) + self

    def find(self, *args: object) -> int:
        self._touch()
        return super().find(*args)  # type: ignore[arg-type]


def touched_by(size: int) -> int:
    Counted.touched = 0
    decoder = SseDecoder(size + 10)
    for byte in b"data: " + b"x" * size:
        decoder.feed(Counted([byte]))
    (event,) = decoder.feed(Counted(b"\n\n"))
    assert event.data == b"x" * size
    return Counted.touched


def test_the_work_grows_with_the_line_and_not_with_its_square() -> None:
    assert touched_by(8_000) / touched_by(2_000) < 4.5


def test_nothing_is_copied_again_while_a_line_grows() -> None:
    """What is held between two chunks is the very chunks that came: no growing buffer to copy or to search."""
    decoder, chunks = SseDecoder(LIMIT), [b"data: ", b"one", b"two", b"three"]
    for chunk in chunks:
        decoder.feed(chunk)
    assert decoder._partial == chunks


@given(st.text().map(str.encode), st.none() | st.from_regex(r"[a-z.]+", fullmatch=True))
def test_what_is_encoded_is_decoded(data: bytes, event: str | None) -> None:
    joined = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    assert SseDecoder(10**6).feed(encode_event(data, event)) == [SseEvent(event, joined)]


def test_encodes_the_form_that_openai_sends() -> None:
    assert encode_event(b'{"a":1}') == b'data: {"a":1}\n\n'
    assert encode_event(b"{}", "response.created") == b"event: response.created\ndata: {}\n\n"
    assert encode_event(DONE_DATA) == DONE_EVENT == b"data: [DONE]\n\n"


@pytest.mark.parametrize("name", ["x\ndata: forged", "x\rid: 1", "\n"])
def test_an_event_type_cannot_forge_fields(name: str) -> None:
    with pytest.raises(UpstreamProtocolError):
        encode_event(b"{}", name)
