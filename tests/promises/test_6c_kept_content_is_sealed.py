"""What policy keeps of content is on the record, and readable nowhere on the disk."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.support.backend import ScriptedBackend, backend_in_thread
from tests.support.disk import files_of
from tests.support.gateway import RunningGateway, policy_text, running_gateway
from tests.support.script import echo, text

TENANT = """
entities: {default: placeholder, CREDIT_CARD: mask}
reply: {restore: true}
record: {content: redacted, originals: sealed, retention_days: 30}
"""
ALICE, CAROL, WEI = "alice@corp-example.org", "carol@corp-example.org", "张伟明"
PHRASES = ("quarterly zebra figures", "季度斑马报告", "the answer is heliotrope")


@pytest.fixture(scope="module")
def backend() -> Iterator[ScriptedBackend]:
    with backend_in_thread() as scripted:
        yield scripted


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, backend: ScriptedBackend) -> Iterator[RunningGateway]:
    folder = tmp_path_factory.mktemp("gateway")
    with running_gateway(folder, policy_text(backend.url, tenant=TENANT)) as running:
        yield running


def spellings(planted: str) -> Iterator[bytes]:
    """How a text may stand in a file: as UTF-8 and UTF-16, escaped in JSON, in base64 at any offset, in hex."""
    for encoding in ("utf-8", "utf-16-le", "utf-16-be", "gb18030"):
        raw = planted.encode(encoding)
        yield raw
        yield raw.hex().encode()
        yield raw.hex().upper().encode()
        yield from (base64.b64encode(b"x" * shift + raw)[4 * bool(shift) :].rstrip(b"=")[:-1] for shift in range(3))
    yield json.dumps(planted)[1:-1].encode()
    yield quote(planted).encode()


def places(state: Path, planted: str) -> list[tuple[str, bytes]]:
    """Files of the state folder in which a text stands, in any spelling."""
    files = files_of(state).items()
    return [(path.name, spelling) for path, raw in files for spelling in spellings(planted) if spelling in raw]


def test_it_opens_with_the_keys_and_is_readable_nowhere_else(gateway: RunningGateway, backend: ScriptedBackend) -> None:
    backend.reply_with(lambda request: text(request, f"{PHRASES[2]}, ask {CAROL}"))
    question = f"{PHRASES[0]} / {PHRASES[1]} for {ALICE} and {WEI}"
    before = len(gateway.records())
    assert gateway.say(question) == f"{PHRASES[2]}, ask {CAROL}"
    record = gateway.records(before + 1)[-1]
    content = gateway.content(record, originals=True)
    assert content.request is not None
    assert content.request["messages"][0]["content"] == f"{PHRASES[0]} / {PHRASES[1]} for <EMAIL_ADDRESS_1> and <PERSON_1>"
    assert content.reply == f"{PHRASES[2]}, ask <EMAIL_ADDRESS_2>"
    assert content.originals == {"<EMAIL_ADDRESS_1>": ALICE, "<PERSON_1>": WEI, "<EMAIL_ADDRESS_2>": CAROL}
    state = gateway.settings.state_dir
    assert (state / "audit.sqlite-wal").exists()
    for planted in (*PHRASES, ALICE, CAROL, WEI, "<EMAIL_ADDRESS_1>", "/messages/0/content"):
        assert places(state, planted) == []
    assert places(state, record.call_id)  # the search finds what is there


def test_values_that_are_masked_have_no_original(gateway: RunningGateway, backend: ScriptedBackend) -> None:
    backend.reply_with(echo)
    card = "4111 1111 1111 1111"
    before = len(gateway.records())
    gateway.chat(f"my card is {card}, I am {ALICE}")
    record = gateway.records(before + 1)[-1]
    assert gateway.content(record, originals=True).originals == {"<EMAIL_ADDRESS_1>": ALICE}
    assert places(gateway.settings.state_dir, card) == []


@pytest.mark.parametrize("stream", [False, True])
def test_the_turns_of_a_chat_have_one_conversation_on_the_record(
    gateway: RunningGateway, backend: ScriptedBackend, stream: bool
) -> None:
    backend.reply_with(lambda request: text(request, f"{WEI} 你好, write to\n{ALICE}"))
    before = len(gateway.records())
    asked = {"role": "user", "content": f"Who is {WEI}? ({stream})"}
    body = {"model": "test-model", "messages": [asked], "stream": stream}
    assert gateway.http.post("/chat/completions", json=body).status_code == 200
    answer = {"role": "assistant", "content": f"{WEI} 你好, write to {ALICE}"}
    more = {"model": "test-model", "messages": [asked, answer, {"role": "user", "content": "Why?"}]}
    assert gateway.http.post("/chat/completions", json=more).status_code == 200
    first, second = gateway.records(before + 2)[-2:]
    assert first.conversation is not None
    assert first.conversation == second.conversation


def test_a_stated_conversation_that_may_name_somebody_is_on_record_as_a_hash(
    gateway: RunningGateway, backend: ScriptedBackend
) -> None:
    backend.reply_with(echo)
    before = len(gateway.records())
    body = {"model": "test-model", "messages": [{"role": "user", "content": "Hi"}]}
    gateway.http.post("/chat/completions", json=body, headers={"x-gateway-conversation": "13812345678"})
    gateway.http.post("/chat/completions", json=body | {"metadata": {"conversation_id": "13812345678"}})
    by_header, by_field = gateway.records(before + 2)[-2:]
    assert by_header.conversation is not None
    assert by_header.conversation == by_field.conversation
    assert places(gateway.settings.state_dir, "13812345678") == []
