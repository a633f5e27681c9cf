"""A log whose end was cut off: `gateway audit verify` names it, a gateway does not sign it, and `resume` is the way on."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from gateway.audit.act import Action, ActOutcome
from gateway.audit.act_reader import read_acts
from gateway.audit.verify import NotVerified, run
from gateway.cli.audit.commands import app
from tests.audit.logs import Log, held_file, log_in, signed_log, spoil, values, vkey
from tests.support.backend import backend_in_thread
from tests.support.gateway import policy_text, running_gateway

WHY = "restored from the backup of 3 May"


def audit(state: Path, *words: str) -> tuple[int, str, str]:
    """Exit status, output and errors."""
    done = CliRunner().invoke(app, [*words, "--state-dir", str(state)])
    return done.exit_code, done.stdout, done.stderr


def cut(log: Log, size: int) -> None:
    spoil(
        log,
        ("DELETE FROM checkpoints WHERE size > ?", (size,)),
        ("DELETE FROM leaves WHERE idx >= ?", (size,)),
        "DELETE FROM entries WHERE seq NOT IN (SELECT seq FROM leaves)",
    )


@pytest.fixture
def log(tmp_path: Path) -> Log:
    """It was cut off at 4."""
    made = signed_log(log_in(tmp_path / "audit.sqlite"), 4, 8)
    cut(made, 4)
    return made


def test_verify_names_it(log: Log) -> None:
    status, said, told = audit(log.folder, "verify", "--key", str(vkey(log)))
    assert (status, said) == (1, "")
    assert told == "NOT VERIFIED: a checkpoint of size 8 was noted, but the log has only 4 leaves\n"


def test_nothing_is_signed(log: Log, tmp_path: Path) -> None:
    status, _, told = audit(log.folder, "export", str(tmp_path / "out.zip"))
    assert status == 0
    assert "the latest entries are exported unsigned: The log is no continuation of the one that was signed before" in told
    key = vkey(log)
    status, said, told = audit(log.folder, "rotate-key")
    assert (status, said, vkey(log)) == (1, "", key)
    assert "gateway audit resume" in told
    assert values(log, "SELECT size FROM checkpoints") == [4]


def test_resume_says_why_and_gives_up_what_was_signed(log: Log, tmp_path: Path) -> None:
    given_up = held_file(log).note()
    status, said, told = audit(log.folder, "resume", "--reason", WHY)
    assert (status, said) == (0, given_up)
    assert "Keep this for your auditor" in told
    (act,) = [row.act for row in read_acts(log.database, limit=5)]
    root = (given_up or "").split("\n")[2]
    assert (act.action, act.outcome, act.note) == (Action.AUDIT_RESUME, ActOutcome.DONE, WHY)
    assert act.target == f"the checkpoint of size 8, root {root}"
    assert audit(log.folder, "verify", "--key", str(vkey(log)))[1].startswith("verified: 6 entries in a log of 6")

    noted, out = tmp_path / "noted.txt", tmp_path / "out.zip"
    noted.write_text(said)
    assert audit(log.folder, "export", str(out))[0] == 0
    assert run(str(out), str(vkey(log)), None, [])[0].startswith("verified: ")
    with pytest.raises(NotVerified, match="no continuation of the checkpoint of size 8 that was noted"):
        run(str(out), str(vkey(log)), None, [str(noted)])


def test_resume_is_for_a_cut_alone(tmp_path: Path) -> None:
    whole = signed_log(log_in(tmp_path / "audit.sqlite"), 4)
    status, said, told = audit(tmp_path, "resume", "--reason", WHY)
    assert (status, said) == (1, "")
    assert "there is nothing to get over" in told
    assert audit(tmp_path, "resume", "--reason", " ")[0] == 2
    assert not read_acts(whole.database, limit=5)
    assert held_file(whole).note() is not None


def test_what_is_damaged_is_not_compared_and_can_be_given_up(log: Log) -> None:
    held_file(log).write("nonsense")
    status, said, told = audit(log.folder, "verify", "--read-only", "--key", str(vkey(log)))
    assert (status, said.startswith("verified: 4 entries")) == (0, True)
    assert "the log is not compared with what was signed on this machine: " in told
    assert audit(log.folder, "resume", "--reason", WHY)[:2] == (0, "nonsense")
    assert read_acts(log.database, limit=1)[0].act.target == "a damaged checkpoint"
    assert audit(log.folder, "verify", "--key", str(vkey(log)))[2] == ""


def test_a_gateway_that_starts_over_it_says_so_and_serves(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir(mode=0o700)
    cut(signed_log(log_in(tmp_path / "state" / "audit.sqlite"), 4, 30), 4)
    with backend_in_thread() as backend, running_gateway(tmp_path, policy_text(backend.url)) as gateway:
        gateway.chat("hi")
        for _ in range(200):  # the thread that writes entries looks at the log within a second
            ready = httpx.get(gateway.base_url.replace("/v1", "/readyz"))
            detail = ready.json()["checks"]["audit"]
            if detail != "ok":
                break
            time.sleep(0.05)
        assert ready.status_code == 200
    assert detail.startswith(
        "the record is written, but not signed: The log is no continuation of the one that was signed before"
    )
    assert "gateway audit resume" in detail


def test_what_a_forger_wrote_does_not_steer_the_terminal(tmp_path: Path) -> None:
    log = signed_log(log_in(tmp_path / "audit.sqlite"), 4)
    row = "SELECT 99, ?, phase, at, body, kind FROM entries WHERE seq = 1"
    spoil(log, (f"INSERT INTO entries (seq, call_id, phase, at, body, kind) {row}", ("c\x1b[2J\x9b31m",)))
    status, _, told = audit(tmp_path, "verify", "--read-only")
    assert status == 1
    assert "the entry with seq 99 (call c\\x1b[2J\\x9b31m) has no leaf" in told
