"""The signing key: made once, private, replaced in one step, never repeated."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway.audit.signing import KeyFile, Keys, new_key
from gateway.errors import AuditUnavailable


def key_file(path: Path) -> KeyFile:
    return KeyFile(path, "example.com/log")


def test_made_once_and_only_for_the_owner(tmp_path: Path) -> None:
    path = tmp_path / "state" / "audit.key"
    first = key_file(path).load()
    assert first.previous is None
    assert first.current.name == "example.com/log"
    assert KeyFile(path, "another/name").load().current.public == first.current.public
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == ["audit.key"]


def test_many_that_start_at_once_agree(tmp_path: Path) -> None:
    path = tmp_path / "audit.key"
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: key_file(path).load().current.public, range(40)))
    assert len(set(keys)) == 1
    assert [entry.name for entry in tmp_path.iterdir()] == ["audit.key"]


def test_two_keys_while_one_replaces_the_other(tmp_path: Path) -> None:
    file = key_file(tmp_path / "audit.key")
    old = file.load().current
    new = new_key(old.name)
    file.replace(Keys(new, old))
    found = file.load()
    assert found.previous is not None
    assert (found.current.public, found.previous.public) == (new.public, old.public)
    file.replace(Keys(new))
    assert file.load().previous is None
    assert stat.S_IMODE((tmp_path / "audit.key").stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o622])
def test_a_file_that_others_may_use_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "audit.key"
    key_file(path).load()
    path.chmod(mode)
    with pytest.raises(AuditUnavailable, match="chmod 600"):
        key_file(path).load()


@pytest.mark.parametrize("line", ["", "topsecret", "PRIVATE+KEY+a+00000000+AXRvcHNlY3JldA==", "{0}\n{0}\n{0}", "{1}", "X{0}"])
def test_what_is_no_key_is_refused_and_not_repeated(tmp_path: Path, line: str) -> None:
    path = tmp_path / "audit.key"
    key_file(path).load()
    good = path.read_text().strip()
    path.write_text(line.format(good, good.replace("example", "exemple")))
    with pytest.raises(AuditUnavailable, match="holds something else") as caught:
        key_file(path).load()
    assert caught.value.__cause__ is None
    assert "topsecret" not in str(caught.value)


def test_what_cannot_be_read_or_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    os.mkfifo(tmp_path / "pipe", 0o600)
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    for path in (tmp_path, tmp_path / "pipe", tmp_path / "file" / "audit.key", tmp_path / "dangling"):
        with pytest.raises(AuditUnavailable):
            key_file(path).load()
    assert not (tmp_path / "nowhere").exists()
    with pytest.raises(AuditUnavailable, match="replaced"):
        key_file(tmp_path / "file" / "audit.key").replace(Keys(new_key("a")))
