from typing import Any

import pytest

from gateway.protocol.opaque import dotted, opaque_content
from gateway.protocol.wire import ContentKind

PNG = "data:image/png;base64,iVBORw0KGgo="


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
        (chat({"type": "hologram", "text": "?"}), ContentKind.FILE),
        (chat({"type": 7}), ContentKind.FILE),
        (chat({"type": "text", "text": PNG}), ContentKind.FILE),
        ({"messages": [{"role": "assistant", "audio": {"id": "audio_1"}}]}, ContentKind.AUDIO),
        ({"messages": [], "modalities": ["text", "audio"], "audio": {"voice": "alloy"}}, ContentKind.AUDIO),
        ({"input": [{"type": "message", "content": [{"type": "input_image", "image_url": PNG}]}]}, ContentKind.IMAGE),
        ({"input": [{"type": "message", "content": [{"type": "input_file", "file_data": PNG}]}]}, ContentKind.FILE),
        ({"input": [{"type": "computer_call_output", "output": [{"type": "computer_screenshot"}]}]}, ContentKind.IMAGE),
        ({"prompt": [1, 2, 3]}, ContentKind.TOKENS),
        ({"prompt": [[1, 2], [3]]}, ContentKind.TOKENS),
        ({"input": ["text", 4]}, ContentKind.TOKENS),
        ({"metadata": {"x": PNG}}, ContentKind.FILE),
    ],
)
def test_what_cannot_be_read_is_named(body: dict[str, Any], kind: ContentKind) -> None:
    assert kind in {found for found, _ in opaque_content(body)}


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
    ],
)
def test_text_is_not(body: dict[str, Any]) -> None:
    assert list(opaque_content(body)) == []


def test_paths_in_errors_never_quote_a_clients_own_keys() -> None:
    assert dotted(("messages", 0, "ann@example.org", "text")) == "messages.0.*.text"
