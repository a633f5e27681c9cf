import base64
import random
from typing import Any

import pytest

from gateway.protocol.opaque import dotted, opaque_content, without_opaque
from gateway.protocol.wire import ContentKind

PNG = "data:image/png;base64,iVBORw0KGgo="
BYTES = base64.b64encode(random.Random(7).randbytes(900)).decode()

SCHEMA = {"properties": {"file": {"type": "string"}, "file_id": {"type": "string"}, "size": {"enum": [1, 2, 3]}}}
SEARCH = {"type": "file_search", "vector_store_ids": ["vs_1"]}
INLINE_SKILL = {"type": "inline", "name": "s", "source": {"type": "base64", "media_type": "application/zip", "data": "UEsDB"}}


def chat(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": list(parts)}]}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (chat({"type": "image_url", "image_url": {"url": PNG}}), ContentKind.IMAGE),
        (chat({"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}), ContentKind.IMAGE),
        (chat({"image_url": {"url": PNG}}), ContentKind.IMAGE),
        (chat({"type": "video_url", "video_url": {"url": "https://example.org/a.mp4"}}), ContentKind.IMAGE),
        (chat({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}), ContentKind.AUDIO),
        (chat({"type": "file", "file": {"file_id": "file-1"}}), ContentKind.FILE),
        (chat({"type": "audio_url", "audio_url": {"url": "https://example.org/a.wav"}}), ContentKind.AUDIO),
        (chat({"audio_url": "https://example.org/a.wav"}), ContentKind.AUDIO),
        (chat({"type": "text", "text": "hi", "audio_url": "https://example.org/a.wav", "uuid": "1"}), ContentKind.AUDIO),
        (chat({"image_embeds": "AAAA"}), ContentKind.IMAGE),
        (chat({"type": "hologram", "text": "?"}), ContentKind.FILE),
        (chat({"type": 7}), ContentKind.FILE),
        (chat({"type": {"a": 1}, "text": "?"}), ContentKind.FILE),
        ({"tools": [{"type": [], "vector_store_ids": ["vs_1"], "parameters": {}}]}, ContentKind.STORED),
        (chat({"type": "text", "text": PNG}), ContentKind.FILE),
        ({"messages": [{"role": "assistant", "audio": {"id": "audio_1"}}]}, ContentKind.AUDIO),
        ({"messages": [], "modalities": ["text", "audio"], "audio": {"voice": "alloy"}}, ContentKind.AUDIO),
        ({"input": [{"type": "message", "content": [{"type": "input_image", "image_url": PNG}]}]}, ContentKind.IMAGE),
        ({"input": [{"type": "message", "content": [{"type": "input_file", "file_data": PNG}]}]}, ContentKind.FILE),
        ({"input": [{"type": "computer_call_output", "output": [{"type": "computer_screenshot"}]}]}, ContentKind.IMAGE),
        ({"tools": [{"type": "image_generation", "input_image_mask": {"image_url": "u"}}]}, ContentKind.IMAGE),
        (
            {"input": [{"tools": [{"type": "image_generation", "input_image_mask": {"image_url": "u"}}]}]},
            ContentKind.IMAGE,
        ),
        ({"input": [{"content": [{"type": "text", "text": {"format": {}, "file": "f"}}]}]}, ContentKind.FILE),
        ({"input": [{"type": "configuration_update", "text": [72, 101]}]}, ContentKind.TOKENS),
        ({"input": [{"type": "configuration_update", "content": [{"type": "input_image"}]}]}, ContentKind.IMAGE),
        ({"prompt": [1, 2, 3]}, ContentKind.TOKENS),
        ({"prompt": [[1, 2], [3]]}, ContentKind.TOKENS),
        ({"input": ["text", 4]}, ContentKind.TOKENS),
        ({"metadata": {"x": PNG}}, ContentKind.FILE),
        ({"metadata": {f" {PNG}\n": "x"}}, ContentKind.FILE),
        (chat({"type": "text", "text": f"![x](data:image/png;base64,{BYTES[:64]})"}), ContentKind.FILE),
        (chat({"type": "text", "text": '{"x": "data:image\\/png;base64,' + BYTES.replace("/", "\\/")[:80]}), ContentKind.FILE),
        (chat({"type": "text", "text": f"decode {BYTES} please"}), ContentKind.FILE),
        ({"x_vendor": {"blob": BYTES}}, ContentKind.FILE),
        ({"messages": [{"role": "user", "content": "look", "images": ["iVBORw0KGgo"]}]}, ContentKind.IMAGE),
        ({"input": [{"type": "image_generation_call", "id": "ig_1", "result": "iVBORw0KGgo"}]}, ContentKind.IMAGE),
        ({"input": [{"type": "code_interpreter_call", "outputs": [{"type": "image", "url": "u"}]}]}, ContentKind.IMAGE),
        ({"prompt": "x", "prompt_embeds": "AAAA"}, ContentKind.TOKENS),
        ({"messages": [], "input_ids": [72, 101]}, ContentKind.TOKENS),
        ({"messages": [], "extra_body": {"prompt_token_ids": [[72], [101, 13812345678]]}}, ContentKind.TOKENS),
        ({"messages": [], "input_embeds": [[0.5, -0.25]]}, ContentKind.TOKENS),
        ({"tools": [{"type": "shell", "environment": {"skills": [INLINE_SKILL]}}]}, ContentKind.FILE),
        ({"input": [{"type": "image_generation_call", "id": "ig_1"}]}, ContentKind.STORED),
        ({"input": [{"type": "image_generation_call", "id": "ig_1", "result": None}]}, ContentKind.STORED),
        ({"input": [{"type": "reasoning", "id": "rs_1"}]}, ContentKind.STORED),
        (
            {"input": [{"type": "reasoning", "id": "rs_1", "summary": [], "content": [], "encrypted_content": None}]},
            ContentKind.STORED,
        ),
        (
            {"input": [{"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "So."}]}]},
            ContentKind.STORED,
        ),
        ({"input": [{"type": "reasoning", "id": "rs_1", "encrypted_content": "vllm:1:W10=:ab"}]}, ContentKind.FILE),
        (chat({"image_url": None, "uuid": "logo"}), ContentKind.STORED),
        (chat({"type": "image_url", "image_url": {"url": PNG}, "uuid": "logo"}), ContentKind.STORED),
        ({"input": [{"type": "additional_tools", "tools": [SEARCH]}]}, ContentKind.STORED),
    ],
)
def test_what_cannot_be_read_is_named(body: dict[str, Any], kind: ContentKind) -> None:
    assert kind in {found for found, _ in opaque_content(body)}


def test_what_stands_beside_an_image_is_named_as_well() -> None:
    part = {"type": "file", "file": {"file_data": "AAAA"}}
    message = {
        "role": "user",
        "images": ["iVBORw0KGgo"],
        "content": [part, {"type": "text", "text": BYTES}],
        "ids": [1, 2],
        "prompt_embeds": "AAAA",
        "container_id": "c_1",
        "tools": [{"type": "function", "function": {"parameters": {"properties": {"file": {"type": "string"}}}}}],
    }
    named = list(opaque_content({"messages": [message]}))
    assert {path: kind for kind, path in named} == {
        ("messages", 0): ContentKind.IMAGE,
        ("messages", 0, "prompt_embeds"): ContentKind.TOKENS,
        ("messages", 0, "container_id"): ContentKind.STORED,
        ("messages", 0, "content", 0): ContentKind.FILE,
        ("messages", 0, "content", 1, "text"): ContentKind.FILE,
        ("messages", 0, "ids"): ContentKind.TOKENS,
    }
    assert len(named) == len(set(named))


@pytest.mark.parametrize(
    "body",
    [
        chat({"type": "text", "text": "data: the base64, of course"}),
        {"messages": [{"role": "user", "content": "see data:image/png;base64,AAAA for more"}]},
        {
            "messages": [],
            "tools": [{"function": {"parameters": {"properties": {"image_url": {"type": "string"}, "file": {}}}}}],
        },
        {"input": [{"type": "message", "content": [{"type": "output_text", "text": "x", "annotations": [{"file_id": "f"}]}]}]},
        {"prompt": ["a", "b"], "modalities": ["text"]},
        chat({"type": "text", "text": "x" * 5_000 + " " + "Step1" + "-" * 2_000 + " " + "0123456789abcdef" * 200}),
        {"messages": [{"role": "user", "content": "hi", "images": []}], "stop_token_ids": [151643], "x": [True, False]},
        {"metadata": {"phones": [13812345678, 13912345678]}, "x": [None, 1]},
        {"tools": [{"function": {"parameters": {"properties": {"prompt_embeds": {"enum": [1, 2, 3]}}}}}]},
        {"input": [{"type": "configuration_update", "text": {"format": {"type": "json_schema", "schema": SCHEMA}}}]},
        {"input": [{"type": "code_interpreter_call", "outputs": [{"type": "logs", "logs": "done"}]}]},
        {"input": [{"type": "image_generation_call", "result": None}]},
        {"input": [{"type": "reasoning", "summary": [{"type": "summary_text", "text": "So."}]}]},
        {"input": [{"type": "reasoning", "id": "rs_1", "content": [{"type": "reasoning_text", "text": "So."}], "summary": []}]},
        {"input": [{"type": ["reasoning"], "id": "rs_1"}]},
        {"input": [{"type": "mcp_list_tools", "id": "mcpl_1", "tools": [{"name": "f", "input_schema": SCHEMA}]}]},
        {"input": [{"type": "tool_search_output", "tools": [{"type": "function", "name": "f", "parameters": SCHEMA}]}]},
        {"input": [{"type": "tool_search_call", "arguments": {"file": "a.txt", "pages": [1, 2]}}]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "hi", "uuid": "part-1"}]}]},
    ],
)
def test_text_is_not(body: dict[str, Any]) -> None:
    assert list(opaque_content(body)) == []


def test_a_part_is_called_by_all_that_it_holds_in_one_order() -> None:
    part = {"type": "text", "file_data": "AAAA", "input_audio": {"data": "AAAA"}, "image_url": PNG, "video_url": PNG}
    kinds = [ContentKind.IMAGE, ContentKind.AUDIO, ContentKind.FILE]
    assert list(opaque_content(chat(part))) == [(kind, ("messages", 0, "content", 0)) for kind in kinds]


def test_paths_in_errors_never_quote_a_clients_own_keys() -> None:
    assert dotted(("messages", 0, "ann@example.org", "text")) == "messages.0.*.text"


def test_what_could_not_be_inspected_is_not_recorded() -> None:
    part = {"type": "image_url", "image_url": {"url": PNG}}
    body = {**chat({"type": "text", "text": "look"}, part), "metadata": {"x": PNG, PNG: "y"}, "prompt": [1, 2]}
    recorded = without_opaque(body)
    assert "base64" not in str(recorded)
    assert recorded["messages"][0]["content"] == [{"type": "text", "text": "look"}, "[image not recorded]"]
    assert recorded["prompt"] == "[tokens not recorded]"
    assert "base64" in str(body)


def test_a_body_of_text_is_recorded_as_it_is() -> None:
    body = chat({"type": "text", "text": "look"})
    assert without_opaque(body) is body
