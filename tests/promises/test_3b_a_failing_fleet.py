"""Promise 3, with deployments that fail: while one is left that is well, no client sees an error. Promise 2: none is asked that
policy forbids, however well it is. Promise 6: every attempt is on the record.
"""

from __future__ import annotations

import asyncio
import json
import random
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from gateway.audit.event import ExchangeRecord, Outcome
from tests.support import script
from tests.support.backend import ScriptedBackend, backend_in_thread
from tests.support.calls import closed_port
from tests.support.expired_tls import expired_tls_server
from tests.support.gateway import MODEL, RunningGateway, running_gateway
from tests.support.script import Request, Script, echo

FAULTS: dict[str, Callable[[Request], Script]] = {
    "500": lambda _: script.error(500),
    "503": lambda _: script.error(503).with_header("Retry-After", "0"),
    "429": lambda _: script.error(429).with_header("Retry-After", "0"),
    "401": lambda _: script.error(401),
    "404": lambda _: script.error(404),
    "hangs": lambda _: script.silence(),
    "hangs up": lambda _: script.hang_up(),
    "drips too late": lambda request: script.text(request, "too late").slow_head(5),
    "an HTML page": lambda _: script.html(200),
    "no JSON": lambda request: script.raw(b"oops", "text/event-stream" if request.stream else "application/json"),
    "cut before its first event": lambda request: script.text(request, "cut").dropped_after(5),
}
TIMES = "{connect_s: 1, first_byte_s: 0.4, between_bytes_s: 2, total_s: 10}"
PATIENT = "{connect_s: 5, first_byte_s: 9, between_bytes_s: 9, total_s: 30}"  # a busy machine does not make it ill
PERSON = "alice@example.org"


@dataclass(frozen=True)
class Fleet:
    """A gateway before a backend that is `well`, some that are `ill`, and one that policy forbids."""

    gateway: RunningGateway
    well: ScriptedBackend
    ill: ScriptedBackend
    forbidden: ScriptedBackend

    def ask(self, *, stream: bool = False) -> httpx.Response:
        return self.gateway.chat(f"Write to {PERSON}.", stream=stream)

    def last(self, asked: int) -> ExchangeRecord:
        return self.gateway.records(asked)[-1]


def policy_of(well: str, ill: dict[str, str], forbidden: str, *, tiers: str, routing: str = "", tls: str = "") -> str:
    ways = {name: (url, f"{TIMES}{tls}") for name, url in ill.items()} | {"well": (well, PATIENT)}
    deployments = "".join(
        f'  {name}: {{base_url: "{url}", region: eu, timeouts: {times}}}\n' for name, (url, times) in ways.items()
    )
    return f"""\
version: 1
deployments:
{deployments}  forbidden: {{base_url: "{forbidden}", region: us}}
models:
  {MODEL}: {{deployments: {tiers}, routing: {{retries: 8{routing}}}}}
tenants:
  acme:
    models: [{MODEL}]
    route: {{regions: [eu]}}
    entities: {{default: placeholder}}
    reply: {{restore: true}}
    principals: {{app: {{}}}}
"""


@contextmanager
def fleet(folder: Path, tiers: str = "[ill, well, forbidden]", routing: str = "") -> Iterator[Fleet]:
    with backend_in_thread() as well, backend_in_thread() as ill, backend_in_thread() as forbidden:
        policy = policy_of(well.url, {"ill": ill.url}, forbidden.url, tiers=tiers, routing=routing)
        with running_gateway(folder, policy) as gateway:
            yield Fleet(gateway, well, ill, forbidden)


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
def test_whatever_is_wrong_with_one_another_answers(tmp_path: Path, *, stream: bool) -> None:
    with fleet(tmp_path) as running:
        for asked, (name, fault) in enumerate(FAULTS.items(), 1):
            running.ill.reply_with(fault)
            answer = running.ask(stream=stream)
            assert (name, answer.status_code) == (name, 200)
            assert _text(answer, stream=stream) == f"Write to {PERSON}."
            running.ill.reply_with(echo)  # and be well again, or its breaker would spare it the next fault
            assert {running.ask().status_code for _ in range(2)} == {200}
            record = running.gateway.records(3 * asked)[-3]
            assert (record.outcome, record.deployment) == (Outcome.COMPLETED, "well")
            assert [attempt.deployment for attempt in record.attempts] == ["ill", "well"]
        assert b"alice@example.org" not in running.well.wire_bytes + running.ill.wire_bytes
        assert running.forbidden.connections == 0


@contextmanager
def half_open() -> Iterator[tuple[str, str]]:
    """A socket that takes connections and has nobody behind it, as after a machine has frozen."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as frozen:
        yield f"http://127.0.0.1:{frozen.getsockname()[1]}/v1", ""


@contextmanager
def gone() -> Iterator[tuple[str, str]]:
    yield f"http://127.0.0.1:{closed_port()}/v1", ""


@contextmanager
def unnamed() -> Iterator[tuple[str, str]]:
    yield "http://no-such-host.invalid:8000/v1", ""  # RFC 6761, 6.4: never resolves


@contextmanager
def expired() -> Iterator[tuple[str, str]]:
    with expired_tls_server() as (url, authority):
        yield url, f', tls: {{ca_file: "{authority}"}}'


@pytest.mark.parametrize("ill", [half_open, gone, unnamed, expired], ids=lambda make: make.__name__)
def test_who_cannot_be_reached_is_passed_by(tmp_path: Path, ill: Callable[[], AbstractContextManager[tuple[str, str]]]) -> None:
    with ExitStack() as stack:
        well, forbidden = stack.enter_context(backend_in_thread()), stack.enter_context(backend_in_thread())
        url, tls = stack.enter_context(ill())
        policy = policy_of(well.url, {"ill": url}, forbidden.url, tiers="[ill, forbidden, well]", tls=tls)
        gateway = stack.enter_context(running_gateway(tmp_path, policy))
        for _ in range(8):
            assert gateway.say("hello") == "hello"
        attempts = [tuple(attempt.deployment for attempt in record.attempts) for record in gateway.records(8)]
        assert attempts[0] == ("ill", "well")
        assert attempts[-1] == ("well",)  # the breaker has opened
        assert forbidden.connections == 0


def test_where_all_that_are_allowed_fail_the_forbidden_one_still_gets_nothing(tmp_path: Path) -> None:
    with fleet(tmp_path) as running:
        running.ill.reply_with(script.error(500))
        running.well.reply_with(script.error(503).with_header("Retry-After", "7"))
        answer = running.ask()
        assert (answer.status_code, answer.headers["retry-after"]) == (502, "7")
        assert answer.json()["error"]["code"] == "upstream_error"
        record = running.last(1)
        assert [(attempt.deployment, attempt.result) for attempt in record.attempts] == [
            ("ill", "upstream_error"),
            ("well", "upstream_error"),
        ]
        assert record.outcome is Outcome.FAILED
        assert running.forbidden.connections == 0


def test_a_stream_that_breaks_is_not_begun_again(tmp_path: Path) -> None:
    """The client has read what it has read: it is told, in an event, and the record says so."""
    with fleet(tmp_path) as running:
        running.ill.reply_with(lambda request: script.text(request, "one two three four").dropped_after(300))
        answer = running.ask(stream=True)
        assert answer.status_code == 200
        events = [line for line in answer.text.splitlines() if line]
        assert '"code":"upstream_truncated"' in events[-1]
        assert "data: [DONE]" not in events
        record = running.last(1)
        assert (record.outcome, record.error_code, record.deployment) == (Outcome.TRUNCATED, "upstream_truncated", "ill")
        assert running.well.received == []


def test_a_slow_one_is_hedged_where_policy_says_so(tmp_path: Path) -> None:
    with fleet(tmp_path, routing=", hedge_after_s: 0.05") as running:
        running.ill.reply_with(lambda request: script.text(request, "late").slow_head(2))
        assert running.ask().status_code == 200
        record = running.last(1)
        assert [(attempt.deployment, attempt.result) for attempt in record.attempts] == [
            ("ill", "abandoned"),
            ("well", "answered"),
        ]
        asyncio.run(running.ill.saw_disconnect())


def test_when_all_are_full_requests_wait_and_then_are_refused(tmp_path: Path) -> None:
    with backend_in_thread() as backend:
        policy = f"""\
version: 1
deployments: {{one: {{base_url: "{backend.url}", concurrent: 1}}}}
models: {{{MODEL}: {{deployments: [one], routing: {{queue_s: 0.3}}}}}}
tenants: {{acme: {{models: [{MODEL}], principals: {{app: {{}}}}}}}}
"""
        with running_gateway(tmp_path, policy) as gateway:
            backend.reply_with(lambda request: script.text(request, "one two three four five six").stalled_after(500))
            with gateway.http.stream("POST", "/chat/completions", json=_asking(stream=True)) as held:
                lines = held.iter_lines()
                next(lines)
                refused = gateway.chat("hello")
            assert (refused.status_code, refused.json()["error"]["code"]) == (503, "overloaded")
            assert refused.headers["retry-after"] == "1"
            backend.reply_with(echo)
            assert gateway.say("again") == "again"


def _asking(*, stream: bool) -> dict[str, object]:
    return {"model": MODEL, "messages": [{"role": "user", "content": f"Write to {PERSON}."}], "stream": stream}


def _text(answer: httpx.Response, *, stream: bool) -> str:
    """What the model said, put together."""
    if answer.status_code != 200:
        return answer.text
    if not stream:
        return str(answer.json()["choices"][0]["message"]["content"])
    events = [line.removeprefix("data: ") for line in answer.text.splitlines() if line.startswith("data: {")]
    return "".join(choice["delta"].get("content") or "" for event in events for choice in json.loads(event)["choices"])


@pytest.mark.parametrize("seed", [1, 2])
def test_faults_that_come_and_go_reach_no_client(tmp_path: Path, seed: int) -> None:
    """Clients ask all the time, and all deployments but one are well and ill by turns."""
    with ExitStack() as stack:
        well, forbidden, *ill = (stack.enter_context(backend_in_thread()) for _ in range(4))
        urls = {f"gpu-{number}": gpu.url for number, gpu in enumerate(ill)}
        policy = policy_of(well.url, urls, forbidden.url, tiers="[[gpu-0, gpu-1], [well, forbidden]]")
        gateway = stack.enter_context(running_gateway(tmp_path, policy))
        said = asyncio.run(_chaos(gateway, ill, random.Random(seed)))
        assert set(said) == {(200, f"Write to {PERSON}.")}
        records = gateway.records(len(said))
        assert [record.outcome for record in records] == [Outcome.COMPLETED] * len(said)
        assert sum(len(record.attempts) > 1 for record in records) >= 5
        assert forbidden.connections == 0
        assert all(b"alice@example.org" not in gpu.wire_bytes for gpu in (well, *ill))


async def _chaos(gateway: RunningGateway, ill: list[ScriptedBackend], chance: random.Random) -> list[tuple[int, str]]:
    over, said = asyncio.Event(), list[tuple[int, str]]()

    async def client(http: httpx.AsyncClient, *, stream: bool) -> None:
        while not over.is_set():
            answer = await http.post("/chat/completions", json=_asking(stream=stream))
            said.append((answer.status_code, _text(answer, stream=stream)))

    headers = {"authorization": f"Bearer {gateway.key}"}
    async with httpx.AsyncClient(base_url=gateway.base_url, headers=headers, timeout=30) as http:
        clients = [asyncio.create_task(client(http, stream=number % 2 == 0)) for number in range(4)]
        for _ in range(8):
            for gpu in ill:
                gpu.reply_with(chance.choice([echo, *FAULTS.values()]))
            await asyncio.sleep(0.4)
        over.set()
        await asyncio.gather(*clients)
    return said
