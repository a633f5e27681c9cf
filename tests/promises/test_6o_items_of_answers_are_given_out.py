"""Promise 6 and erasure: items of answers that a gateway keeps for its callers are found, given out and erased with the rest.

All through the command, on what a gateway kept that serves two tenants; on SQLite and on Postgres.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import update
from typer.testing import CliRunner, Result

from gateway.audit.act_reader import read_acts
from gateway.cli.commands import cli
from gateway.identity.key_store import open_keys
from gateway.identity.pepper import load_pepper
from gateway.identity.virtual_keys import mint
from gateway.store.database import Database, open_database
from gateway.store.tables.content import TENANT_KEYS
from gateway.store.tables.vault import VAULT_ITEMS
from tests.promises.stored_items import answered, named, saying
from tests.store.databases import postgres
from tests.store.postgres import Server
from tests.support.backend import ScriptedBackend, backend_in_thread
from tests.support.gateway import MODEL, RunningGateway, policy_text, running_gateway

__all__ = ["postgres"]

ANNA, BOB = "anna.meier@example.com", "bob@example.org"
WORD = "xylographer"
KEEPING = "reply: {restore: true, store: 12h}"
OTHERS = f"""\
  globex:
    models: [{MODEL}]
    {KEEPING}
    principals: {{app: {{}}}}
"""


@dataclass(frozen=True)
class Office:
    """A gateway, and what a privacy officer does there."""

    gateway: RunningGateway
    backend: ScriptedBackend
    keys: Mapping[str, str]
    folder: Path
    url: str

    def answer(self, asked: str, said: str, tenant: str = "acme") -> dict[str, Any]:
        self.backend.reply_with(saying(said))
        (item,) = answered(self._asked(asked, tenant))
        return item

    def is_named(self, item: dict[str, Any], tenant: str = "acme") -> bool:
        return self._asked(named(item), tenant).status_code == 200

    def run(self, command: str, *words: str, tenant: str = "acme") -> Result:
        where = ["--tenant", tenant, "--state-dir", str(self.gateway.settings.state_dir), "--database", self.url]
        return CliRunner().invoke(cli, ["subject", command, *where, *words], env={"GATEWAY_MASTER_KEY": None})

    def found(self, *values: str, tenant: str = "acme") -> list[dict[str, Any]]:
        done = self.run("find", "--json", *values, tenant=tenant)
        assert done.exit_code == 0, done.output
        return [json.loads(line) for line in done.stdout.splitlines()]

    def exported(self, *values: str, tenant: str = "acme") -> list[dict[str, Any]]:
        out = self.folder / "export.json"
        out.unlink(missing_ok=True)
        done = self.run("export", "--out", str(out), *values, tenant=tenant)
        assert done.exit_code == 0, done.output
        items: list[dict[str, Any]] = json.loads(out.read_text(encoding="utf-8"))["kept_items"]
        return items

    def database(self) -> Database:
        return open_database(self.url)

    def _asked(self, said: Any, tenant: str) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.keys[tenant]}"}
        return self.gateway.http.post("/responses", json={"model": MODEL, "input": said}, headers=headers)


@contextmanager
def _serving(folder: Path, url: str) -> Iterator[Office]:
    with backend_in_thread() as backend:
        policy = policy_text(backend.url, tenant=KEEPING) + OTHERS
        with running_gateway(folder, policy, database_url=SecretStr(url)) as gateway:
            yield Office(gateway, backend, _keys(gateway, url), folder, url)


def _keys(gateway: RunningGateway, url: str) -> Mapping[str, str]:
    """One of each tenant's, where the gateway looks for them."""
    pepper, now = load_pepper(gateway.settings.secret_path, {}), datetime.now(UTC)
    made = {tenant: mint(pepper, tenant=tenant, principal="app", now=now) for tenant in ("acme", "globex")}
    with closing(open_database(url)) as database, closing(open_keys(gateway.settings.keys_path, database)) as store:
        for new in made.values():
            store.add(new.record)
    return {tenant: new.plaintext for tenant, new in made.items()}


@pytest.fixture(params=["sqlite", "postgres"])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    if request.param == "sqlite":
        with _serving(tmp_path, f"sqlite:///{tmp_path / 'state' / 'audit.sqlite'}") as office:
            yield office
        return
    server: Server = request.getfixturevalue("postgres")
    with server.database() as url, _serving(tmp_path, url) as office:
        yield office


def test_from_an_answer_to_nothing(office: Office) -> None:
    item = office.answer(f"I am {ANNA}, and this is {BOB}.", f"<EMAIL_ADDRESS_1> told <EMAIL_ADDRESS_2> of a {WORD}.")
    assert item["content"][0]["text"] == f"{ANNA} told {BOB} of a {WORD}."
    of_bob = office.answer(f"I am {BOB}.", f"<EMAIL_ADDRESS_1> is a {WORD}.")
    elsewhere = office.answer(f"I am {ANNA}.", f"<EMAIL_ADDRESS_1> is a {WORD}.", tenant="globex")

    (told,) = office.found("ANNA.MEIER@example.com")
    assert (told["kind"], told["tenant"], told["closed"]) == ("item", "acme", None)
    assert told["kept_at"] < told["kept_until"]
    (given,) = office.exported(ANNA)
    assert given["item"]["content"][0]["text"] == f"<VALUE_1> told <VALUE_2> of a {WORD}."
    assert (given["your_values"], given["not_shown"]) == ({"<VALUE_1>": ANNA}, None)
    assert (given["kept_at"], given["kept_until"]) == (told["kept_at"], told["kept_until"])
    assert BOB not in json.dumps(given)
    shown = office.run("find", ANNA)
    assert [line.split("  ")[1:] for line in shown.stdout.splitlines()] == [
        ["item of an answer", "acme", f"kept until {told['kept_until']}"]
    ]
    assert "0 exchanges, 1 item of answers" in shown.stderr
    with closing(office.database()) as database:
        assert [row.act.action for row in read_acts(database, limit=3)] == ["subject.find", "subject.export", "subject.find"]

    erased = office.run("erase", "--certificate", str(office.folder / "certificate.txt"), "--yes", ANNA)
    assert erased.stdout.endswith("1 things elsewhere\n"), erased.output
    assert (office.found(ANNA), office.exported(ANNA)) == ([], [])
    assert not office.is_named(item)
    assert len(office.found(BOB)) == len(office.found(ANNA, tenant="globex")) == 1
    assert office.is_named(of_bob)
    assert office.is_named(elsewhere, "globex")


def test_after_its_time_there_is_nothing(office: Office) -> None:
    office.answer(f"I am {ANNA}.", "Hello <EMAIL_ADDRESS_1>.")
    assert len(office.found(ANNA)) == len(office.exported(ANNA)) == 1
    with closing(office.database()) as database, database.writing() as connection:
        connection.execute(update(VAULT_ITEMS).values(expires_at="2026-01-01T00:00:00.000Z"))
    assert (office.found(ANNA), office.exported(ANNA)) == ([], [])


def test_what_does_not_open_is_told_of(office: Office) -> None:
    office.answer(f"I am {ANNA}.", "Hello <EMAIL_ADDRESS_1>.")
    with closing(office.database()) as database, database.writing() as connection:
        connection.execute(update(VAULT_ITEMS).values(sealed=b"sealed by nobody, and as long as something that was"))
    assert [one["not_shown"] for one in office.exported(ANNA)] == ["unreadable"]
    with closing(office.database()) as database, database.writing() as connection:
        connection.execute(update(TENANT_KEYS).values(wrapped=b"wrapped by nobody"))
    for command in (("find",), ("export", "--out", str(office.folder / "none.json"))):
        refused = office.run(*command, ANNA)
        assert refused.exit_code == 1
        assert "key" in refused.stderr
    assert not (office.folder / "none.json").exists()
