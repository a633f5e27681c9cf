"""`gateway break-glass`: two officers, a reason, a time limit, and all of it on the record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.audit.act_reader import read_acts
from gateway.cli.commands import cli
from tests.assurance.kept import ANNA, House
from tests.store.databases import sqlite_at

POLICY = """\
version: 1
deployments: {d: {base_url: "http://127.0.0.1:1/v1"}}
models: {m: {deployments: [d]}}
tenants:
  bank: {models: [m], principals: {app: {}}}
  shop: {models: [m], principals: {app: {}}}
identity:
  people:
    olga: {roles: [privacy_officer], tenants: [bank]}
    onno: {roles: [privacy_officer]}
    omar: {roles: [privacy_officer], tenants: [shop]}
    aud: {roles: [auditor]}
    opal: {roles: [operator]}
"""
REASON = "complaint 4711 of 3 January"


class Office:
    """Everybody's keys; `run` acts as one of them."""

    def __init__(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        self.house = house
        self._monkeypatch = monkeypatch
        self._keys = {
            who: invoke("keys", "issue", "--person", who).stdout.strip() for who in ("olga", "onno", "omar", "aud", "opal")
        }

    def run(self, who: str, *words: str) -> Result:
        self._monkeypatch.setenv("GATEWAY_PERSON_KEY", self._keys[who])
        return invoke("break-glass", *words)

    def acts(self) -> list[tuple[str, str | None, str]]:
        acts = [row.act for row in reversed(read_acts(self.house.database, limit=100))]
        return [(act.action.removeprefix("break_glass."), act.actor, act.outcome) for act in acts if act.action != "keys.issue"]


def invoke(*words: str) -> Result:
    return CliRunner().invoke(cli, list(words))


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    for name in ("GATEWAY_MASTER_KEY", "GATEWAY_SECRET", "GATEWAY_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GATEWAY_STATE_DIR", str(tmp_path))
    (tmp_path / "policy.yaml").write_text(POLICY)
    monkeypatch.setenv("GATEWAY_POLICY", str(tmp_path / "policy.yaml"))
    with closing(sqlite_at(tmp_path / "audit.sqlite")) as database:
        house = House(database, tmp_path)
        house.keep("call_1", originals={"<PERSON_1>": ANNA})
        yield Office(house, monkeypatch)


def test_two_officers_and_one_of_them_sees(office: Office) -> None:
    assert "you have no leave" in office.run("olga", "show", "call_1").stderr
    asked = office.run("olga", "ask", "call_1", "--reason", REASON)
    grant = asked.stdout.strip()
    assert grant.startswith("bg_"), asked.output
    assert "nobody agrees to their own request" in office.run("olga", "give", grant).stderr
    given = office.run("onno", "give", grant)
    assert f"{grant}  bank  call_1  olga  given until" in given.stdout
    assert office.run("olga", "show", "call_1").stdout == f'{{"<PERSON_1>": "{ANNA}"}}\n'
    assert office.run("onno", "show", "call_1").exit_code == 1
    assert office.acts() == [
        ("ask", "olga", "done"),
        ("give", "olga", "failed"),
        ("give", "onno", "done"),
        ("show", "olga", "done"),
    ]
    assert ANNA.encode() not in (office.house.folder / "audit.sqlite").read_bytes()


def test_what_was_erased_meanwhile_is_said_to_be_gone(office: Office) -> None:
    office.run("onno", "give", office.run("olga", "ask", "call_1", "--reason", REASON).stdout.strip())
    erased = invoke("subject", "erase", "--tenant", "bank", "--certificate", str(office.house.folder / "it.txt"), "--yes", ANNA)
    assert erased.exit_code == 0, erased.output
    shown = office.run("olga", "show", "call_1")
    assert (shown.exit_code, shown.stdout) == (0, "")
    assert "no originals are kept of this exchange" in shown.stderr


def test_a_refusal_ends_it(office: Office) -> None:
    grant = office.run("olga", "ask", "call_1", "--reason", REASON).stdout.strip()
    assert "refused by onno" in office.run("onno", "refuse", grant).stdout
    assert "it is refused" in office.run("onno", "give", grant).stderr
    assert office.run("olga", "show", "call_1").exit_code == 1


def test_another_tenants_officer_and_an_auditor(office: Office) -> None:
    grant = office.run("olga", "ask", "call_1", "--reason", REASON).stdout.strip()
    for who, words in (("omar", ("give", grant)), ("omar", ("ask", "call_1", "--reason", REASON)), ("aud", ("give", grant))):
        refused = office.run(who, *words)
        assert (refused.exit_code, refused.stderr) == (1, "There is no such thing, or it is not yours to see.\n")
    assert office.run("omar", "list").stdout == ""
    assert f"{grant}  bank  call_1  olga  waiting  {REASON}" in office.run("aud", "list").stdout


def test_who_looks_at_the_list_has_a_role_for_it_and_is_on_record(office: Office) -> None:
    grant = office.run("olga", "ask", "call_1", "--reason", REASON).stdout.strip()
    refused = office.run("opal", "list")
    assert (refused.exit_code, refused.stdout, refused.stderr) == (1, "", "None of your roles may see who asked.\n")
    assert grant in office.run("aud", "list").stdout
    assert office.acts()[1:] == [("list", "opal", "failed"), ("list", "aud", "done")]
    assert [row.act.tenant for row in read_acts(office.house.database, limit=2)] == [None, None]
    office.run("olga", "list")
    assert read_acts(office.house.database, limit=1)[0].act.tenant == "bank"


def test_a_reason_is_needed_and_a_key(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Give a reason of 10 to 500" in office.run("olga", "ask", "call_1", "--reason", "because").stderr
    monkeypatch.setenv("GATEWAY_PERSON_KEY", "pga_aaaaaaaa_" + "A" * 43)
    assert invoke("break-glass", "list").stderr == "The API key is not valid.\n"
    monkeypatch.delenv("GATEWAY_PERSON_KEY")
    typed = CliRunner().invoke(cli, ["break-glass", "list"], input=office._keys["onno"] + "\n")
    assert "your key" not in typed.stderr, "nobody sits at a terminal"
    assert typed.exit_code == 0
    assert office._keys["onno"] not in typed.output


def test_a_policy_with_a_fault_ends_the_command(office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text("version: 9\n")
    assert office.run("olga", "list").exit_code == 1


def test_a_value_gives_no_orders_to_the_terminal(office: Office) -> None:
    value = "张伟\x9b31m\x1b[2J\u202e"
    office.house.keep("call_2", originals={"<PERSON_1>": value})
    grant = office.run("olga", "ask", "call_2", "--reason", REASON).stdout.strip()
    office.run("onno", "give", grant)
    shown = office.run("olga", "show", "call_2").stdout
    assert json.loads(shown) == {"<PERSON_1>": value}
    assert shown.rstrip("\n").isprintable()
    assert "张伟" in shown
