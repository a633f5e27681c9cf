"""A client that stops reading frees the backend, and one that reads slowly does not lose its answer."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import orjson

from gateway.audit.event import Outcome
from tests.support.backend import backend_in_thread
from tests.support.gateway import MODEL, policy_text, running_gateway
from tests.support.script import text

BODY = orjson.dumps({"model": MODEL, "messages": [{"role": "user", "content": "much"}], "stream": True})
LONG = "word " * 600_000


def test_a_client_that_reads_nothing_is_let_go(tmp_path: Path) -> None:
    with backend_in_thread() as backend:
        backend.reply_with(lambda request: text(request, LONG, size=8_192))
        patient = policy_text(backend.url).replace("first_byte_s: 3", "first_byte_s: 30").replace("total_s: 20", "total_s: 60")
        with running_gateway(tmp_path, patient, stalled_client_s=0.5) as gateway:
            port = int(gateway.base_url.split(":")[2].split("/")[0])
            with socket.socket() as client:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                client.connect(("127.0.0.1", port))
                head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {gateway.key}\r\n"
                client.sendall(head.encode() + b"content-length: %d\r\n\r\n" % len(BODY) + BODY)
                deadline = time.monotonic() + 30
                while not (ended := [one for one in gateway.records() if one.outcome is not Outcome.INCOMPLETE]):
                    assert time.monotonic() < deadline, "the client holds its backend for ever"
                    time.sleep(0.1)
            assert [one.outcome for one in ended] == [Outcome.ABORTED]


def test_a_client_that_reads_on_is_left_alone(tmp_path: Path) -> None:
    """Its answer takes longer than a client may stop: that the backend is slow is not the client's fault."""
    with backend_in_thread() as backend:
        backend.reply_with(lambda request: text(request, "one two three four").slow(0.2))
        with running_gateway(tmp_path, policy_text(backend.url), stalled_client_s=0.3) as gateway:
            answer = gateway.chat("count", stream=True)
            assert "data: [DONE]" in answer.text
            (record,) = gateway.records(1)
            assert record.outcome is Outcome.COMPLETED
