"""The table of servers, and what its words do to a request."""

from __future__ import annotations

from typing import get_args

import pytest

from gateway.policy.language.deployments import ProviderName, ServerName
from gateway.protocol.wire import JsonObject, Surface
from gateway.upstream.litellm.providers import Provider
from gateway.upstream.servers import SERVERS, Preset, Server
from gateway.upstream.shaping import shaped, without_usage
from tests.support.server_shapes import USAGE, chunk, usage_chunk

ASKED = [preset for preset, server in SERVERS.items() if server.tells_usage_if_asked]


def test_policy_has_the_same_names() -> None:
    assert get_args(ServerName) == tuple(Preset)
    assert get_args(ProviderName) == tuple(Provider)
    assert SERVERS.keys() == set(Preset)


def test_nothing_is_done_for_a_server_that_is_not_known() -> None:
    assert SERVERS[Preset.OPENAI] == Server()


@pytest.mark.parametrize("surface", Surface)
@pytest.mark.parametrize("stream", [False, True])
def test_what_needs_nothing_is_the_same_object(surface: Surface, stream: bool) -> None:
    body: JsonObject = {"model": "m", "stop": "x", "stream": stream}
    assert shaped(body, SERVERS[Preset.OPENAI], surface, stream=stream).body is body
    assert shaped(body, SERVERS[Preset.VLLM], surface, stream=False).body is body
    asked: JsonObject = {"stream_options": {"include_usage": True}}
    assert shaped(asked, SERVERS[Preset.VLLM], surface, stream=True).body is asked


@pytest.mark.parametrize("preset", ASKED)
def test_usage_is_asked_for_where_a_stream_would_have_none(preset: Preset) -> None:
    body: JsonObject = {"stream": True, "stream_options": {"include_usage": False, "continuous_usage_stats": False}}
    sent = shaped(body, SERVERS[preset], Surface.CHAT, stream=True)
    assert sent.usage_unasked
    assert sent.body["stream_options"] == {"include_usage": True, "continuous_usage_stats": False}
    assert body["stream_options"]["include_usage"] is False


@pytest.mark.parametrize("options", [None, "all", [True]])
def test_odd_stream_options_are_not_added_to(options: object) -> None:
    sent = shaped({"stream_options": options}, SERVERS[Preset.VLLM], Surface.CHAT, stream=True)
    assert sent.body == {"stream_options": {"include_usage": True}}


def test_llama_cpp_tells_usage_of_text_completions_unasked() -> None:
    body: JsonObject = {"prompt": "hi"}
    assert shaped(body, SERVERS[Preset.LLAMA_CPP], Surface.COMPLETIONS, stream=True).body is body


def test_tgi_wants_stops_in_a_list() -> None:
    assert shaped({"stop": "x"}, SERVERS[Preset.TGI], Surface.CHAT, stream=False).body == {"stop": ["x"]}
    listed: JsonObject = {"stop": ["x", "y"]}
    assert shaped(listed, SERVERS[Preset.TGI], Surface.CHAT, stream=False).body is listed


def test_usage_is_taken_out_again() -> None:
    said = chunk({"content": "hi"})
    assert without_usage(said) is said
    assert without_usage({**said, "usage": USAGE}) == said
    assert without_usage(usage_chunk()) is None
