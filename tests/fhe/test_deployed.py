"""A deployment of kind `fhe`, from what policy says to an upstream."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from gateway.errors import UpstreamError, UpstreamUnreachable
from gateway.fhe.client.connection import Address
from gateway.fhe.deployed import Deployed, Generators, Sealed
from gateway.fhe.model.client_part import ClientPart
from gateway.fhe.server.serve import Server, server_tls
from gateway.fhe.server.weights import ServedModel
from gateway.protocol.wire import Surface
from gateway.upstream.base import Place, Timeouts, Tls, UpstreamCall
from tests.fhe.conftest import serving
from tests.support.certificates import authority

CHAT = UpstreamCall(
    surface=Surface.CHAT,
    body={"model": "m", "messages": [{"role": "user", "content": "hi"}], "temperature": 0, "max_tokens": 2},
)


@pytest.fixture(scope="session")
def client_file(tiny_file: Path, tiny_part: ClientPart) -> Path:
    return tiny_file.with_name("client.gguf")


def _sealed(address: Address, client_file: Path) -> Sealed:
    return Sealed(url=f"fhe://{address.host}:{address.port}", client_file=client_file, timeouts=Timeouts())


async def _said(deployed: Deployed) -> str:
    (answer,) = [each async for each in (await deployed.send(CHAT)).body]
    said: str = answer["choices"][0]["message"]["content"]
    return said


async def test_it_answers_and_is_well(server: Address, client_file: Path) -> None:
    deployed = Deployed(_sealed(server, client_file), Generators())
    assert await deployed.healthy()
    assert await _said(deployed) == await _said(deployed)
    assert deployed.place == Place(server.host, server.port)
    await deployed.close()
    assert not await deployed.healthy()
    with pytest.raises(UpstreamUnreachable):
        await deployed.send(CHAT)


async def test_another_endpoint_is_for_another_deployment(server: Address, client_file: Path) -> None:
    deployed = Deployed(_sealed(server, client_file), Generators())
    assert (await deployed.send(replace(CHAT, surface=Surface.EMBEDDINGS))).status == 404
    await deployed.close()


async def test_a_file_that_is_put_right_is_read_at_the_next_call(server: Address, client_file: Path, tmp_path: Path) -> None:
    file = tmp_path / "client.gguf"
    deployed = Deployed(_sealed(server, file), Generators())
    assert not await deployed.healthy()
    with pytest.raises(UpstreamUnreachable, match="client's part"):
        await deployed.send(CHAT)
    file.write_bytes(client_file.read_bytes())
    assert await deployed.healthy()
    await deployed.close()


def test_deployments_of_one_model_share_its_file(client_file: Path) -> None:
    generators = Generators()
    one = generators.of(client_file)
    assert generators.of(client_file) is one


async def test_with_certificates_and_a_secret(served_tiny: ServedModel, client_file: Path, tmp_path: Path) -> None:
    """Whoever lacks one of the two is refused."""
    ca = authority(tmp_path)
    cert, key = ca.issue("server")
    with serving(Server(served_tiny, b"word"), server_tls(cert, key)) as address:
        sealed = Sealed(
            url=f"fhes://127.0.0.1:{address.port}",
            client_file=client_file,
            timeouts=Timeouts(),
            tls=Tls(ca_file=ca.file),
            secret=SecretStr("word"),
        )
        generators = Generators()
        for wrong in (
            replace(sealed, secret=None),
            replace(sealed, tls=None),
            replace(sealed, tls=Tls(ca_file=tmp_path / "gone.pem")),
            replace(sealed, url=f"fhe://127.0.0.1:{address.port}"),
        ):
            refused = Deployed(wrong, generators)
            with pytest.raises(UpstreamError):
                await refused.send(CHAT)
            await refused.close()
        deployed = Deployed(sealed, generators)
        assert len(await _said(deployed)) > 0
        await deployed.close()


def test_a_gateway_without_such_a_deployment_loads_nothing_for_it() -> None:
    """So the extra stays an extra."""
    check = "import sys, gateway.assembly.parts; assert not {'seal', 'numba', 'gguf'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", check], check=True)
