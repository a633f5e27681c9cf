from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.cli.keys.commands import app
from gateway.errors import Unauthenticated
from gateway.exchange import Principal
from gateway.identity.authenticator import Authenticator
from gateway.identity.key_store import KeyStore
from gateway.identity.pepper import load_pepper
from gateway.identity.virtual_keys import KeyRecord
from gateway.rules.identity import IdentityRules, PersonRules, Role

POLICY = """\
tenants:
  demo:
    principals: {app: {}}
    teams:
      core: {principals: {dev: {}}}
  clinic: {open: true}
identity:
  people: {alice@example.com: {roles: [auditor]}}
"""


class _Everyone:
    anonymous = None
    identity = IdentityRules(people={"alice@example.com": PersonRules(roles=frozenset({Role.AUDITOR}))})

    @property
    def current(self) -> _Everyone:
        return self

    def place(self, principal: Principal) -> Principal | None:
        return principal


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("GATEWAY_SECRET", raising=False)
    monkeypatch.delenv("GATEWAY_STATE_DIR", raising=False)
    monkeypatch.setenv("GATEWAY_POLICY", str(tmp_path / "none.yaml"))


@pytest.fixture
def policy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("policies") / "policy.yaml"
    path.write_text(POLICY)
    return path


def _run(state: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--state-dir", str(state)])


def _issue(state: Path, *more: str) -> str:
    result = _run(state, "issue", "--tenant", "demo", "--principal", "app", *more)
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


def _only(state: Path) -> KeyRecord:
    (record,) = KeyStore(state / "keys.sqlite").list()
    return record


@contextmanager
def _door(state: Path) -> Iterator[Authenticator]:
    with closing(KeyStore(state / "keys.sqlite")) as store:
        yield Authenticator(store, load_pepper(state / "gateway.secret", {}), _Everyone())


async def test_an_issued_key_opens_the_gateway(tmp_path: Path) -> None:
    key = _issue(tmp_path)
    with _door(tmp_path) as door:
        principal = await door.authenticate(key)
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
    issue = ["issue", "--tenant", "t", "--principal", "p"]
    for arguments in (["list"], ["revoke", "x"], issue, ["rotate", "x"], ["expire", "x", "--in", "1d"]):
        result = _run(tmp_path / "file", *arguments)
        assert result.exit_code == 1
        assert result.stderr == f"{tmp_path / 'file'}: the key store cannot be used\n"


def test_a_folder_that_is_not_there_is_named_and_not_made(tmp_path: Path) -> None:
    for arguments in (["list"], ["revoke", "x"], ["rotate", "x"], ["expire", "x", "--in", "1d"]):
        result = _run(tmp_path / "typo", *arguments)
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr == f"there are no keys in {tmp_path / 'typo'}; --state-dir names another\n"
    assert not (tmp_path / "typo").exists()


def test_the_state_folder_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_STATE_DIR", str(tmp_path))
    result = CliRunner().invoke(app, ["issue", "--tenant", "demo", "--principal", "app"])
    assert result.exit_code == 0
    assert _only(tmp_path).tenant == "demo"


async def test_a_persons_key_opens_administration_only(tmp_path: Path) -> None:
    result = _run(tmp_path, "issue", "--person", "alice@example.com")
    assert result.exit_code == 0
    assert "opens administration only" in result.stderr
    key = result.stdout.strip()
    with _door(tmp_path) as door:
        assert (await door.person(key)).id == "alice@example.com"
        with pytest.raises(Unauthenticated):
            await door.authenticate(key)
    assert _run(tmp_path, "list").stdout.strip().endswith("person alice@example.com")


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--tenant", "demo"],
        ["--principal", "app"],
        ["--person", "alice", "--tenant", "demo", "--principal", "app"],
        ["--person", "alice", "--principal", "app"],
        ["--person", "a b"],
    ],
)
def test_a_key_is_for_one_holder(tmp_path: Path, options: list[str]) -> None:
    assert _run(tmp_path, "issue", *options).exit_code == 2
    assert KeyStore(tmp_path / "keys.sqlite").list() == ()


async def test_rotation_overlaps(tmp_path: Path) -> None:
    old = _issue(tmp_path, "--expires-days", "30")
    result = _run(tmp_path, "rotate", old, "--overlap", "24h")
    assert result.exit_code == 0, result.output
    assert old not in result.output
    with _door(tmp_path) as door:
        principals = [await door.authenticate(key) for key in (old, result.stdout.strip())]
    assert {(who.tenant, who.id) for who in principals} == {("demo", "app")}
    first, second = KeyStore(tmp_path / "keys.sqlite").list()
    assert first.rotated_to == second.key_id
    assert first.expires is not None
    assert timedelta(hours=23, minutes=59) < first.expires - second.created <= timedelta(hours=24)
    assert second.expires == second.created + timedelta(days=30)


async def test_rotation_without_overlap_ends_the_old_key(tmp_path: Path) -> None:
    old = _issue(tmp_path)
    assert _run(tmp_path, "rotate", old, "--overlap", "0m").exit_code == 0
    with _door(tmp_path) as door, pytest.raises(Unauthenticated, match="expired"):
        await door.authenticate(old)


def test_an_overlap_does_not_prolong_a_key(tmp_path: Path) -> None:
    key = _issue(tmp_path, "--expires-days", "1")
    ends = _only(tmp_path).expires
    assert _run(tmp_path, "rotate", key, "--overlap", "30d").exit_code == 0
    assert KeyStore(tmp_path / "keys.sqlite").list()[0].expires == ends


def test_only_a_key_in_use_is_rotated(tmp_path: Path) -> None:
    key = _issue(tmp_path)
    assert _run(tmp_path, "rotate", key, "--overlap", "24h").exit_code == 0
    again = _run(tmp_path, "rotate", key)
    assert (again.exit_code, again.stdout) == (1, "")
    assert "rotated before" in again.stderr
    assert "no key with this id" in _run(tmp_path, "rotate", "pgw_cccccccc").stderr
    ended = _issue(tmp_path)
    _run(tmp_path, "expire", ended, "--in", "0m")
    assert "has expired" in _run(tmp_path, "rotate", ended).stderr
    assert len(KeyStore(tmp_path / "keys.sqlite").list()) == 3


@pytest.mark.parametrize("span", ["", "24", "h", "-1h", "1w", "1.5h", "999999h", "24h "])
def test_a_span_that_makes_no_sense_is_refused(tmp_path: Path, span: str) -> None:
    key = _issue(tmp_path)
    for command in (["rotate", key, "--overlap", span], ["expire", key, "--in", span]):
        result = _run(tmp_path, *command)
        assert result.exit_code == 2
        assert key not in result.output
    assert _only(tmp_path).expires is None


def test_a_key_may_be_given_an_end(tmp_path: Path) -> None:
    key = _issue(tmp_path)
    assert _run(tmp_path, "expire", key, "--in", "7d").exit_code == 0
    record = _only(tmp_path)
    assert record.expires is not None
    assert timedelta(days=6, hours=23) < record.expires - record.created < timedelta(days=7, hours=1)
    assert _run(tmp_path, "expire", "pgw_cccccccc", "--in", "7d").exit_code == 1


def test_list_for_programs_and_for_one_tenant(tmp_path: Path) -> None:
    key = _issue(tmp_path)
    _run(tmp_path, "issue", "--tenant", "other", "--principal", "bot")
    _run(tmp_path, "issue", "--person", "alice@example.com")
    _run(tmp_path, "revoke", key)
    every = json.loads(_run(tmp_path, "list", "--json").stdout)
    assert [(one["kind"], one["state"], one["tenant"], one["principal"], one["person"]) for one in every] == [
        ("ordinary", "revoked", "demo", "app", None),
        ("ordinary", "valid", "other", "bot", None),
        ("person", "valid", None, None, "alice@example.com"),
    ]
    (one,) = json.loads(_run(tmp_path, "list", "--json", "--tenant", "other").stdout)
    assert one.keys() >= {"key_id", "created", "expires", "revoked", "rotated_to"}
    assert _run(tmp_path, "list", "--tenant", "other").stdout.strip().endswith("other/bot")
    assert "of this tenant" in _run(tmp_path, "list", "--tenant", "nobody").stderr
    assert json.loads(_run(tmp_path, "list", "--json", "--tenant", "nobody").stdout) == []


@pytest.mark.parametrize(
    "options",
    [
        ["--tenant", "demo", "--principal", "app"],
        ["--tenant", "demo", "--principal", "dev"],
        ["--tenant", "clinic", "--principal", "anybody"],
        ["--person", "alice@example.com"],
    ],
)
def test_whom_the_policy_knows_gets_a_key(tmp_path: Path, policy: Path, options: list[str]) -> None:
    result = _run(tmp_path, "issue", *options, "--policy", str(policy))
    assert result.exit_code == 0
    assert "warning" not in result.stderr


@pytest.mark.parametrize(
    ("options", "fix"),
    [
        (["--tenant", "demo", "--principal", "ap"], "list ap under tenants.demo.principals, or use one of demo/app, demo/dev"),
        (["--tenant", "none", "--principal", "app"], "under tenants.none.principals"),
        (["--person", "bob"], "list bob under identity.people"),
    ],
)
def test_whom_the_policy_does_not_know_gets_none(
    tmp_path: Path, policy: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], fix: str
) -> None:
    refused = _run(tmp_path, "issue", *options, "--policy", str(policy))
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert fix in refused.stderr
    assert not (tmp_path / "keys.sqlite").exists()
    monkeypatch.setenv("GATEWAY_POLICY", str(policy))
    warned = _run(tmp_path, "issue", *options)
    assert warned.exit_code == 0
    assert warned.stderr.startswith("warning: ")
    assert fix in warned.stderr


@pytest.mark.parametrize("content", ["tenants: [", "tenants: [1]", "", "- a", "tenants: {demo: {teams: 3}}", "identity: 7"])
def test_a_policy_that_says_nothing_of_anybody(tmp_path: Path, policy: Path, content: str) -> None:
    policy.write_text(content)
    result = _run(tmp_path, "issue", "--tenant", "demo", "--principal", "app", "--policy", str(policy))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "fix: " in result.stderr


def test_a_policy_that_is_not_there_is_refused_when_it_was_asked_for(tmp_path: Path) -> None:
    result = _run(tmp_path, "issue", "--person", "alice", "--policy", str(tmp_path / "none.yaml"))
    assert result.exit_code == 1
    assert "cannot be read" in result.stderr
