from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway.errors import ProtectionUnavailable
from gateway.identity.pepper import Pepper, load_pepper


def test_created_once_and_only_for_the_owner(tmp_path: Path) -> None:
    path = tmp_path / "state" / "secret"
    first = load_pepper(path, {})
    assert load_pepper(path, {}) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == ["secret"]
    assert len(first.secret) >= 43


def test_many_that_start_at_once_agree(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    with ThreadPoolExecutor(8) as pool:
        peppers = list(pool.map(lambda _: load_pepper(path, {}), range(40)))
    assert len({pepper.secret for pepper in peppers}) == 1
    assert [entry.name for entry in tmp_path.iterdir()] == ["secret"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o622])
def test_a_file_that_others_may_use_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "secret"
    load_pepper(path, {})
    path.chmod(mode)
    with pytest.raises(ProtectionUnavailable, match="chmod 600"):
        load_pepper(path, {})


def test_the_variable_wins_and_is_the_same_secret_as_the_file(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes(b"s" * 40 + b"\n")
    path.chmod(0o600)
    assert load_pepper(path, {}) == load_pepper(tmp_path / "absent", {"GATEWAY_SECRET": " " + "s" * 40})
    assert not (tmp_path / "absent").exists()


@pytest.mark.parametrize("text", ["", "topsecret", "t" * 5_000])
def test_a_secret_of_the_wrong_length_is_refused_and_not_repeated(tmp_path: Path, text: str) -> None:
    path = tmp_path / "secret"
    path.write_text(text)
    path.chmod(0o600)
    for environ in ({}, {"GATEWAY_SECRET": text}):
        with pytest.raises(ProtectionUnavailable, match="32 to 4096 bytes") as caught:
            load_pepper(path, environ)
        assert not text or text not in str(caught.value)


def test_what_cannot_be_read_or_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    os.mkfifo(tmp_path / "pipe", 0o600)
    for path in (tmp_path, tmp_path / "pipe", tmp_path / "file" / "secret"):
        with pytest.raises(ProtectionUnavailable) as caught:
            load_pepper(path, {})
        assert caught.value.__cause__ is None


def test_purposes_have_keys_of_their_own_and_nothing_shows() -> None:
    pepper = Pepper(b"topsecret" * 4)
    assert pepper.key_for("a") == pepper.key_for("a")
    assert pepper.key_for("a") != pepper.key_for("b")
    assert len(pepper.key_for("a")) == 32
    assert "topsecret" not in repr(pepper)
