import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest

from gateway.errors import InvalidRequest, MalformedBody
from gateway.protocol.request import (
    StatefulRequest,
    asks_for_json,
    parse_request,
    previous_response,
    refuse_previous_response,
    refuse_references,
)
from gateway.protocol.wire import Surface

USER = {"role": "user", "content": "hi"}


def raw(**body: Any) -> bytes:
    return json.dumps(body).encode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b'{"model": "m", "messages": [{"role": "user", "content": "\xff"}]}',
        b'{"model": "m", "messages": [{"role": "user", "content": "\\ud800"}]}',
        b'{"model": "m", "messages": ' + b"[" * 5_000 + b"]" * 5_000 + b"}",
        raw(messages=[USER]),
        raw(model="", messages=[USER]),
        raw(model=["m"], messages=[USER]),
        raw(model="m"),
        raw(model="m", messages=[]),
        raw(model="m", messages="hi"),
        raw(model="m", messages=["hi"]),
        raw(model="m", messages=[{"role": "user", "content": 7}]),
        raw(model="m", messages=[{"role": "user", "content": ["hi"]}]),
        raw(model="m", messages=[USER], stream="yes"),
        raw(model="m", messages=[USER], stream=0),
        raw(model="m", messages=[USER], stream=1),
        b'{"model": "m", "messages": [{"role": "user"}], "x": 12345678901234567890, "y": ' + b"[" * 900 + b"]" * 900 + b"}",
        b'{"model": "m", "messages": [{"role": "user"}], "y": ' + b'{"a":' * 101 + b"1" + b"}" * 102,
        b'{"model": "m", "messages": [{"role": "user"}], "x": 110105194912310021.0}',
        b'{"model": "m", "messages": [{"role": "user"}], "x": 1.10105194912310021e17}',
        raw(model="m", messages=[USER], seed=2**70),
        b'{"model": "m", "messages": [{"role": "user", "content": "a"}], "x": 1e999}',
        b'{"model": "m", "messages": [{"role": "user", "content": "a"}], "x": NaN}',
    ],
)
def test_a_body_that_we_cannot_vouch_for_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedBody) as refused:
        parse_request(body, Surface.CHAT)
    assert refused.value.status == 400


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (rb'{"model": "m", "messages": [{"role": "user", "content": "a\ud83d"}]}', "messages.0.content"),
        (
            rb'{"model": "m", "messages": [{"role": "user", "content": [{"type": "text", "text": "\uDE00x"}]}]}',
            "messages.0.content.0.text",
        ),
        (rb'{"model": "m", "messages": [], "metadata": {"ann@example.org": "\udfff"}}', "metadata.*"),
        (rb'{"model": "m", "messages": [{"role": "user", "content": "x", "\ud800": 1}]}', "messages.0"),
    ],
)
def test_half_a_character_is_told_with_its_place(body: bytes, param: str) -> None:
    with pytest.raises(MalformedBody, match="half of a surrogate pair") as refused:
        parse_request(body, Surface.CHAT)
    assert refused.value.param == param


@pytest.mark.parametrize(
    "body",
    [
        rb'{"model": "\ud83d\ude00", "messages": [{"content": "x"}',
        rb'{"model": "m", "x": "\ud800"',
        b"[" * 100_000 + rb'"\ud800"',
    ],
)
def test_what_else_is_wrong_is_told_as_before(body: bytes) -> None:
    with pytest.raises(MalformedBody, match="not valid JSON"):
        parse_request(body, Surface.CHAT)


@pytest.mark.parametrize("compress", [gzip.compress, lambda _: b"\x28\xb5\x2f\xfd\x00"])
def test_a_compressed_body_is_refused_by_its_name(compress: Callable[[bytes], bytes]) -> None:
    with pytest.raises(MalformedBody, match="Compressed request bodies are not accepted"):
        parse_request(compress(raw(model="m", messages=[USER])), Surface.CHAT)


def test_errors_quote_nothing_of_the_body() -> None:
    with pytest.raises(MalformedBody) as refused:
        parse_request(b'{"model": "m", "messages": "ann@example.org" oops', Surface.CHAT)
    assert "ann" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


@pytest.mark.parametrize(
    ("surface", "body"),
    [
        (Surface.CHAT, raw(model="m", messages=[{"role": "assistant", "content": None, "tool_calls": []}], unknown={"a": [1]})),
        (Surface.COMPLETIONS, raw(model="m", prompt=["a", "b"], seed=2**63)),
        (Surface.COMPLETIONS, raw(model="m", prompt=[[1, 2]])),
        (Surface.COMPLETIONS, raw(model="m", prompt="12345678901234567890", top_p=0.30000000000000004, x=1e300)),
        (Surface.CHAT, raw(model="m", messages=[USER], stream=None)),
        (Surface.EMBEDDINGS, raw(model="m", input="a")),
        (Surface.RESPONSES, raw(model="m", input=[{"role": "user", "content": "a"}], store=False)),
    ],
)
def test_good_bodies_come_through_unchanged(surface: Surface, body: bytes) -> None:
    assert parse_request(body, surface) == json.loads(body)


@pytest.mark.parametrize(
    ("surface", "field"), [(Surface.COMPLETIONS, "prompt"), (Surface.EMBEDDINGS, "input"), (Surface.RESPONSES, "input")]
)
@pytest.mark.parametrize("value", [None, 5, {"a": 1}, [None]])
def test_each_surface_wants_its_text(surface: Surface, field: str, value: Any) -> None:
    with pytest.raises(MalformedBody) as refused:
        parse_request(raw(model="m", **{field: value}), surface)
    assert refused.value.param == field


@pytest.mark.parametrize("surface", [Surface.EMBEDDINGS, Surface.MODERATIONS])
def test_what_comes_at_once_is_no_stream(surface: Surface) -> None:
    with pytest.raises(MalformedBody, match="leave out 'stream'") as refused:
        parse_request(raw(model="m", input="a", stream=True), surface)
    assert refused.value.param == "stream"
    assert parse_request(raw(model="m", input="a", stream=False), surface)["stream"] is False


@pytest.mark.parametrize(
    "extra",
    [
        {"conversation": {"id": "conv_1"}},
        {"background": True},
        {"request_id": "resp_1"},
        {"previous_response": {"output": [{"type": "reasoning", "encrypted_content": "vllm:1:W10=:ab"}]}},
    ],
)
def test_state_kept_by_a_backend_is_refused(extra: dict[str, Any]) -> None:
    with pytest.raises(StatefulRequest) as refused:
        parse_request(raw(**{"model": "m", "input": "a", **extra}), Surface.RESPONSES)
    assert isinstance(refused.value, InvalidRequest)


@pytest.mark.parametrize(
    "said",
    [
        [{"type": "item_reference", "id": "msg_1"}],
        [{"type": "item_reference"}],
        [{"type": "item_reference", "id": 5}],
        [{"role": "user", "content": "a"}, {"id": "msg_1"}],
        [{"type": None, "id": "msg_1"}],
    ],
)
def test_items_by_reference_are_refused_where_nobody_keeps_any(said: list[Any]) -> None:
    body = parse_request(raw(model="m", input=said), Surface.RESPONSES)
    with pytest.raises(StatefulRequest) as refused:
        refuse_references(body, Surface.RESPONSES)
    assert refused.value.param == "input"


def test_what_is_sent_whole_is_no_reference() -> None:
    said = [
        {"type": "message", "id": "msg_1", "role": "assistant", "content": "a"},
        {"role": "user", "id": "u", "content": "b"},
    ]
    refuse_references({"input": said}, Surface.RESPONSES)
    refuse_references({"input": "item_reference"}, Surface.RESPONSES)
    refuse_references({"messages": [], "input": [{"id": "a"}]}, Surface.CHAT)


@pytest.mark.parametrize("surface", [Surface.CHAT, Surface.EMBEDDINGS])
@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("kv_transfer_params", {"do_remote_prefill": True, "remote_block_ids": [1]}, "stateful_request"),
        ("session_params", {"id": "s", "rid": "r"}, "stateful_request"),
        ("bootstrap_host", "10.0.0.1", "stateful_request"),
        ("bootstrap_room", 0, "stateful_request"),
        ("models", ["m", "other"], "invalid_request"),
        ("lora_path", "somebody-elses", "invalid_request"),
        ("lora_name", "somebody-elses", "invalid_request"),
        ("lora", [{"id": 0, "scale": 0.5}], "invalid_request"),
        ("lora", [], "invalid_request"),
        ("custom_logit_processor", '{"callable": "80049512"}', "invalid_request"),
        ("custom_logit_processor", [None, "80049512"], "invalid_request"),
        ("logits_processors", [{"qualname": "os.system", "args": ["id"]}], "invalid_request"),
        ("priority", -100, "invalid_request"),
        ("priority", 5, "invalid_request"),
        ("prompt_cache_options", {"comparison_response_id": "resp_1"}, "stateful_request"),
        ("rid", "a", "stateful_request"),
        ("rid", ["a"], "stateful_request"),
        ("request_id", "a", "stateful_request"),
    ],
)
def test_what_builds_on_others_requests_or_names_other_models_is_refused(
    surface: Surface, field: str, value: Any, code: str
) -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": "a"}], "input": "a"}
    with pytest.raises(InvalidRequest) as refused:
        parse_request(raw(**body, **{field: value}), surface)
    assert (refused.value.param, refused.value.code) == (field, code)
    assert parse_request(raw(**body, **{field: None}), surface)["model"] == "m"


def test_what_vllm_reads_as_if_it_stood_beside_is_refused_as_well() -> None:
    with pytest.raises(StatefulRequest) as refused:
        parse_request(raw(model="m", messages=[USER], vllm_xargs={"kv_transfer_params": "x"}), Surface.CHAT)
    assert refused.value.param == "kv_transfer_params"
    assert parse_request(raw(model="m", messages=[USER], vllm_xargs={"x": 1}), Surface.CHAT)["vllm_xargs"] == {"x": 1}


@pytest.mark.parametrize(
    "nothing", [{"priority": 0}, {"models": []}, {"custom_logit_processor": []}, {"rid": ""}, {"lora": None}]
)
def test_what_asks_for_nothing_passes(nothing: dict[str, Any]) -> None:
    assert parse_request(raw(model="m", messages=[USER], **nothing), Surface.CHAT).items() >= nothing.items()


def test_what_goes_on_from_a_response_is_refused_where_no_placeholder_outlives_its_exchange() -> None:
    body = parse_request(raw(model="m", input="a", previous_response_id="resp_1"), Surface.RESPONSES)
    with pytest.raises(StatefulRequest) as refused:
        refuse_previous_response(body, Surface.RESPONSES)
    assert refused.value.param == "previous_response_id"
    refuse_previous_response(body, Surface.CHAT)
    assert previous_response({"previous_response_id": ""}, Surface.RESPONSES) is None


@pytest.mark.parametrize("beside", [{}, {"input": "a"}])
def test_a_prompt_that_a_backend_keeps_is_refused_by_its_name(beside: dict[str, Any]) -> None:
    with pytest.raises(StatefulRequest) as refused:
        parse_request(raw(model="m", prompt={"id": "pmpt_1"}, **beside), Surface.RESPONSES)
    assert refused.value.param == "prompt"


@pytest.mark.parametrize(
    ("body", "wants_json"),
    [
        ({"response_format": {"type": "json_schema"}}, True),
        ({"response_format": {"type": "json_object"}}, True),
        ({"response_format": {"type": "text"}}, False),
        ({"text": {"format": {"type": "json_schema"}}}, True),
        ({"text": "odd"}, False),
        ({"response_format": {"type": "json", "value": {}}}, True),
        ({"response_format": {"type": ["json_object"]}}, False),
        ({"guided_json": {"type": "object"}}, True),
        ({"json_schema": {}}, True),
        ({"json_schema": ""}, False),
        ({"structured_outputs": {"json_object": False}}, False),
        ({"json_schema": {"type": "object"}}, True),
        ({"structured_outputs": {"json": {"type": "object"}}}, True),
        ({"structured_outputs": {"regex": "a+"}}, False),
        ({}, False),
    ],
)
def test_whether_the_answer_is_json(body: dict[str, Any], wants_json: bool) -> None:
    assert asks_for_json(body) is wants_json
