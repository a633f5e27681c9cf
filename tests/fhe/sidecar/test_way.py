"""What answers at the gateway's address may be anything."""

from __future__ import annotations

import socket
import threading

import pytest

from gateway.fhe.client.connection import TurnedAway
from gateway.fhe.sidecar.way import ThroughGateway


@pytest.mark.parametrize("answer", ["302 Found\r\nlocation: ws://127.0.0.1:1/", "307 There\r\nlocation: https://else.example/"])
def test_nobody_sends_it_elsewhere(answer: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def redirect() -> None:
            with listening.accept()[0] as asked:
                asked.recv(65_536)
                asked.sendall(f"HTTP/1.1 {answer}\r\ncontent-length: 0\r\n\r\n".encode())

        thread = threading.Thread(target=redirect)
        thread.start()
        way = ThroughGateway(url=f"http://127.0.0.1:{listening.getsockname()[1]}/v1", key="pgw_key").to_answer("m", 3, 2)
        with pytest.raises(TurnedAway) as refused:
            way.line()
        thread.join()
    assert refused.value.status == 502
