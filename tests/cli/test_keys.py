from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.cli.keys import app
from gateway.exchange import Principal
from gateway.identity.authenticator import Authenticator
from gateway.identity.key_store import KeyStore
from gateway.identity.pepper import load_pepper
from gateway.identity.virtual_keys import KeyRecord


class _Everyone:
    anonymous = None

    @property
    def current(self) -> _Everyone:
        return self

    def knows(self, principal: Principal) -> bool:
        return True


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GATEWAY_SECRET", raising=False)
    monkeypatch.delenv("GATEWAY_STATE_DIR", raising=False)


def _run(state: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--state-dir", str(state)])


def _issue(state: Path, *more: str) -> str:
    result = _run(state, "issue", "--tenant", "demo", "--principal", "app", *more)
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


def _only(state: Path) -> KeyRecord:
    (record,) = KeyStore(state / "keys.sqlite").list()
    return record


def test_an_issued_key_opens_the_gateway(tmp_path: Path) -> None:
    key = _issue(tmp_path)
    pepper = load_pepper(tmp_path / "gateway.secret", {})
    with closing(KeyStore(tmp_path / "keys.sqlite")) as store:
        principal = Authenticator(store, pepper, _Everyone()).authenticate(key)
    assert principal == Principal(tenant="demo", id="app", key_id=key.rsplit("_", 1)[0][:12])


def test_the_key_is_shown_once_and_kept_nowhere(tmp_path: Path) -> None:
    key = _issue(tmp_path)
    assert key not in _run(tmp_path, "list").output
    for file in tmp_path.iterdir():
        assert key[13:].encode() not in file.read_bytes()


def test_expiry_in_days(tmp_path: Path) -> None:
    _issue(tmp_path, "--expires-days", "30")
    record = _only(tmp_path)
    assert record.expires == record.created.replace(microsecond=0) + timedelta(days=30)
    assert f"until {record.expires.date()}" in _run(tmp_path, "list").stdout


def test_list_shows_who_and_what_state(tmp_path: Path) -> None:
    assert "no keys yet" in _run(tmp_path, "list").stderr
    _issue(tmp_path)
    line = _run(tmp_path, "list").stdout.strip()
    assert line.startswith(_only(tmp_path).key_id)
    assert "valid" in line
    assert line.endswith("demo/app")
    past = datetime(2020, 1, 1, tzinfo=UTC)
    KeyStore(tmp_path / "keys.sqlite").add(
        KeyRecord(key_id="pgw_old00000", tenant="t", principal="p", digest="", created=past, expires=past)
    )
    assert "pgw_old00000  expired" in _run(tmp_path, "list").stdout


def test_revoke_by_id_or_by_the_whole_key(tmp_path: Path) -> None:
    key = _issue(tmp_path)
    for text in (_only(tmp_path).key_id, key):
        result = _run(tmp_path, "revoke", text)
        assert result.exit_code == 0
        assert key not in result.output
    assert _only(tmp_path).revoked is not None
    assert "revoked" in _run(tmp_path, "list").stdout


def test_revoking_what_does_not_exist_fails(tmp_path: Path) -> None:
    result = _run(tmp_path, "revoke", "pgw_cccccccc")
    assert result.exit_code == 1
    assert "no key with this id" in result.stderr


@pytest.mark.parametrize("name", ["", "../x", "a b", "a/b", "x" * 200])
def test_ids_that_no_policy_can_have_are_refused(tmp_path: Path, name: str) -> None:
    result = _run(tmp_path, "issue", "--tenant", "demo", "--principal", name)
    assert result.exit_code == 2
    assert KeyStore(tmp_path / "keys.sqlite").list() == ()


def test_a_state_folder_that_cannot_be_used_is_told_plainly(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for arguments in (["list"], ["revoke", "x"], ["issue", "--tenant", "t", "--principal", "p"]):
        result = _run(tmp_path / "file", *arguments)
        assert result.exit_code == 1
        assert result.stderr.strip() == "the key store cannot be used"


def test_the_state_folder_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_STATE_DIR", str(tmp_path))
    result = CliRunner().invoke(app, ["issue", "--tenant", "demo", "--principal", "app"])
    assert result.exit_code == 0
    assert _only(tmp_path).tenant == "demo"
