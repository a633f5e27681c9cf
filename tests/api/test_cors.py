"""Pages of other origins: those that a setting names may call `/v1`, by the rules that browsers keep (CORS)."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from pydantic import ValidationError

from gateway.audit.act_reader import read_acts
from gateway.settings import Settings
from tests.store.databases import sqlite_at
from tests.support.backend import ScriptedBackend, backend_in_thread
from tests.support.gateway import MODEL, RunningGateway, policy_text, running_gateway
from tests.support.script import echo

PAGE, OTHER = "https://app.example", "https://app.example.evil.example"
ALLOWED = "access-control-allow-origin"
PREFLIGHT = {"access-control-request-method": "POST", "access-control-request-headers": "authorization,x-stainless-lang"}


@pytest.fixture(scope="module")
def backend() -> Iterator[ScriptedBackend]:
    with backend_in_thread() as backend:
        backend.reply_with(lambda request: echo(request))
        yield backend


@pytest.fixture(scope="module")
def gateway(backend: ScriptedBackend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    folder, origins = tmp_path_factory.mktemp("cors"), f"{PAGE},http://localhost:3000"
    with running_gateway(folder, policy_text(backend.url), cors_origins=origins) as running:
        yield running


def asked(gateway: RunningGateway, path: str, origin: str = PAGE, **others: str) -> httpx.Response:
    """What a browser asks before it calls: with no key."""
    root = gateway.base_url.removesuffix("/v1")
    return httpx.options(f"{root}{path}", headers={"origin": origin, **PREFLIGHT, **others})


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/responses", "/v1/models", "/v1/files"])
@pytest.mark.parametrize("origin", [PAGE, "http://localhost:3000"])
def test_a_browser_is_told_that_it_may_call(gateway: RunningGateway, path: str, origin: str) -> None:
    told = asked(gateway, path, origin)
    assert (told.status_code, told.headers[ALLOWED]) == (200, origin)
    assert "POST" in told.headers["access-control-allow-methods"]
    assert told.headers["access-control-allow-headers"] == "authorization,x-stainless-lang"
    assert "access-control-allow-credentials" not in told.headers


@pytest.mark.parametrize(("origin", "status"), [(PAGE, 200), (OTHER, 400)])
def test_a_page_on_the_internet_may_call_into_a_private_network(gateway: RunningGateway, origin: str, status: int) -> None:
    private = "access-control-{}-private-network"
    told = asked(gateway, "/v1/chat/completions", origin, **{private.format("request"): "true"})
    assert (told.status_code, ALLOWED in told.headers) == (status, status == 200)
    assert status != 200 or told.headers[private.format("allow")] == "true"


@pytest.mark.parametrize("origin", [OTHER, "null", "https://app.example:8443", "http://app.example", "https://sub.app.example"])
def test_pages_of_another_origin_are_told_nothing(gateway: RunningGateway, origin: str) -> None:
    told = asked(gateway, "/v1/chat/completions", origin)
    assert (told.status_code, ALLOWED in told.headers) == (400, False)
    answer = gateway.http.get("/models", headers={"origin": origin})
    assert ALLOWED not in answer.headers


@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_may_be_read_by_the_page(gateway: RunningGateway, stream: bool) -> None:
    body = {"model": MODEL, "stream": stream, "messages": [{"role": "user", "content": "Hello"}]}
    answer = gateway.http.post("/chat/completions", json=body, headers={"origin": PAGE})
    assert (answer.status_code, answer.headers[ALLOWED], answer.headers["vary"]) == (200, PAGE, "Origin")
    assert answer.headers["access-control-expose-headers"] == "*"
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize(
    ("method", "path", "status"), [("POST", "chat/completions", 401), ("GET", "models", 401), ("GET", "nowhere", 404)]
)
def test_so_may_a_refusal(gateway: RunningGateway, method: str, path: str, status: int) -> None:
    refused = httpx.request(method, f"{gateway.base_url}/{path}", headers={"origin": PAGE}, content=b"{}")
    assert (refused.status_code, refused.headers[ALLOWED]) == (status, PAGE)


def test_what_a_browser_asks_beforehand_is_not_on_the_record(gateway: RunningGateway, backend: ScriptedBackend) -> None:
    def noted() -> tuple[int, int, int]:
        acts = read_acts(sqlite_at(gateway.settings.audit_path), limit=1_000)
        return len(gateway.records()), len(acts), len(backend.received)

    gateway.chat("Hello")
    gateway.records(1)
    before = noted()
    for _ in range(20):
        asked(gateway, "/v1/chat/completions")
        asked(gateway, "/v1/chat/completions", OTHER)
    assert noted() == before


@pytest.mark.parametrize("path", ["/explorer", "/explorer/exchanges", "/admin/keys", "/healthz", "/openapi.json", "/v1"])
def test_nothing_else_is_opened(gateway: RunningGateway, path: str) -> None:
    root = gateway.base_url.removesuffix("/v1")
    for method in ("OPTIONS", "GET", "POST"):
        answer = httpx.request(method, f"{root}{path}", headers={"origin": PAGE, **PREFLIGHT})
        assert not [name for name in answer.headers if name.startswith("access-control-")], method


def test_without_the_setting_no_page_may_call(backend: ScriptedBackend, tmp_path_factory: pytest.TempPathFactory) -> None:
    with running_gateway(tmp_path_factory.mktemp("closed"), policy_text(backend.url)) as closed:
        told = asked(closed, "/v1/chat/completions")
        assert (told.status_code, ALLOWED in told.headers) == (405, False)
        assert ALLOWED not in closed.http.get("/models", headers={"origin": PAGE}).headers


@pytest.mark.parametrize(
    "bad", ["*", "null", "https://*.example", "app.example", "https://app.example/", "https://App.example", "https://a.b,", " "]
)
def test_origins_are_exact(bad: str) -> None:
    with pytest.raises(ValidationError):
        Settings(cors_origins=bad)


@pytest.mark.parametrize(
    "good", ["https://app.example", "http://[::1]:5173", "chrome-extension://abcdef", "http://a,http://b:1"]
)
def test_an_origin_is_what_a_browser_writes(good: str) -> None:
    assert Settings(cors_origins=good).cors_origins == good
