from __future__ import annotations

import asyncio

import pytest
from starlette.requests import Request

from gateway.api.admin.refusals import Forbidden
from gateway.errors import BodyTimeout, MalformedBody, PayloadTooLarge
from gateway.explorer.forms import FormTokens, came_by_https, read_form, require_own_page
from gateway.explorer.visit import own_path
from gateway.identity.pepper import Pepper

TOKENS = FormTokens(Pepper(b"p" * 32))


def request(headers: dict[str, str], body: bytes = b"", scheme: str = "http") -> Request:
    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "headers": raw,
        "scheme": scheme,
        "server": ("gw", 80),
        "query_string": b"",
    }
    return Request(scope, receive)


async def test_a_form_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def receive() -> dict[str, object]:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr("gateway.explorer.forms._TIMEOUT_S", 0.01)
    with pytest.raises(BodyTimeout, match="did not arrive"):
        await read_form(Request(request({}).scope, receive))


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "same-origin", "host": "gw.example"},
        {"host": "gw.example", "origin": "https://gw.example"},
        {"host": "gw.example:8080", "origin": "http://gw.example:8080"},
    ],
)
def test_a_form_from_a_page_of_ours_is_taken(headers: dict[str, str]) -> None:
    require_own_page(request(headers))


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site", "host": "gw.example", "origin": "https://gw.example"},
        {"sec-fetch-site": "same-site", "host": "gw.example"},
        {"sec-fetch-site": "none", "host": "gw.example"},
        {"host": "gw.example", "origin": "https://evil.example"},
        {"host": "gw.example", "origin": "https://gw.example.evil.example"},
        {"host": "gw.example", "origin": "null"},
        {"host": "gw.example"},
    ],
)
def test_a_form_from_anywhere_else_is_not(headers: dict[str, str]) -> None:
    with pytest.raises(Forbidden):
        require_own_page(request(headers))


def test_the_browser_says_whether_it_speaks_https() -> None:
    assert came_by_https(request({"origin": "https://gw.example"}))
    assert came_by_https(request({}, scheme="https"))
    assert not came_by_https(request({"origin": "http://gw.example"}))


def test_a_form_belongs_to_a_session() -> None:
    TOKENS.require("one", TOKENS.of("one"))
    for given in (TOKENS.of("two"), "", "ü", TOKENS.of("one")[:-1]):
        with pytest.raises(Forbidden):
            TOKENS.require("one", given)


async def test_fields_are_read() -> None:
    assert await read_form(request({}, b"a=1&b=%E5%BC%A0&c=")) == {"a": "1", "b": "张", "c": ""}


@pytest.mark.parametrize(
    ("body", "error"),
    [(b"a=" + b"x" * 70_000, PayloadTooLarge), (b"\xff", MalformedBody), (b"&".join([b"a=1"] * 60), MalformedBody)],
)
async def test_a_form_is_bounded(body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        await read_form(request({}, body))


@pytest.mark.parametrize("path", ["/explorer/", "/explorer/exchanges/call-1?at=b3", "/explorer/acts?kind=keys"])
def test_a_page_of_ours_is_come_back_to(path: str) -> None:
    assert own_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "https://evil.example/",
        "//evil.example/",
        "/explorer//evil.example",
        "/explorer/\\evil.example",
        "/v1/models",
        "/explorer/\nx",
        "/explorer/exchanges/张",
        "javascript:alert(1)",
    ],
)
def test_nobody_is_led_anywhere_else(path: str) -> None:
    assert own_path(path) == "/explorer/"
