"""Who speaks in a record without a clock."""

from __future__ import annotations

import pytest

from gateway.detection.taggers.han.turns import turns
from gateway.detection.taggers.sieve import Tag


def _named(text: str, *values: str) -> list[str]:
    """Who else speaks, where these are known."""
    tags = [Tag(text.index(value), text.index(value) + len(value), "PERSON", 0.9) for value in values]
    found = turns(text, tags)
    assert found[: len(tags)] == tags
    return [text[tag.start : tag.end] for tag in found[len(tags) :]]


def test_who_speaks_twice_beside_somebody_known() -> None:
    assert _named("晴空：在吗\n王宁：在\n晴空：好的", "王宁") == ["晴空", "晴空"]
    assert _named("王宁: 在\r\n小C同桌: 好\r\n小C同桌: 走", "王宁") == ["小C同桌", "小C同桌"]


@pytest.mark.parametrize(
    "text",
    [
        "晴空：在吗\n王宁：在",
        "问题：什么\n王宁：不知道\n问题：那呢",
        "客服：您好\n王宁：您好\n客服：请讲",
        "说话人1：嗯\n王宁：对\n说话人1：好",
        "第一步：开机\n王宁：好\n第一步：关机",
        "12：00\n王宁：好\n12：00",
    ],
)
def test_who_is_nobody(text: str) -> None:
    assert _named(text, "王宁") == []


def test_where_nobody_known_speaks() -> None:
    assert _named("晴空：在吗，王宁\n晴空：好的", "王宁") == []
    assert _named("晴空：在吗\n晴空：好的") == []
    assert _named("") == []
