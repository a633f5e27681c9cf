from __future__ import annotations

import base64
import os
import stat
import threading
from pathlib import Path

import pytest

from gateway.errors import ProtectionUnavailable, Unreadable
from gateway.keys.envelope import new_key
from gateway.keys.key_source import GivenKeys, KeyFile
from gateway.keys.local import LocalMaster
from gateway.keys.master import open_master
from gateway.settings import Settings


def _written(*keys: bytes) -> str:
    return " ".join(base64.b64encode(key).decode() for key in keys)


def _given(*keys: bytes) -> LocalMaster:
    return LocalMaster(GivenKeys(_written(*keys), "The variable"))


def test_the_file_is_made_at_the_first_start_and_is_its_owners_alone(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path / "state")
    master = open_master(settings, {})
    path = tmp_path / "state" / "master.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(base64.b64decode(path.read_text())) == 32
    wrapped = master.wrap(b"k" * 32, "tenant-key/bank")
    assert open_master(settings, {}).unwrap(wrapped, "tenant-key/bank") == b"k" * 32
    assert [one.name for one in path.parent.iterdir()] == ["master.key"]


def test_of_several_that_make_it_one_is_first(tmp_path: Path) -> None:
    source = KeyFile(tmp_path / "master.key")
    together, found = threading.Barrier(6), []

    def load() -> None:
        together.wait()
        found.append(tuple(source.load()))

    threads = [threading.Thread(target=load) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert len(set(found)) == 1


@pytest.mark.parametrize("text", ["", "short", "not base64!", base64.b64encode(b"x" * 31).decode(), _written(b"k" * 32) + " x"])
def test_what_is_no_key_is_refused_and_not_quoted(tmp_path: Path, text: str) -> None:
    path = tmp_path / "given.key"
    path.write_text(text)
    path.chmod(0o600)
    for environ, settings in (
        ({"GATEWAY_MASTER_KEY": text}, Settings(state_dir=tmp_path)),
        ({}, Settings(state_dir=tmp_path, master_key_file=path)),
    ):
        with pytest.raises(ProtectionUnavailable, match="must hold master keys of 32 bytes, in base64") as refused:
            open_master(settings, environ)
        assert not text or text not in str(refused.value).replace("base64", "")


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    open_master(Settings(state_dir=tmp_path), {})
    path.chmod(0o640)
    with pytest.raises(ProtectionUnavailable, match="chmod 600"):
        open_master(Settings(state_dir=tmp_path), {})
    path.unlink()
    path.mkdir()
    with pytest.raises(ProtectionUnavailable):
        open_master(Settings(state_dir=tmp_path), {})
    path.rmdir()
    os.mkfifo(path, 0o600)
    with pytest.raises(ProtectionUnavailable, match="not a regular file"):
        open_master(Settings(state_dir=tmp_path), {})


def test_the_variable_goes_before_the_file(tmp_path: Path) -> None:
    key = new_key()
    master = open_master(Settings(state_dir=tmp_path), {"GATEWAY_MASTER_KEY": _written(key) + "\n"})
    assert list(tmp_path.iterdir()) == []
    assert _given(key).unwrap(master.wrap(b"k" * 32, "c"), "c") == b"k" * 32
    assert key.hex() not in master.name
    assert _written(key) not in repr(master)


def test_what_is_wrapped_is_bound_to_its_context() -> None:
    master = _given(new_key())
    with pytest.raises(Unreadable):
        master.unwrap(master.wrap(b"k" * 32, "tenant-key/bank"), "tenant-key/shop")


def test_an_older_key_still_opens_what_it_wrapped() -> None:
    old, new = new_key(), new_key()
    wrapped = _given(old).wrap(b"k" * 32, "c")
    both = _given(new, old)
    assert both.unwrap(wrapped, "c") == b"k" * 32
    assert (both.holds(wrapped), wrapped.startswith(both.mark())) == (True, False)
    assert both.wrap(b"k" * 32, "c").startswith(both.mark())
    with pytest.raises(ProtectionUnavailable, match="a master key that the gateway does not have"):
        _given(new).unwrap(wrapped, "c")
    assert not _given(new).holds(wrapped)


def test_a_given_key_is_not_renewed_here() -> None:
    master = _given(new_key())
    before = master.name
    master.renew()
    master.settle()
    assert master.name == before


def test_a_file_is_renewed_once_and_settled(tmp_path: Path) -> None:
    master = LocalMaster(KeyFile(tmp_path / "master.key"))
    running = LocalMaster(KeyFile(tmp_path / "master.key"))
    first, wrapped = master.name, master.wrap(b"k" * 32, "c")
    master.renew()
    second = master.name
    master.renew()  # an unfinished renewal is taken up again
    assert first != second == master.name == running.name
    assert running.unwrap(wrapped, "c") == b"k" * 32
    master.settle()
    assert not running.holds(wrapped)
    assert stat.S_IMODE((tmp_path / "master.key").stat().st_mode) == 0o600


def test_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ProtectionUnavailable, match="cannot be used"):
        open_master(Settings(state_dir=tmp_path / "file" / "state"), {})
    source = KeyFile(tmp_path / "file" / "master.key")
    with pytest.raises(ProtectionUnavailable, match="cannot be replaced"):
        source.save([new_key()])
