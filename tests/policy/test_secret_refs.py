from __future__ import annotations

from pathlib import Path

import pytest

from gateway.policy.language.deployments import SecretRef
from gateway.policy.reading.problems import PolicyError
from gateway.policy.secret_refs import SecretMissing, read_secret, resolve_secrets
from tests.support.policy_files import Load


def test_from_the_environment() -> None:
    secret = read_secret(SecretRef(env="K"), environ={"K": " abc\n"}, folder=Path())
    assert secret.get_secret_value() == "abc"
    assert "abc" not in repr(secret)


def test_from_a_file_beside_the_policy_or_anywhere(tmp_path: Path) -> None:
    (tmp_path / "k").write_text("abc\n")
    for file in (Path("k"), tmp_path / "k"):
        assert read_secret(SecretRef(file=file), environ={}, folder=tmp_path).get_secret_value() == "abc"


@pytest.mark.parametrize("text", ["", " \n", "topsecret two", "topsecret\nx", "topsecret\r\nX: y", "密钥", "t" * 9_000])
def test_what_cannot_be_a_header_is_refused_and_not_repeated(text: str, tmp_path: Path) -> None:
    (tmp_path / "k").write_text(text)
    for ref in (SecretRef(env="K"), SecretRef(file=Path("k"))):
        with pytest.raises(SecretMissing) as caught:
            read_secret(ref, environ={"K": text}, folder=tmp_path)
        assert "topsecret" not in str(caught.value) + caught.value.fix


def test_what_is_no_file_is_missing(tmp_path: Path) -> None:
    for file in (Path("absent"), Path()):
        with pytest.raises(SecretMissing, match="missing or empty"):
            read_secret(SecretRef(file=file), environ={}, folder=tmp_path)


def test_all_missing_keys_are_told_with_their_lines(load: Load, base: str) -> None:
    more = '  b: {base_url: "http://h/v1", api_key: {file: absent}}\n  c: {base_url: "http://h/v1", api_key: {env: C}}\n'
    text = base.replace("models:\n", more + "models:\n", 1).replace('8090/v1"', '8090/v1", api_key: {env: A}')
    loaded = load(text)
    with pytest.raises(PolicyError) as caught:
        resolve_secrets(loaded, {"C": "here"})
    assert [(problem.line, problem.column) for problem in caught.value.problems] == [(3, 58), (4, 41)]


def test_keys_by_deployment(load: Load, base: str) -> None:
    loaded = load(base.replace('8090/v1"', '8090/v1", api_key: {env: A}'))
    secrets = resolve_secrets(loaded, {"A": "topsecret"})
    assert secrets["local"].get_secret_value() == "topsecret"
    assert "topsecret" not in repr(secrets)
