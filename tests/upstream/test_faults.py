from __future__ import annotations

import ssl
from unittest.mock import Mock

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey

from gateway.errors import UpstreamError, UpstreamProtocolError, UpstreamTimeout, UpstreamTruncated, UpstreamUnreachable
from gateway.upstream.faults import typed

KEY = ConnectionKey("hunter2", 1, False, True, None, None, None, None)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (aiohttp.ConnectionTimeoutError("hunter2"), UpstreamUnreachable),
        (aiohttp.ClientConnectorError(KEY, OSError(111, "hunter2")), UpstreamUnreachable),
        (aiohttp.ClientConnectorDNSError(KEY, OSError(-2, "hunter2")), UpstreamUnreachable),
        (aiohttp.ClientConnectorSSLError(KEY, ssl.SSLError(1, "hunter2")), UpstreamUnreachable),
        (aiohttp.ClientConnectorCertificateError(KEY, ssl.CertificateError("hunter2")), UpstreamUnreachable),
        (aiohttp.SocketTimeoutError("hunter2"), UpstreamTimeout),
        (TimeoutError(), UpstreamTimeout),
        (aiohttp.ClientResponseError(Mock(), (), message="hunter2"), UpstreamProtocolError),
        (aiohttp.ServerDisconnectedError("hunter2"), UpstreamTruncated),
        (aiohttp.ClientPayloadError("hunter2"), UpstreamTruncated),
        (aiohttp.ClientOSError(104, "hunter2"), UpstreamTruncated),
        (ConnectionResetError("hunter2"), UpstreamTruncated),
    ],
)
def test_each_fault_has_its_type_and_a_text_of_ours(fault: Exception, error: type[UpstreamError]) -> None:
    answer = typed(fault)
    assert type(answer) is error
    assert "hunter2" not in str(answer)


def test_a_bug_is_not_a_fault_of_the_backend() -> None:
    with pytest.raises(TypeError):
        typed(KeyError("hunter2"))
