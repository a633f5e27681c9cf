"""What a serving process says on stderr quotes no exception, and no message of a library that may quote values."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path

import pytest

from gateway.cli.serve.diagnostics import DiscreetFormatter
from tests.support.backend import backend_in_thread
from tests.support.gateway import MODEL, policy_text
from tests.support.process import gateway_process

SECRET = "alice@example.com"
BODY = {"model": MODEL, "messages": [{"role": "user", "content": "hello"}]}


def told(name: str, message: str, *args: object, error: BaseException | None = None) -> str:
    fault = None if error is None else (type(error), error, error.__traceback__)
    record = logging.LogRecord(name, logging.ERROR, "/x/base_events.py", 7, message, args, fault)
    record.created = 0.0
    return DiscreetFormatter().format(record)


@pytest.mark.parametrize("name", ["gateway.policy.source", "uvicorn.error", "opentelemetry.sdk._shared_internal"])
def test_a_message_of_ours(name: str) -> None:
    assert told(name, "port %d is taken", 80) == f"1970-01-01T00:00:00Z ERROR {name}: port 80 is taken"


def test_a_message_stays_on_its_line() -> None:
    assert told("gateway", "a\nb\x1b[2J") == "1970-01-01T00:00:00Z ERROR gateway: a\\nb\\x1b[2J"


def test_an_exception_is_named_and_placed() -> None:
    try:
        raise ValueError(SECRET)
    except ValueError as error:
        line = told("gateway", "it failed", error=error)
        assert line.endswith(f"it failed (ValueError at test_diagnostics.py:{sys.exc_info()[2].tb_lineno})")  # type: ignore[union-attr]
    assert told("gateway", "it failed", error=ValueError(SECRET)).endswith("it failed (ValueError)")


@pytest.mark.parametrize("name", ["asyncio", "aiohttp.client", "gatewayish", "root"])
def test_what_others_say_is_only_placed(name: str) -> None:
    line = told(name, f"Task exception was never retrieved: {SECRET}", error=ValueError(SECRET))
    assert line == f"1970-01-01T00:00:00Z ERROR {name}: a message that may quote values, from base_events.py:7 (ValueError)"


def test_a_served_gateway_logs_calls_on_stdout_and_says_nothing_else(tmp_path: Path) -> None:
    """The access log works where a pipe is stdout, and uvicorn's, with paths and queries as they came, is off."""
    environ = {"GATEWAY_ACCESS_LOG": "stdout", "GATEWAY_ACCESS_LOG_PEER": "true"}
    with (
        (tmp_path / "stdout").open("wb") as out,
        backend_in_thread() as backend,
        gateway_process(tmp_path, policy_text(backend.url), environ, stdout=out) as gateway,
    ):
        asked = gateway.http.post(f"/chat/completions?mail={SECRET}", json=BODY)
        gateway.http.get(f"/{SECRET}")
        gateway.process.terminate()
        assert gateway.process.wait(30) == 0
    lines = [json.loads(line) for line in (tmp_path / "stdout").read_text().splitlines()]
    (call,) = (line for line in lines if line.get("surface"))
    assert (call["call_id"], call["client_address"]) == (asked.headers["x-request-id"], "127.0.0.1")
    assert 404 in [line["http_response_status_code"] for line in lines if "http_route" not in line]
    assert SECRET not in repr(lines)
