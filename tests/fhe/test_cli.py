"""The commands of docs/fhe.md, with a tiny model."""

from __future__ import annotations

import hashlib
import re
import shlex
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from typer.testing import CliRunner

from gateway.cli.fhe.commands import app
from gateway.errors import UpstreamUnreachable
from gateway.fhe.client.connection import Address, Connection
from gateway.fhe.client.generate import End, Generator, Wish
from gateway.fhe.client.sampling import Taste
from gateway.fhe.model.client_part import read_client_part
from tests.fhe.tiny import write_tiny_model

_CLIENT = ["client", "--gateway", "https://gateway.example.org/v1", "--client-file", "letters.txt"]
_ROOT = Path(__file__).parents[2]


def _documented(command: str) -> list[str]:
    """The arguments of a command as the page has it."""
    line, *_ = re.findall(rf"^gateway fhe ({command} .*)$", (_ROOT / "docs" / "fhe.md").read_text(encoding="utf-8"), re.M)
    return shlex.split(line)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_tiny_model(tmp_path / "model.gguf")
    (tmp_path / "letters.txt").write_text("Dear Ms Hartley, thank you for your letter.", encoding="utf-8")
    (tmp_path / "latin.txt").write_bytes("Schlüssel".encode("latin-1"))
    (tmp_path / "empty.txt").write_text("\n", encoding="utf-8")
    (tmp_path / "lines.txt").write_text("pgw_one\npgw_two\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_agreement_as_printed(folder: Path) -> None:
    done = CliRunner().invoke(app, _documented("agreement"))
    assert done.exit_code == 0
    assert re.search(r"w8a13 +│ 43 +│ +\d+\.\d %", done.output)
    assert re.search(r"w11a13 +│ 43 +│ +\d+\.\d %", done.output)
    assert re.search(r"w11a13 0-1=8,13 down=8,14 +│ 43 +│", done.output)


def test_serve_and_client_part_as_printed(folder: Path) -> None:
    """With TLS, a secret, and the fingerprint that both commands print."""
    printed = CliRunner().invoke(app, _documented("client-part"))
    assert printed.exit_code == 0
    part = read_client_part(folder / "client.gguf")
    assert part.blueprint.fingerprint.hex() in printed.output
    assert hashlib.sha256((folder / "client.gguf").read_bytes()).hexdigest() in printed.output
    _certify(folder)
    (folder / "secret").write_text("a secret\n", encoding="utf-8")
    options = _documented("serve")
    options[options.index("--host") + 1], options[options.index("--port") + 1] = "127.0.0.1", "0"
    with _served([*options, "--secret-file", "secret"], folder) as (port, said):
        assert part.blueprint.fingerprint.hex() in said
        trusted = ssl.create_default_context(cafile=folder / "cert.pem")
        address = Address(host="127.0.0.1", port=port, tls=trusted, secret=b"a secret")
        with Connection(address, part.blueprint) as connection:
            *_, last = Generator(part).steps(Wish(prompt=(5, 6, 7), most=3, taste=Taste(temperature=0)), connection)
        assert last == End("length", 3)
        with pytest.raises(UpstreamUnreachable):
            Connection(Address(host="127.0.0.1", port=port, tls=ssl.create_default_context()), part.blueprint)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["serve", "--model", "letters.txt"], "cannot be read as GGUF"),
        (["serve", "--model", "model.gguf", "--tls-cert", "cert.pem"], "belong together"),
        (["serve", "--model", "model.gguf", "--weight-bits", "15", "--activation-bits", "20"], "fewer bits"),
        (["serve", "--model", "model.gguf", "--layer-bits", "1-2=12,13"], "the model has layers 0 to 1"),
        (["client-part", "--model", "model.gguf", "--output", "no.gguf", "--layer-bits", "3-1=12,13"], "from the lower"),
        (["serve", "--model", "model.gguf", "--host", "203.0.113.1"], "cannot listen"),
        (["serve", "--model", "model.gguf", "--tls-cert", "letters.txt", "--tls-key", "letters.txt"], "certificate and key"),
        (["serve", "--model", "model.gguf", "--secret-file", "missing"], "--secret-file: the file cannot be read"),
        (["serve", "--model", "model.gguf", "--secret-file", "latin.txt"], "--secret-file: the file is not UTF-8"),
        (["serve", "--model", "model.gguf", "--secret-file", "empty.txt"], "--secret-file: the file does not hold one line"),
        ([*_CLIENT, "--api-key-file", "latin.txt"], "--api-key-file: the file is not UTF-8"),
        ([*_CLIENT, "--api-key-file", "lines.txt"], "--api-key-file: the file does not hold one line"),
        (["client-part", "--model", "model.gguf", "--output", "no/such/folder.gguf"], "cannot be written"),
        (["agreement", "--model", "model.gguf", "--text", "letters.txt", "--bits", "11"], "bits"),
        (["agreement", "--model", "model.gguf", "--text", "letters.txt", "--bits", "1,2"], "bits"),
        (["agreement", "--model", "model.gguf", "--text", "letters.txt", "--bits", "11,13 2=12,13"], "layers 0 to 1"),
        (["agreement", "--model", "model.gguf", "--text", "latin.txt"], "UTF-8"),
    ],
)
def test_what_cannot_be_done_is_said(arguments: list[str], words: str, folder: Path) -> None:
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 1
    assert words in done.output


@contextmanager
def _served(options: list[str], folder: Path) -> Iterator[tuple[int, str]]:
    command = [sys.executable, "-m", "gateway", "fhe", *options]
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            said = next((line for line in process.stderr if "Listening" in line), "")
            yield int(re.findall(r":(\d+)", said)[0]), said
        finally:
            process.terminate()
            assert process.wait(timeout=30) == 0


def _certify(folder: Path) -> None:
    """A certificate for 127.0.0.1 that vouches for itself."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(secret)
