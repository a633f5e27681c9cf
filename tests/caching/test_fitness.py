from __future__ import annotations

from typing import Any

import pytest

from gateway.caching.fitness import may_be_cached
from gateway.protocol.wire import Surface

FUNCTION = {"type": "function", "function": {"name": "f"}}


@pytest.mark.parametrize(
    ("body", "fits"),
    [
        ({"temperature": 0}, True),
        ({"temperature": 0.0}, True),
        ({"seed": 7}, True),
        ({"seed": 0, "temperature": 1}, True),
        ({}, False),
        ({"temperature": None}, False),
        ({"temperature": "0"}, False),
        ({"temperature": False}, False),
        ({"temperature": 0.1}, False),
        ({"seed": -1}, False),
        ({"seed": 4_294_967_295}, False),
        ({"seed": True}, False),
        ({"seed": None}, False),
        ({"temperature": 0, "store": True}, False),
        ({"temperature": 0, "store": False}, True),
        ({"temperature": 0, "tools": [FUNCTION, {"function": {"name": "g"}}]}, True),
        ({"temperature": 0, "tools": [FUNCTION, {"type": "web_search"}]}, False),
        ({"temperature": 0, "tools": ["odd"]}, False),
        ({"temperature": 0, "web_search_options": {"user_location": None}}, False),
        ({"temperature": 0, "web_search_options": {}}, False),
        ({"temperature": 0, "web_search_options": None}, True),
    ],
)
def test_chat(body: dict[str, Any], fits: bool) -> None:
    assert may_be_cached(body, Surface.CHAT, always=False) is fits


@pytest.mark.parametrize(
    ("body", "fits"),
    [
        ({"store": False}, True),
        ({}, False),
        ({"store": None}, False),
        ({"store": True}, False),
        ({"store": False, "previous_response_id": "resp_1"}, False),
        ({"store": False, "conversation": "conv_1"}, False),
        ({"store": False, "background": True}, False),
        ({"store": False, "prompt": {"id": "p"}}, False),
        ({"store": False, "tools": [{"type": "file_search"}]}, False),
        ({"store": False, "tools": [{"type": "custom", "name": "x"}]}, True),
    ],
)
def test_responses_build_on_nothing(body: dict[str, Any], fits: bool) -> None:
    assert may_be_cached(body, Surface.RESPONSES, always=True) is fits
    assert may_be_cached({**body, "temperature": 0.5}, Surface.RESPONSES, always=False) is False


def test_policy_may_say_always_and_embeddings_have_one_answer() -> None:
    assert may_be_cached({}, Surface.CHAT, always=True)
    assert not may_be_cached({"store": True}, Surface.CHAT, always=True)
    assert may_be_cached({"input": "x"}, Surface.EMBEDDINGS, always=False)
    assert may_be_cached({"input": "x"}, Surface.MODERATIONS, always=False)
    assert may_be_cached({"prompt": "x", "seed": 1}, Surface.COMPLETIONS, always=False)


IMAGE = "data:image/png;base64," + "iVBORw0KGgo" * 10


@pytest.mark.parametrize(
    ("part", "fits"),
    [
        ({"type": "text", "text": "see https://camera.example/now.jpg"}, True),
        ({"type": "image_url", "image_url": {"url": IMAGE}}, True),
        ({"type": "image_url", "image_url": {"url": "https://camera.example/now.jpg"}}, False),
        ({"type": "image_url", "image_url": " HTTPS://camera.example/now.jpg"}, False),
        ({"type": "input_image", "image_url": "file:///srv/now.jpg"}, False),
        ({"type": "input_image", "image_url": "file:/srv/now.jpg"}, False),
        ({"type": "image_url", "image_url": {"url": IMAGE.replace("data", "DATA")}}, True),
        ({"type": "input_file", "file_url": "https://intranet.example/prices.pdf"}, False),
        ({"type": "file", "file": {"file_id": "file-1"}}, False),
        ({"type": "file", "file": {"file_data": IMAGE, "filename": "prices.pdf"}}, True),
    ],
)
def test_what_a_backend_fetches_may_be_another_by_then(part: dict[str, Any], fits: bool) -> None:
    said = [{"role": "user", "content": [part]}]
    chat, responses = {"messages": said, "temperature": 0}, {"input": said, "store": False}
    assert may_be_cached(chat, Surface.CHAT, always=False, uninspected=True) is fits
    assert may_be_cached(responses, Surface.RESPONSES, always=True, uninspected=True) is fits
