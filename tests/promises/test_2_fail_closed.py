"""Promise 2: what cannot do its work refuses with a typed error; nothing is forwarded unredacted, nothing raw is told."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Container, Iterator
from pathlib import Path

import httpx
import pytest

from gateway.detection.detect import Analyzer, PresidioDetector
from gateway.exchange import Finding
from tests.promises.conftest import TENANT
from tests.support.backend import ScriptedBackend, backend_in_thread
from tests.support.calls import closed_port
from tests.support.gateway import MODEL, RunningGateway, policy_text, real_analyzer, running_gateway
from tests.support.script import (
    Script,
    echo,
    error,
    error_event,
    hang_up,
    html,
    invalid_utf8,
    long_line,
    malformed_sse,
    plain,
    raw,
    silence,
    text,
)

SECRET = "alice@corp-example.org"


def assert_refused(answer: httpx.Response, status: int, code: str) -> None:
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert set(body["error"]) == {"message", "type", "param", "code"}
    assert body["error"]["code"] == code
    assert "alice" not in answer.text.lower()


# --- the recognizers ----------------------------------------------------------------------------------------------


class Raising:
    """A recognizer whose error quotes the text."""

    def analyze(self, text: str, **_: object) -> tuple[Finding, ...]:
        raise ValueError(f"cannot read {text}")


class Hanging:
    """A recognizer that does not come back until the test is over."""

    def __init__(self) -> None:
        self.released = threading.Event()

    def analyze(self, text: str, **_: object) -> tuple[Finding, ...]:
        self.released.wait(30)
        return ()


@pytest.mark.parametrize("stream", [False, True])
def test_a_tagger_that_raises(stream: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with backend_in_thread() as backend, running_gateway(tmp_path, policy_text(backend.url), analyzer=Raising) as gateway:
        assert_refused(gateway.chat(f"I am {SECRET}", stream=stream), 503, "detection_unavailable")
        assert [r.error_code for r in gateway.records(1)] == ["detection_unavailable"]
        assert backend.received == []
    assert SECRET not in caplog.text


def test_a_tagger_that_hangs(tmp_path: Path) -> None:
    hanging = Hanging()
    policy = policy_text("http://127.0.0.1:1/v1")
    try:
        with running_gateway(tmp_path, policy, analyzer=lambda: hanging, detection_timeout_s=0.2) as gateway:
            for _ in range(4):  # more than there are threads
                assert_refused(gateway.chat(f"I am {SECRET}"), 503, "detection_unavailable")
            assert gateway.http.get(gateway.base_url.replace("/v1", "/healthz")).status_code == 200
    finally:
        hanging.released.set()


def test_a_reply_that_cannot_be_screened_is_not_delivered(tmp_path: Path) -> None:
    """Recognizers work for the request and fail for the reply: what the policy wants screened does not go out unscreened."""

    class FailingLater:
        def __init__(self) -> None:
            self.calls = 0

        def analyze(self, text: str, **_: object) -> tuple[Finding, ...]:
            self.calls += 1
            if "answer" in text:
                raise ValueError(text)
            return ()

    tenant = "reply: {restore: true, entities: {default: mask}}"
    with (
        backend_in_thread() as backend,
        running_gateway(tmp_path, policy_text(backend.url, tenant=tenant), analyzer=FailingLater) as gateway,
    ):
        backend.reply_with(lambda request: text(request, f"answer: {SECRET}. More."))
        assert_refused(gateway.chat("hi"), 503, "detection_unavailable")
        streamed = gateway.chat("hi", stream=True)
        assert SECRET not in streamed.text
        assert "detection_unavailable" in streamed.text
        assert "[DONE]" not in streamed.text


# --- the policy ---------------------------------------------------------------------------------------------------


def wait_for(condition: Callable[[], bool], within_s: float = 10.0) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def test_a_policy_broken_at_reload_leaves_the_old_one_in_force(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with (
        backend_in_thread() as backend,
        running_gateway(tmp_path, policy_text(backend.url, tenant="reply: {restore: true}")) as gateway,
    ):

        def readiness() -> str:
            answer = httpx.get(gateway.base_url.replace("/v1", "/readyz"))
            assert answer.status_code == 200
            detail: str = answer.json()["checks"]["policy"]
            return detail

        good = gateway.settings.policy.read_text()
        gateway.settings.policy.write_text("version: 1\ntenants: {acme: {entities: {default: kep}}}\n")
        wait_for(lambda: "the file on disk is not" in readiness())
        assert gateway.say(f"I am {SECRET}") == f"I am {SECRET}"
        assert SECRET.encode() not in backend.wire_bytes
        assert any(r.levelno >= logging.ERROR and "policy" in r.getMessage() for r in caplog.records)
        gateway.settings.policy.unlink()
        assert gateway.say("still here") == "still here"
        gateway.settings.policy.write_text(good.replace("[test-model]", "[]"))
        wait_for(lambda: gateway.chat("now denied").status_code == 404)


# --- the record ---------------------------------------------------------------------------------------------------


def test_a_record_that_cannot_be_written(tmp_path: Path) -> None:
    """The file turns into a folder: a real failure of the disk, also as root."""
    with backend_in_thread() as backend, running_gateway(tmp_path, policy_text(backend.url)) as gateway:
        assert gateway.chat("works").status_code == 200
        gateway.records(1)
        backend.received.clear()
        for file in gateway.settings.state_dir.glob("audit.sqlite*"):
            file.unlink()
        gateway.settings.audit_path.mkdir()
        assert_refused(gateway.chat(f"I am {SECRET}"), 503, "audit_unavailable")
        assert_refused(gateway.chat(f"I am {SECRET}", stream=True), 503, "audit_unavailable")
        assert_refused(gateway.chat("hi", model="other"), 503, "audit_unavailable")
        assert backend.received == []
        ready = httpx.get(gateway.base_url.replace("/v1", "/readyz"))
        assert ready.status_code == 503
        gateway.settings.audit_path.rmdir()
        wait_for(lambda: gateway.chat("works again").status_code == 200)


# --- the backend --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tight(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningGateway, ScriptedBackend]]:
    """A gateway with short patience."""
    with backend_in_thread() as backend:
        policy = policy_text(backend.url, tenant=TENANT).replace(
            "first_byte_s: 3, between_bytes_s: 3", "first_byte_s: 1, between_bytes_s: 1"
        )
        with running_gateway(tmp_path_factory.mktemp("tight"), policy, max_body_bytes=200_000, body_timeout_s=1) as gateway:
            yield gateway, backend


REFUSALS: dict[str, tuple[Script, int, str]] = {
    "500": (error(500, SECRET), 502, "upstream_error"),
    "401, our own key is wrong": (error(401, SECRET), 502, "upstream_error"),
    "a page of a reverse proxy": (html(), 502, "upstream_error"),
    "200 that is not JSON": (raw(SECRET.encode(), "text/plain"), 502, "upstream_protocol_error"),
    "200 that is no object": (plain([SECRET]), 502, "upstream_protocol_error"),
    "silence": (silence(), 504, "upstream_timeout"),
    "hang-up": (hang_up(), 502, "upstream_unreachable"),
}


@pytest.mark.parametrize("fault", REFUSALS)
@pytest.mark.parametrize("stream", [False, True])
def test_a_backend_that_fails(fault: str, stream: bool, tight: tuple[RunningGateway, ScriptedBackend]) -> None:
    gateway, backend = tight
    script, status, code = REFUSALS[fault]
    backend.reply_with(script)
    answer = gateway.chat("hi", stream=stream)
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]["code"].startswith("upstream_")
    if not stream:
        assert answer.json()["error"]["code"] in (code, "upstream_truncated")
    assert SECRET not in answer.text


BROKEN_STREAMS: dict[str, tuple[Callable[..., Script], str]] = {
    "malformed SSE": (lambda request: malformed_sse(), "upstream_protocol_error"),
    "invalid UTF-8": (lambda request: invalid_utf8(), "upstream_protocol_error"),
    "a line of 10 MB": (lambda request: long_line(), "upstream_protocol_error"),
    "an error in the stream": (lambda request: error_event(SECRET), "upstream_error"),
    "cut off": (lambda request: text(request, "one two three", size=4).dropped_after(600), "upstream_truncated"),
    "ended too early": (lambda request: raw(text(request, "one two three", size=4).body[:600]), "upstream_truncated"),
    "stalled": (lambda request: text(request, "one two three", size=4).stalled_after(600), "upstream_timeout"),
    "JSON instead": (lambda request: plain({"choices": []}), "upstream_protocol_error"),
}


@pytest.mark.parametrize("fault", BROKEN_STREAMS)
def test_a_stream_that_breaks_says_so_and_does_not_end_well(fault: str, tight: tuple[RunningGateway, ScriptedBackend]) -> None:
    gateway, backend = tight
    script, code = BROKEN_STREAMS[fault]
    backend.reply_with(script)
    before = len(gateway.records())
    answer = gateway.chat(f"I am {SECRET}", stream=True)
    assert "[DONE]" not in answer.text
    last = answer.text.strip().splitlines()[-1].removeprefix("data: ")
    assert json.loads(last)["error"]["code"] == code
    assert gateway.records(before + 1)[-1].error_code == code


def test_no_backend_at_all(tmp_path: Path) -> None:
    with running_gateway(tmp_path, policy_text(f"http://127.0.0.1:{closed_port()}/v1")) as gateway:
        assert_refused(gateway.chat(f"I am {SECRET}"), 502, "upstream_unreachable")
        assert httpx.get(gateway.base_url.replace("/v1", "/readyz")).status_code == 503


# --- the client ---------------------------------------------------------------------------------------------------

BODIES: dict[str, tuple[bytes, int, str]] = {
    "too large": (json.dumps({"model": MODEL, "messages": [{"role": "user", "content": SECRET * 20_000}]}).encode(), 413, "payload_too_large"),
    "no JSON": (b'{"model": "alice@corp-example.org"', 400, "malformed_body"),
    "wrong types": (json.dumps({"model": 7, "messages": SECRET}).encode(), 400, "malformed_body"),
    "deeply nested": (b'{"model": "test-model", "messages": [{"role": "user", "content": "a"}], "x": ' + b"[" * 800 + b"]" * 800 + b"}", 400, "malformed_body"),
    "too deep for any parser": (b"[" * 100_000, 400, "malformed_body"),
    "invalid UTF-8": (b'{"model": "test-model", "messages": [{"role": "user", "content": "\xff\xfealice"}]}', 400, "malformed_body"),
    "empty": (b"", 400, "malformed_body"),
    "an image": (json.dumps({"model": MODEL, "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://a.example/alice.png"}}]}]}).encode(), 400, "uninspectable_content"),
    "token ids": (json.dumps({"model": MODEL, "messages": [{"role": "user", "content": "a"}], "prompt": [1, 2]}).encode(), 400, "uninspectable_content"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BODIES)
def test_a_body_that_cannot_be_taken(kind: str, tight: tuple[RunningGateway, ScriptedBackend]) -> None:
    gateway, backend = tight
    backend.reply_with(echo)
    backend.received.clear()
    body, status, code = BODIES[kind]
    before = len(gateway.records())
    assert_refused(gateway.http.post("/chat/completions", content=body), status, code)
    assert backend.received == []
    assert gateway.records(before + 1)[-1].error_code == code


def test_a_chunked_body_is_measured_as_it_comes(tight: tuple[RunningGateway, ScriptedBackend]) -> None:
    gateway, _ = tight
    chunks = (b" " * 50_000 for _ in range(8))
    assert_refused(gateway.http.post("/chat/completions", content=chunks), 413, "payload_too_large")


def test_a_client_that_sends_no_body_is_not_waited_for(tight: tuple[RunningGateway, ScriptedBackend]) -> None:
    gateway, _ = tight
    host, port = gateway.base_url.removeprefix("http://").removesuffix("/v1").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as client:
        head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {gateway.key}\r\ncontent-length: 99\r\n\r\n"
        client.sendall(head.encode() + b'{"model"')
        assert b"body_timeout" in client.recv(4096)


@pytest.mark.parametrize("credential", [None, "Bearer nope", "Basic YTpi", "Bearer pgw_aaaaaaaa_" + "x" * 43])
def test_a_stranger_is_refused_before_the_body_is_read(
    credential: str | None, tight: tuple[RunningGateway, ScriptedBackend]
) -> None:
    gateway, _ = tight
    headers = {"authorization": credential} if credential else {}
    answer = httpx.post(f"{gateway.base_url}/chat/completions", content=b"not JSON alice", headers=headers)
    assert_refused(answer, 401, "invalid_api_key")


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/chat/completions", 405), ("POST", "/nowhere/alice", 404)])
def test_what_is_not_served_has_openais_error_shape(
    method: str, path: str, status: int, tight: tuple[RunningGateway, ScriptedBackend]
) -> None:
    answer = tight[0].http.request(method, path)
    assert answer.status_code == status
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert "alice" not in answer.text


def test_hanging_up_cancels_the_upstream_call(tight: tuple[RunningGateway, ScriptedBackend]) -> None:
    gateway, backend = tight
    backend.reply_with(lambda request: text(request, "one two three four five six", size=3).slow(0.2))
    before, hung_up = len(gateway.records()), backend.disconnects
    body = {"model": MODEL, "stream": True, "messages": [{"role": "user", "content": "hi"}]}
    with gateway.http.stream("POST", "/chat/completions", json=body) as answer:
        next(answer.iter_lines())
    wait_for(lambda: backend.disconnects == hung_up + 1)
    assert gateway.records(before + 1)[-1].outcome == "aborted"


def test_hanging_up_before_the_answer_cancels_the_upstream_call(tight: tuple[RunningGateway, ScriptedBackend]) -> None:
    gateway, backend = tight
    backend.reply_with(lambda request: text(request, "late").slow_head(0.8))
    before, hung_up = len(gateway.records()), backend.disconnects
    with pytest.raises(httpx.ReadTimeout):
        gateway.http.post(
            "/chat/completions", json={"model": MODEL, "messages": [{"role": "user", "content": "hi"}]}, timeout=0.3
        )
    wait_for(lambda: backend.disconnects == hung_up + 1)
    assert gateway.records(before + 1)[-1].outcome == "aborted"


def test_the_real_recognizers_are_what_a_gateway_gets_by_default() -> None:
    analyzer: Analyzer = real_analyzer()
    assert isinstance(analyzer, PresidioDetector)
    assert analyzer.analyze(SECRET)


class Slow:
    """Takes its time over what it is told to; otherwise the real recognizers."""

    def __init__(self) -> None:
        self.looking = threading.Event()
        self.go_on = threading.Event()

    def analyze(self, text: str, *, kept: Container[str], check: Callable[[], None], **_: object) -> tuple[Finding, ...]:
        if "slowly" in text:
            self.looking.set()
            self.go_on.wait(10)
        return real_analyzer().analyze(text, kept=kept, check=check)


def test_a_reload_never_redirects_what_is_under_way(tmp_path: Path) -> None:
    """One policy keeps persons for its own backend; the next one points the same name at another machine."""
    slow = Slow()
    answers: list[httpx.Response] = []
    with backend_in_thread() as first, backend_in_thread() as second:
        policy = policy_text(first.url, tenant="entities: {PERSON: keep}")
        with running_gateway(tmp_path, policy, analyzer=lambda: slow) as gateway:
            asking = threading.Thread(target=lambda: answers.append(gateway.chat("slowly, Alice Johnson")))
            asking.start()
            assert slow.looking.wait(10)
            gateway.settings.policy.write_text(policy_text(second.url))
            wait_for(lambda: gateway.chat("hi").status_code == 200 and bool(second.received))
            second.received.clear()
            slow.go_on.set()
            asking.join(10)
        assert answers[0].status_code == 200
        assert b"Alice Johnson" in first.wire_bytes
        assert b"Alice" not in second.wire_bytes
