"""The process in which files are read: `python -m gateway.knowledge.reader`. It is told names and bytes, and tells blocks.

A parser that a file drives mad takes nothing along but itself: memory and processor time are bounded, no file can be written,
no core is dumped, and the environment holds no secret. Frames on both ways: 8 bytes of length, big-endian, then JSON or bytes.
"""

from __future__ import annotations

import contextlib
import resource
import sys
from typing import BinaryIO

import orjson

from gateway.knowledge.formats.document import Document, Refusal, Refused
from gateway.knowledge.formats.kinds import read

_MEMORY = 2 * 2**30
_CPU_S = 60
"""For one file."""
_LENGTH = 8


def main() -> None:
    """Until the input ends."""
    _limit()
    sys.setrecursionlimit(2_000)
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # a library that prints must not speak in between
    while (name := read_frame(source)) is not None and (data := read_frame(source)) is not None:
        _grant_time()
        sink.write(frame(_answer(name.decode("utf-8", "replace"), data)))
        sink.flush()


def frame(content: bytes) -> bytes:
    return len(content).to_bytes(_LENGTH, "big") + content


def read_frame(source: BinaryIO) -> bytes | None:
    """None at the end."""
    head = source.read(_LENGTH)
    if len(head) < _LENGTH:
        return None
    return source.read(int.from_bytes(head, "big"))


def _answer(name: str, data: bytes) -> bytes:
    try:
        return orjson.dumps(_told(read(name, data)))
    except Refused as refused:
        return orjson.dumps({"refused": refused.reason.value})
    except MemoryError:
        return orjson.dumps({"refused": Refusal.SLOW.value})
    except Exception:  # noqa: BLE001 - parsers fail in many ways on what is not what it says
        return orjson.dumps({"refused": Refusal.BROKEN.value})


def _told(found: Document) -> dict[str, object]:
    blocks = [[_clean(block.text), block.level, block.page, block.alone] for block in found.blocks]
    return {"title": _clean(found.title), "blocks": blocks}


def _clean(text: str) -> str:
    """Without what is no text: lone surrogates, which some PDFs give, and NUL."""
    return text.encode("utf-8", "ignore").decode().replace("\0", "")


def _limit() -> None:
    for kind, most in ((resource.RLIMIT_AS, _MEMORY), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(ValueError, OSError):  # where a stricter limit holds already
            resource.setrlimit(kind, (most, most))


def _grant_time() -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    with contextlib.suppress(ValueError, OSError):
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + _CPU_S, hard))


if __name__ == "__main__":
    main()
