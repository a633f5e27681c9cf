"""Has files read in a process of their own, which is replaced when a file has killed it."""

from __future__ import annotations

import asyncio
import os
import sys
from types import TracebackType
from typing import Any, Self

import orjson

from gateway.errors import ProtectionUnavailable
from gateway.knowledge.formats.document import Block, Document, Refusal, Refused
from gateway.knowledge.reader import frame

_PATIENCE_S = 120.0
_PASSED_ON = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "SYSTEMROOT")
_LONGEST_ANSWER = 64 * 2**20


class Reader:
    """One file at a time. `patience_s` is real time; of a processor's the process has less (`gateway.knowledge.reader`)."""

    def __init__(self, *, patience_s: float = _PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._end()

    async def read(self, name: str, data: bytes) -> Document:
        """What stands in a file of this name. Raises Refused; ProtectionUnavailable where no process can be started."""
        process = await self._started()
        try:
            async with asyncio.timeout(self._patience_s):
                answer = await _asked(process, name, data)
        except (TimeoutError, OSError, asyncio.IncompleteReadError):
            await self._end()
            raise Refused(Refusal.SLOW) from None
        except BaseException:
            await self._end()  # it would answer for this file when it is asked for the next
            raise
        return _document(orjson.loads(answer))

    async def _started(self) -> asyncio.subprocess.Process:
        if self._process is not None and self._process.returncode is not None:
            await self._end()  # something killed it between two files
        if self._process is None:
            environ = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
            try:
                self._process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-P",  # no modules from where the gateway was started: it may be the folder of documents
                    "-m",
                    "gateway.knowledge.reader",
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.DEVNULL,
                    env={**environ, "OPENBLAS_NUM_THREADS": "1"},
                    start_new_session=True,
                )
            except OSError:
                raise ProtectionUnavailable("The process that reads files cannot be started.") from None
        return self._process

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            process.kill()
        await process.wait()
        if process.stdin is not None:
            process.stdin.close()


async def _asked(process: asyncio.subprocess.Process, name: str, data: bytes) -> bytes:
    if process.stdin is None or process.stdout is None:
        raise BrokenPipeError
    process.stdin.write(frame(name.encode("utf-8", "replace")) + frame(data))
    await process.stdin.drain()
    length = int.from_bytes(await process.stdout.readexactly(8), "big")
    if length > _LONGEST_ANSWER:
        raise BrokenPipeError
    return await process.stdout.readexactly(length)


def _document(told: dict[str, Any]) -> Document:
    if "refused" in told:
        raise Refused(Refusal(told["refused"]))
    blocks = (Block(text, level, page, alone) for text, level, page, alone in told["blocks"])
    return Document(told["title"], tuple(blocks))
