from __future__ import annotations

import logging
import sys
from pathlib import Path

import pytest

from gateway.accounting.asked import Asked
from gateway.accounting.count import TokenCount
from gateway.accounting.heard import Heard
from gateway.accounting.tokenizers import Tokenizers, TokenizerUnavailable, read_tokenizer
from gateway.protocol.wire import Surface


def said(text: str) -> Heard:
    heard = Heard(Surface.CHAT)
    heard.see({"choices": [{"delta": {"content": text}}]})
    return heard


async def test_it_counts_with_the_tokenizer_of_the_deployment(tokenizer_file: Path) -> None:
    count = TokenCount({"gpu": tokenizer_file}.get)
    asked = Asked(("one two", "", "three"), overhead=8)
    for _ in range(2):  # read in a thread, and then known
        assert await count.of("gpu", asked, said("one one")) == (11, 2)
    assert await count.of("gpu", Asked(("one " * 5_000,)), said("two")) == (5_000, 1)


@pytest.mark.parametrize("deployment", ["other", None])
async def test_without_a_tokenizer_it_does_not_guess(tokenizer_file: Path, deployment: str | None) -> None:
    assert await TokenCount({"gpu": tokenizer_file}.get).of(deployment, Asked(("one",)), said("two")) is None


async def test_a_file_that_is_none_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    broken = tmp_path / "tokenizer.json"
    broken.write_text("{}")
    count = TokenCount(lambda _: broken)
    with caplog.at_level(logging.WARNING):
        assert [await count.of("gpu", Asked(("one",)), said("two")) for _ in range(3)] == [None] * 3
    assert [record.getMessage().partition(": ")[2] for record in caplog.records] == ["it is not a tokenizer.json"]


def test_why_a_tokenizer_cannot_be_had(tmp_path: Path, tokenizer_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TokenizerUnavailable, match="no such file"):
        read_tokenizer(tmp_path / "none.json")
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(TokenizerUnavailable, match=r"\[tokenizers\]"):
        read_tokenizer(tokenizer_file)
    assert Tokenizers().of(tokenizer_file) is None
