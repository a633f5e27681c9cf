"""An unmodified OpenAI client against a sidecar: it answers as the model does, and the gateway knows that it did, not what."""

from __future__ import annotations

import time
from collections.abc import Generator as Generated
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from openai import APIError, APIStatusError, OpenAI
from openai.types.chat import ChatCompletion

from gateway.audit.event import Outcome
from gateway.fhe.client.connection import Connection
from gateway.fhe.client.generate import Generator, Step, Wish
from gateway.identity.key_store import KeyStore
from gateway.identity.virtual_keys import key_id_of
from tests.explorer.bank import bank_of
from tests.fhe.conftest import part_of
from tests.fhe.sidecar.conftest import Ward, sidecar
from tests.fhe.tiny import write_tiny_model
from tests.support.backend import backend_in_thread
from tests.support.gateway import MODEL

ADDRESS = "hildegard.brandt@example.org"
ASKED = f"Does {ADDRESS} like quillworts?"
SENT = "Does <EMAIL_ADDRESS_1> like quillworts?"


def ask(client: OpenAI, content: str = ASKED, model: str = MODEL, most: int = 5) -> ChatCompletion:
    return client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": content}], temperature=0, max_tokens=most
    )


def stream_of(client: OpenAI, most: int = 5) -> Generated[str, None, None]:
    """The pieces of an answer; hangs up when it is closed."""
    with client.chat.completions.create(
        model=MODEL, messages=[{"role": "user", "content": ASKED}], temperature=0, max_tokens=most, stream=True
    ) as chunks:
        for chunk in chunks:
            yield chunk.choices[0].delta.content or ""


def test_plain_and_streamed(ward: Ward) -> None:
    with sidecar(ward.home) as client:
        plain = ask(client)
        assert "".join(stream_of(client)) == plain.choices[0].message.content
        assert MODEL in [one.id for one in client.models.list()]
    assert plain.usage is not None
    prompt = len(f"user\n{SENT}\nassistant\n") + 3
    assert plain.usage.prompt_tokens == prompt, "a letter is a token, and so is a mark: the address stayed at home"
    for record in ward.gateway.records(2)[-2:]:
        assert record.outcome is Outcome.COMPLETED
        assert (record.usage.input_tokens, record.usage.output_tokens) == (prompt, 5)
        assert record.deployment == "sealed"
        assert [one.result for one in record.attempts] == ["upstream_unreachable", "answered"]
        passed = record.relayed
        assert passed is not None
        assert (passed.degree, passed.modulus_bits) == (2048, 54)
        assert passed.frames_up == passed.frames_down
        assert min(passed.bytes_up, passed.bytes_down) > 100_000


def test_two_sidecars_do_not_mix(ward: Ward) -> None:
    """Their frames pass through the same gateway to the same server, at the same time."""
    questions = ["What grows in a rock pool?", "Who built the harbour wall?"]
    with sidecar(ward.home) as one, sidecar(ward.home) as other, ThreadPoolExecutor(2) as pool:
        alone = [ask(one, question, most=3).choices[0].message.content for question in questions]
        assert alone[0] != alone[1]
        together = pool.map(lambda client, question: ask(client, question, most=3), (other, one), questions)
        assert [answer.choices[0].message.content for answer in together] == alone


def test_another_model_is_noticed_before_anything_is_encrypted(ward: Ward, tmp_path: Path) -> None:
    other = Generator(part_of(write_tiny_model(tmp_path / "other.gguf", seed=1), tmp_path / "other-client.gguf"))
    with sidecar(ward.home, generator=other) as client, pytest.raises(APIStatusError) as refused:
        ask(client)
    assert refused.value.status_code == 502
    assert "another model" in str(refused.value)
    record = ward.gateway.records()[-1]
    assert record.outcome is Outcome.ABORTED
    assert record.relayed is None or record.relayed.frames_up <= 1


@pytest.mark.parametrize(
    ("changes", "model", "status", "says"),
    [
        ({"key": "pgw_nobody"}, MODEL, 401, "key"),
        ({}, "unheard-of", 404, "does not exist"),
        ({}, "other", 403, "only its caller can read"),
        ({"most_tokens": 100}, MODEL, 400, "1 to 99 tokens"),
        ({"gateway": "http://127.0.0.1:1/v1"}, MODEL, 502, "gateway cannot be reached"),
    ],
)
def test_what_the_gateway_refuses_its_caller_reads(
    changes: dict[str, Any], model: str, status: int, says: str, ward: Ward
) -> None:
    with sidecar(ward.home, **changes) as client, pytest.raises(APIStatusError) as refused:
        ask(client, model=model, most=100)
    assert refused.value.status_code == status
    assert says in str(refused.value)


def test_limits_and_purposes_hold(ward: Ward) -> None:
    guest, nurse = ward.gateway.issue("guest"), ward.gateway.issue("nurse")
    with sidecar(ward.home, key=guest) as client:
        ask(client, most=1)
        with pytest.raises(APIStatusError) as refused:
            ask(client, most=1)
    assert refused.value.status_code == 429
    with (
        sidecar(ward.home, key=nurse, stated={"x-gateway-purpose": "gossip"}) as client,
        pytest.raises(APIStatusError) as denied,
    ):
        ask(client, most=1)
    assert denied.value.status_code == 403
    with sidecar(ward.home, key=nurse, stated={"x-gateway-purpose": "care"}) as client:
        ask(client, most=1)
    asked = ward.gateway.records(1)[-1].asked
    assert asked is not None
    assert asked.purpose == "care"


def test_a_key_that_is_revoked_ends_the_answer(ward: Ward) -> None:
    key = ward.gateway.issue("leaver")
    with sidecar(ward.home, key=key, generator=_slow(ward.home.generator)) as client:
        pieces = stream_of(client, most=99)
        next(pieces)
        KeyStore(ward.gateway.settings.keys_path).revoke(key_id_of(key) or "", datetime.now(UTC))
        with pytest.raises(APIError):
            list(pieces)
    deadline = time.monotonic() + 10
    while (record := ward.gateway.records()[-1]).outcome is Outcome.INCOMPLETE:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert (record.outcome, record.error_code) == (Outcome.DENIED, "invalid_api_key")


def _slow(generator: Generator) -> Generator:
    """It thinks for a moment before each token."""

    class Slow(Generator):
        def steps(self, wish: Wish, connection: Connection) -> Iterator[Step]:
            for step in generator.steps(wish, connection):
                time.sleep(0.03)
                yield step

    slow = object.__new__(Slow)
    slow.__dict__.update(generator.__dict__)
    return slow


def test_who_stops_reading_stops_the_server(ward: Ward) -> None:
    with sidecar(ward.home) as client:
        chunks = stream_of(client, most=90)
        for _ in range(3):
            next(chunks)
        chunks.close()
        deadline = time.monotonic() + 10
        while ward.server.open:
            assert time.monotonic() < deadline
            time.sleep(0.02)
    assert ward.gateway.records(1)[-1].outcome is Outcome.ABORTED


def test_a_web_page_cannot_make_its_visitor_ask(ward: Ward) -> None:
    """It can name this machine as it likes (DNS rebinding), and a browser then says that name; or send it a form."""
    with sidecar(ward.home) as client:
        address = str(client.base_url)
        assert httpx.get(f"{address}models").status_code == 200
        assert httpx.get(f"{address}models", headers={"host": "evil.example.org"}).status_code == 400
        own = address.removesuffix("/v1/")
        for origin, status in ((own, 200), ("https://evil.example.org", 403), ("null", 403), ("http://localhost:3000", 403)):
            assert httpx.get(f"{address}models", headers={"origin": origin}).status_code == status


def test_the_explorer_says_that_nobody_can_read_it(ward: Ward) -> None:
    with sidecar(ward.home) as client:
        ask(client, most=1)
    record = ward.gateway.records(1)[-1]
    assert record.relayed is not None
    with backend_in_thread() as none, bank_of(ward.gateway, none, callers={}, people=("auditor",)) as bank:
        browser = bank.browse("auditor")
        page = browser.get(f"/exchanges/{record.call_id}").text
        chinese = browser.get(f"/exchanges/{record.call_id}", headers={"accept-language": "zh-CN"}).text
    frames = f"{record.relayed.frames_up} →"
    for words in (
        "ciphertext only",
        "modulus of 54 bits",
        frames,
        record.relayed.model[:20],
        "counted here",
        "nobody here can read",
    ):
        assert words in page
    for words in ("仅密文", "模数 54 位", "转发密文"):
        assert words in chinese
