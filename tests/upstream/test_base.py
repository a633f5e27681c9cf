from __future__ import annotations

import pytest
from pydantic import SecretStr

from gateway.protocol.wire import Surface
from gateway.upstream.base import Deployment, Timeouts, UpstreamCall


@pytest.mark.parametrize("url", ["http://gpu-1:8000/v1", "https://models.example/v1/", "http://[::1]:8000/v1"])
def test_a_deployment_lies_at_a_plain_url(url: str) -> None:
    assert Deployment(id="a", base_url=url).base_url == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "gpu-1:8000",
        "ftp://gpu/v1",
        "http:///v1",
        "http://user:hunter2@gpu/v1",
        "http://gpu/v1?key=hunter2",
        "http://gpu/v1#hunter2",
        "http://gpu:port/v1",
        "http://[::1/v1",
        "http://gpu/v1\n",
    ],
)
def test_any_other_url_is_refused_unquoted(url: str) -> None:
    with pytest.raises(ValueError, match="base_url") as refusal:
        Deployment(id="a", base_url=url)
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize("key", ["", "hunter2\n", "hunter2\r\nX: 1", "hunter 2", "hünter2"])
def test_a_key_that_cannot_stand_in_a_header_is_refused_unquoted(key: str) -> None:
    with pytest.raises(ValueError, match="api_key") as refusal:
        Deployment(id="a", base_url="http://gpu/v1", api_key=SecretStr(key))
    assert "nter2" not in str(refusal.value)


@pytest.mark.parametrize("name", ["connect_s", "first_byte_s", "between_bytes_s", "total_s"])
def test_a_time_limit_is_above_zero(name: str) -> None:
    with pytest.raises(ValueError, match="time limit"):
        Timeouts(**{name: 0.0})


def test_neither_keys_nor_bodies_show_in_a_repr() -> None:
    deployment = Deployment(id="a", base_url="http://gpu/v1", api_key=SecretStr("hunter2"))
    call = UpstreamCall(surface=Surface.CHAT, body={"messages": "Alice"})
    assert "hunter2" not in repr(deployment)
    assert "Alice" not in repr(call)
