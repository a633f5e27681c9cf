"""Vectors are made one by one: who asks, or gives up, does not wait for a whole document."""

from __future__ import annotations

import asyncio
import threading
from contextlib import closing
from typing import Any

import numpy as np
import pytest

from gateway.knowledge.embedding import E5


class Engine:
    """Makes no vector before it is let."""

    def __init__(self) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.texts: list[str] = []

    def encode(self, text: str, *, is_query: bool) -> Any:
        assert is_query == text.endswith("?")
        self.texts.append(text)
        self.begun.set()
        assert self.go_on.wait(30)
        return np.ones(4, np.float32)


async def test_a_question_goes_between_passages_and_what_was_given_up_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine()
    monkeypatch.setattr(E5, "_engine", lambda _: engine)
    with closing(E5()) as embedder:
        passages = asyncio.create_task(embedder.passages(["one", "two", "three"]))
        await asyncio.to_thread(engine.begun.wait, 30)
        question = asyncio.create_task(embedder.question("who?"))
        await asyncio.sleep(0)
        engine.go_on.set()
        assert np.isclose(np.linalg.norm(await question), 1)
        assert engine.texts[:2] == ["one", "who?"]
        assert len(await passages) == 3
        engine.go_on.clear()
        engine.begun.clear()
        given_up = asyncio.create_task(embedder.passages(["four", "five", "six"]))
        await asyncio.to_thread(engine.begun.wait, 30)
        given_up.cancel()
        engine.go_on.set()
        await asyncio.gather(given_up, return_exceptions=True)
        await embedder.question("now?")
    assert engine.texts[-2:] == ["four", "now?"]
