"""The encrypted endpoint as a deployment in policy, before an unmodified OpenAI client: what policy demands is encrypted or not
answered, and whoever runs the server's machine sees neither what was typed nor what stands for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from openai import APIStatusError, OpenAI, Stream
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from gateway.audit.event import ExchangeRecord, Outcome
from gateway.fhe.model.client_part import ClientPart
from tests.fhe.wiretap import SECRET, FheProcess, Wiretap, found_in_memory
from tests.support.backend import ScriptedBackend, backend_in_thread
from tests.support.calls import closed_port
from tests.support.gateway import MODEL, RunningGateway, running_gateway

ADDRESS = "hildegard.brandt@example.org"
ASKED = f"Does {ADDRESS} like quillworts?"
SENT = "Does <EMAIL_ADDRESS_1> like quillworts?"
POLICY = """\
version: 1
deployments:
  clear: {{base_url: "{clear}"}}
  sealed: {{protocol: fhe, base_url: "fhe://127.0.0.1:{port}", client_file: client.gguf, api_key: {{file: secret}}, most_tokens: 9}}
models:
  {model}: {{deployments: [clear, sealed]}}
tenants:
  acme:
    models: [{model}]
    cache: {{share: principal, when: deterministic}}
    reply: {{restore: true}}
    rules:
      addresses-are-sealed:
        when: findings.EMAIL_ADDRESS > 0
        demand: {{route: {{kinds: [fhe]}}}}
    principals: {{app: {{}}, guest: {{limits: {{requests: 1/hour}}}}}}
"""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A gateway before a backend that reads clear text and a server that cannot."""

    gateway: RunningGateway
    clear: ScriptedBackend
    tap: Wiretap
    pid: int
    guest: str

    def client(self, key: str | None = None) -> OpenAI:
        return OpenAI(base_url=self.gateway.base_url, api_key=key or self.gateway.key, max_retries=0, timeout=60)


def _furnished(folder: Path, tiny_file: Path) -> Path:
    (folder / "client.gguf").write_bytes(tiny_file.with_name("client.gguf").read_bytes())
    (folder / "secret").write_text(SECRET, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def sealed(
    tiny_file: Path, tiny_part: ClientPart, sealed_process: FheProcess, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sealed]:
    """Serves the whole module. Keys are issued before the first request: the gateway looks for new ones once a second."""
    folder = _furnished(tmp_path_factory.mktemp("sealed"), tiny_file)
    with backend_in_thread() as clear:
        tap = Wiretap(sealed_process.port)
        with running_gateway(folder, _policy(clear.url, tap.port)) as gateway:
            yield Sealed(gateway, clear, tap, sealed_process.pid, gateway.issue("guest"))
        tap.close()


def _policy(clear: str, port: int) -> str:
    return POLICY.format(clear=clear, port=port, model=MODEL)


def _ask(client: OpenAI, content: str = ASKED, stop: str | None = None) -> ChatCompletion:
    return client.chat.completions.create(
        model=MODEL, messages=[{"role": "user", "content": content}], temperature=0, max_tokens=5, stop=stop
    )


def _stream(client: OpenAI) -> Stream[ChatCompletionChunk]:
    return client.chat.completions.create(
        model=MODEL, messages=[{"role": "user", "content": ASKED}], temperature=0, max_tokens=5, stream=True
    )


def test_what_policy_wants_sealed_is_generated_on_ciphertexts(sealed: Sealed) -> None:
    with sealed.client() as client:
        _ask(client, "Good morning")
        clear = len(sealed.clear.received)
        plain = _ask(client)
        streamed = "".join(chunk.choices[0].delta.content or "" for chunk in _stream(client) if chunk.choices)
    assert streamed == plain.choices[0].message.content
    assert plain.choices[0].finish_reason == "length"
    assert plain.usage is not None
    assert plain.usage.prompt_tokens == len(f"user\n{SENT}\nassistant\n") + 3, "a letter is a token, and so is a mark"
    assert len(sealed.tap.heard) > 1_000_000
    assert len(sealed.clear.received) == clear
    records = sealed.gateway.records(3)[-3:]
    assert [one.deployment for one in records] == ["clear", "sealed", "sealed"]
    assert [_tokens(one) for one in records[1:]] == [(plain.usage.prompt_tokens, 5)] * 2
    _check_that_nothing_was_read(sealed)


def test_the_cache_may_have_the_answer(sealed: Sealed) -> None:
    with sealed.client() as client:
        said = _ask(client).choices[0].message.content or ""
        first = _ask(client, stop=said[1])
        frames = len(sealed.tap.heard)
        again = _ask(client, stop=said[1])
    assert first.choices[0].finish_reason == "stop"
    assert again.choices[0].message.content == first.choices[0].message.content
    assert len(sealed.tap.heard) == frames
    *_, asked, cached = sealed.gateway.records(3)  # the last to end has been answered from memory
    assert (cached.cached_from, cached.deployment) == (asked.call_id, None)


def _tokens(record: ExchangeRecord) -> tuple[int | None, int | None]:
    return record.usage.input_tokens, record.usage.output_tokens


def _check_that_nothing_was_read(sealed: Sealed) -> None:
    words = (ADDRESS.encode(), b"hildegard", b"EMAIL_ADDRESS_1", b"quillworts")
    assert found_in_memory(sealed.pid, *words, SECRET.encode()) == {SECRET.encode()}, "the scan finds what is there"
    assert not [word for word in (*words, SECRET.encode()) if word in sealed.tap.heard]
    assert not [word for word in words if word in sealed.clear.wire_bytes]


def test_limits_hold(sealed: Sealed) -> None:
    with sealed.client(sealed.guest) as client:
        _ask(client, "Good morning")
        frames = len(sealed.tap.heard)
        with pytest.raises(APIStatusError) as refused:
            _ask(client)
    assert refused.value.status_code == 429
    assert len(sealed.tap.heard) == frames


def test_encrypted_or_not_at_all(tiny_file: Path, tiny_part: ClientPart, tmp_path: Path) -> None:
    """While the server is down, what has to be sealed goes nowhere, and the rest goes on."""
    folder = _furnished(tmp_path, tiny_file)
    with backend_in_thread() as clear, running_gateway(folder, _policy(clear.url, closed_port())) as gateway:
        with OpenAI(base_url=gateway.base_url, api_key=gateway.key, max_retries=0) as client:
            for ask in (_ask, _stream):
                with pytest.raises(APIStatusError) as refused:
                    ask(client)
                assert refused.value.status_code == 502
            assert clear.received == []
            _ask(client, "Good morning")
        *failed, well = gateway.records(3)
    assert {attempt.deployment for one in failed for attempt in one.attempts} == {"sealed"}
    assert [one.outcome for one in (*failed, well)] == [Outcome.FAILED, Outcome.FAILED, Outcome.COMPLETED]
    assert b"EMAIL_ADDRESS" not in clear.wire_bytes
