"""`gateway audit verify`, `export`, `key` and `rotate-key`, beside a gateway and without one."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from gateway.audit.act import Action, ActOutcome
from gateway.audit.act_reader import read_acts
from gateway.audit.verify import run
from gateway.cli.audit.commands import app
from gateway.settings import Settings
from gateway.store import open_database
from tests.audit.logs import ORIGIN, Log, log_in, signed_log, spoil, value, vkey, write
from tests.store.postgres import Server
from tests.support.backend import backend_in_thread
from tests.support.gateway import policy_text, running_gateway

PROVED = "verified: 8 entries in a log of 8, 2 checkpoints; the last checkpoint is of size 8"


def audit(state: Path, *words: str) -> tuple[int, str, str]:
    """Exit status, output and errors."""
    done = CliRunner().invoke(app, [*words, "--state-dir", str(state)])
    return done.exit_code, done.stdout.strip(), done.stderr.strip()


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return signed_log(log_in(tmp_path / "audit.sqlite"), 4, 8)


def test_beside_a_gateway(tmp_path: Path) -> None:
    with (
        backend_in_thread() as backend,
        running_gateway(tmp_path, policy_text(backend.url), audit_checkpoint_entries=2) as gateway,
    ):
        state = gateway.settings.state_dir
        first = audit(state, "key")[1]
        gateway.chat("I am alice@corp-example.org")
        gateway.records(1)
        assert audit(state, "rotate-key")[0] == 0
        gateway.chat("hi")
        call = gateway.records(2)[-1].call_id
        status, said, _ = audit(state, "export", str(tmp_path / "call.zip"), "--call", call)
        assert (status, said.partition("; ")[0]) == (0, f"{tmp_path / 'call.zip'} holds 2 entries")
        assert httpx.get(gateway.base_url.replace("/v1", "/readyz")).json()["checks"]["audit"] == "ok"
    status, said, warned = audit(state, "verify", "--key", first)
    assert (status, warned) == (0, "")
    assert said.startswith("verified: ")
    assert "not proved" not in said, "the gateway signs at its end"
    assert run(str(tmp_path / "call.zip"), first, None, [])[0].count(call) == 2


def test_a_gateway_that_cannot_sign_says_so_and_serves(tmp_path: Path) -> None:
    key = tmp_path / "state" / "audit.key"
    key.parent.mkdir()
    key.write_text("nonsense")
    key.chmod(0o600)
    with (
        backend_in_thread() as backend,
        running_gateway(tmp_path, policy_text(backend.url), audit_checkpoint_entries=1) as gateway,
    ):
        gateway.chat("hi")
        gateway.records(1)
        ready = httpx.get(gateway.base_url.replace("/v1", "/readyz"))
        assert ready.status_code == 200
        assert ready.json()["checks"]["audit"].startswith("the record is written, but not signed: The file of the signing key")


def test_verify_names_what_is_wrong(log: Log) -> None:
    state = log.folder
    status, said, warned = audit(state, "verify")
    assert (status, said) == (0, PROVED)
    assert "note it elsewhere" in warned
    spoil(log, "UPDATE entries SET body = '{}' WHERE seq = 3")
    status, said, warned = audit(state, "verify", "--key", str(vkey(log)))
    assert (status, said) == (1, "")
    assert warned.startswith("NOT VERIFIED: leaf 2 (seq 3, call c2, opened)")


def test_a_verification_is_on_record(log: Log) -> None:
    """And what came of it; but for whoever may, or will, write nothing."""
    key = str(vkey(log))
    assert audit(log.folder, "verify", "--key", key, "--read-only") == (0, PROVED, "")
    assert audit(log.folder, "verify", "--key", key) == (0, PROVED, "")
    spoil(log, "UPDATE entries SET body = '{}' WHERE seq = 3")
    assert audit(log.folder, "verify", "--key", key)[0] == 1
    found, wrong = [row.act for row in reversed(read_acts(log.database, limit=10))]
    assert (found.action, found.outcome, found.result) == (Action.AUDIT_VERIFY, ActOutcome.DONE, PROVED)
    assert (wrong.outcome, wrong.error_code) == (ActOutcome.FAILED, "not_verified")
    assert wrong.note is not None
    assert wrong.note.startswith("leaf 2 (seq 3, call c2, opened)")


def test_a_key_is_made_once_under_the_name_of_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = tmp_path / "new"
    monkeypatch.setenv("GATEWAY_AUDIT_ORIGIN", ORIGIN)
    first = audit(state, "key")
    assert first[0] == 0
    assert first[1].startswith(f"{ORIGIN}+")
    monkeypatch.delenv("GATEWAY_AUDIT_ORIGIN")
    assert first[2] == f"a new signing key was made in {state}: there was none"
    assert audit(state, "key") == (0, first[1], "")
    assert audit(tmp_path / "other", "key")[1].startswith("privacy-gateway/audit+")


@pytest.mark.parametrize("origin", ["", "two words", "a+b", "张"])
def test_a_name_that_checkpoints_cannot_have(origin: str) -> None:
    with pytest.raises(ValidationError):
        Settings(audit_origin=origin)


def test_a_rotation_is_on_record_and_done_at_once(log: Log) -> None:
    state, old = log.folder, str(vkey(log))
    status, new, told = audit(state, "rotate-key")
    assert (status, new) == (0, str(vkey(log)))
    assert told.startswith("the old key has handed over")
    assert new != old
    assert (log.folder / "audit.key").read_text().count("\n") == 1, "the old secret is gone"
    (row,) = read_acts(log.database, limit=9)
    done = (Action.AUDIT_ROTATE_KEY, ActOutcome.DONE, old, new, None)
    assert (row.act.action, row.act.outcome, row.act.target, row.act.result, row.act.note) == done
    assert "PRIVATE" not in row.act.to_json()
    for key in (old, new):
        assert audit(state, "verify", "--key", key)[0] == 0


def test_a_key_that_was_lost_hands_nothing_over(log: Log) -> None:
    old = str(vkey(log))
    (log.folder / "audit.key").unlink()
    status, new, told = audit(log.folder, "rotate-key")
    assert (status, told) == (
        0,
        "the key that signed the log until now was lost, so nothing leads from it to the new one; tell auditors that it is yours:",
    )
    assert read_acts(log.database, limit=1)[0].act.note == "the key that signed the last checkpoint was lost"
    assert audit(log.folder, "verify", "--key", old)[0] == 1
    assert audit(log.folder, "verify", "--key", new)[0] == 0, "it goes by the log's name, whatever is configured here"
    assert audit(log.folder, "rotate-key")[2].startswith("the old key has handed over"), "the one after it does"


def test_an_export_is_on_record_and_signed_to_the_end(log: Log, tmp_path: Path) -> None:
    write(log, range(8, 10))
    out = tmp_path / "out.zip"
    assert audit(log.folder, "export", str(out))[0] == 0
    (row,) = read_acts(log.database, limit=9)
    assert (row.act.action, row.act.outcome, row.act.target) == (Action.AUDIT_EXPORT, ActOutcome.DONE, "log")
    assert run(str(out), str(vkey(log)), "c9", [])[0].startswith("verified: 11 entries in a log of 11, 3 checkpoints")
    status, _, warned = audit(log.folder, "export", str(out))
    assert (status, warned) == (1, f"{out} cannot be written: File exists")
    assert read_acts(log.database, limit=1)[0].act.outcome is ActOutcome.FAILED


def test_an_export_against_what_an_auditor_noted(log: Log, tmp_path: Path) -> None:
    noted, out = tmp_path / "noted.txt", tmp_path / "out.zip"
    noted.write_text(str(value(log, "SELECT note FROM checkpoints WHERE size = 4")))
    assert audit(log.folder, "export", str(out), "--call", "c6", "--checkpoint", str(noted))[0] == 0
    assert run(str(out), str(vkey(log)), None, [str(noted)])
    noted.write_text("nonsense")
    status, _, warned = audit(log.folder, "export", str(tmp_path / "b.zip"), "--call", "c6", "--checkpoint", str(noted))
    assert (status, warned) == (1, f"NOT VERIFIED: {noted} is not a checkpoint in the form of a signed note")


def test_an_export_without_a_usable_key_says_that_it_is_unsigned(log: Log, tmp_path: Path) -> None:
    (log.folder / "audit.key").write_text("nonsense")
    status, _, warned = audit(log.folder, "export", str(tmp_path / "out.zip"))
    assert status == 0
    assert "the latest entries are exported unsigned" in warned


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("export", "OUT", "--call", "c99"), "no entry of this call"),
        (("export", "OUT", "--since", "2999-01-01"), "no such entries"),
        (("export", "OUT", "--until", "2000-01-01"), "no such entries"),
        (("export", "OUT", "--checkpoint", "none.txt"), "cannot be read"),
        (("verify", "--key", "nonsense"), "not a verifier key"),
    ],
)
def test_what_cannot_be_done_is_said(log: Log, tmp_path: Path, words: tuple[str, ...], named: str) -> None:
    status, said, warned = audit(log.folder, *(str(tmp_path / "out.zip") if word == "OUT" else word for word in words))
    assert (status, said) == (1, "")
    assert named in warned
    assert not (tmp_path / "out.zip").exists()


def test_one_part_at_a_time(log: Log, tmp_path: Path) -> None:
    status, _, warned = audit(log.folder, "export", str(tmp_path / "out.zip"), "--call", "c1", "--since", "7d")
    assert status == 2
    assert "--call or --since" in warned
    status, _, warned = audit(log.folder, "export", str(tmp_path / "out.zip"), "--since", "1d", "--until", "2d")
    assert (status, "--since has to be before --until" in warned) == (2, True)


def test_a_part_with_an_end_is_on_record_as_that(log: Log, tmp_path: Path) -> None:
    path = tmp_path / "out.zip"
    status, said, _ = audit(log.folder, "export", str(path), "--since", "2020-01-01", "--until", "2999-01-01")
    assert (status, f"{path} holds 9 entries" in said) == (0, True), said
    with closing(open_database(Settings(state_dir=log.folder).database())) as database:
        (act,) = (row.act for row in read_acts(database, limit=9))
    assert (act.action, act.target) == (Action.AUDIT_EXPORT, "2020-01-01T00:00:00.000Z..2999-01-01T00:00:00.000Z")
    assert run(str(path), str(vkey(log)), None, [])[0].startswith("verified: 9 entries in a log of 9")


@pytest.mark.parametrize("words", [("verify",), ("export", "out.zip")])
def test_without_a_record(tmp_path: Path, words: tuple[str, ...]) -> None:
    status, _, warned = audit(tmp_path, *words)
    assert (status, warned) == (1, f"there is no record in {tmp_path}; --state-dir names another")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("how", ["option", "environment"])
def test_a_record_in_postgres(postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    with postgres.database() as url, closing(open_database(url)) as database:
        log = signed_log(Log(database, tmp_path), 4)
        words = ("--database", url) if how == "option" else ()
        if how == "environment":
            monkeypatch.setenv("GATEWAY_DATABASE_URL", url)
        assert audit(tmp_path, "verify", *words)[1].startswith("verified: 4 entries")
        assert audit(tmp_path, "rotate-key", *words)[0] == 0
        out = tmp_path / "out.zip"
        assert audit(tmp_path, "export", str(out), *words)[0] == 0
        assert run(str(out), str(vkey(log)), None, [])[0].startswith("verified: 8 entries in a log of 8")
        assert audit(tmp_path, "acts", *words)[1].count(" audit.") == 3
    assert not (tmp_path / "audit.sqlite").exists()


def test_a_database_that_is_not_there_is_said_without_its_password(tmp_path: Path) -> None:
    status, _, warned = audit(tmp_path, "verify", "--database", "postgresql://me:secret@127.0.0.1:1/none")
    assert (status, warned.partition(":")[0]) == (1, "there is no readable record in the database")
    assert "secret" not in warned
