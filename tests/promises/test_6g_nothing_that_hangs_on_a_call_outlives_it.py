"""Promise 6 and erasure: what is about a person without naming them is found, given out and erased with what does.

A copy of a call has placeholders where the call has people, and later turns of a conversation name them by placeholders alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import delete
from typer.testing import CliRunner

from gateway.cli.commands import cli
from gateway.exchange import COPY
from gateway.store.tables.content import SUBJECTS
from tests.store.databases import sqlite_at
from tests.support.backend import backend_in_thread
from tests.support.gateway import RunningGateway, policy_text, running_gateway
from tests.support.script import text

ANNA = "anna.meier@example.com"
SAID = "<EMAIL_ADDRESS_1> was dismissed in May."
KEEPING = "record: {content: redacted, originals: sealed}\n"


class Office:
    """A gateway, and what a privacy officer does there."""

    def __init__(self, gateway: RunningGateway, folder: Path) -> None:
        self.gateway = gateway
        self._folder = folder

    def found(self) -> list[str]:
        return [json.loads(line)["call_id"] for line in self._run("find", "--json", ANNA).splitlines()]

    def exported(self) -> list[str]:
        out = self._folder / "export.json"
        self._run("export", "--out", str(out), ANNA)
        told = json.loads(out.read_text(encoding="utf-8"))
        assert told["number_of_exchanges"] == len(told["exchanges"])
        return [one["reply"] for one in told["exchanges"]]

    def erase(self) -> str:
        return self._run("erase", "--certificate", str(self._folder / "certificate.txt"), "--yes", ANNA)

    def kept(self, count: int) -> list[tuple[object, object]]:
        contents = [self.gateway.content(one, originals=True) for one in self.gateway.records(count)]
        return [(one.request, one.reply) for one in contents]

    def _run(self, command: str, *words: str) -> str:
        state = ["--tenant", "acme", "--state-dir", str(self.gateway.settings.state_dir)]
        done = CliRunner().invoke(cli, ["subject", command, *state, *words], env={"GATEWAY_MASTER_KEY": None})
        assert done.exit_code == 0, done.output
        return done.stdout


@pytest.fixture
def shadowed(tmp_path: Path) -> Iterator[Office]:
    with backend_in_thread() as real, backend_in_thread() as copy:
        for backend in (real, copy):
            backend.reply_with(lambda request: text(request, SAID))
        written = policy_text(real.url, tenant=f"reply: {{restore: true}}\n{KEEPING}")
        written = written.replace("models:\n", f'  copy: {{base_url: "{copy.url}"}}\nmodels:\n', 1).replace(
            "{deployments: [backend]}", "{deployments: [backend], routing: {shadow: {deployment: copy, percent: 100}}}"
        )
        with running_gateway(tmp_path, written) as gateway:
            yield Office(gateway, tmp_path)


@pytest.mark.parametrize("older", [False, True])
def test_a_copy_of_a_call(shadowed: Office, older: bool) -> None:
    """Also one that an older gateway kept, to which no tags lead."""
    assert shadowed.gateway.say(f"Why was {ANNA} dismissed?") == SAID.replace("<EMAIL_ADDRESS_1>", ANNA)
    assert [reply for _, reply in shadowed.kept(2)] == [SAID, SAID]
    if older:
        with closing(sqlite_at(shadowed.gateway.settings.audit_path)) as database, database.writing() as connection:
            connection.execute(delete(SUBJECTS).where(SUBJECTS.c.call_id.endswith(COPY)))
    assert sorted(shadowed.found()) == sorted(one.call_id for one in shadowed.gateway.records(2))
    assert shadowed.exported() == [SAID, SAID]
    assert shadowed.erase().startswith("erased: the content of 2 exchanges")
    assert shadowed.kept(2) == [(None, None)] * 2
    assert shadowed.found() == []


@contextmanager
def conversing(folder: Path, more: str) -> Iterator[tuple[Office, Callable[[str, str], httpx.Response]]]:
    with backend_in_thread() as backend, running_gateway(folder, policy_text(backend.url, tenant=KEEPING + more)) as gateway:

        def ask(asked: str, answer: str) -> httpx.Response:
            backend.reply_with(lambda request: text(request, answer))
            body = {"model": "test-model", "messages": [{"role": "user", "content": asked}]}
            return gateway.http.post("/chat/completions", json=body, headers={"x-gateway-conversation": "ticket-4711"})

        yield Office(gateway, folder), ask


@pytest.mark.parametrize("scope", ["conversation", "principal", "tenant"])
@pytest.mark.parametrize("restore", ["true", "false"])
def test_a_later_turn_in_which_a_model_names_them_by_a_lasting_placeholder(tmp_path: Path, scope: str, restore: str) -> None:
    with conversing(tmp_path, f"reply: {{restore: {restore}}}\npseudonyms: {{scope: {scope}}}\n") as (office, ask):
        ask(f"Write to {ANNA}", "Done.")
        ask("And why did she leave?", SAID)
        assert [reply for _, reply in office.kept(2)] == ["Done.", SAID]
        assert len(office.found()) == 2
        assert sorted(office.exported()) == sorted(["Done.", SAID])
        office.erase()
        assert office.kept(2) == [(None, None)] * 2


def test_a_later_turn_in_which_a_client_sends_a_placeholder_back(tmp_path: Path) -> None:
    """Where nothing is restored it means what it meant; one that was never given out means nothing, and nobody."""
    with conversing(tmp_path, "reply: {restore: false}\npseudonyms: {scope: conversation}\n") as (office, ask):
        ask(f"Write to {ANNA}", "Done.")
        ask("Why did <EMAIL_ADDRESS_1> leave?", "I cannot say.")
        ask("Why did <EMAIL_ADDRESS_2> leave?", "I cannot say either.")
        assert len(office.found()) == 2
        office.erase()
        assert [reply for _, reply in office.kept(3)] == [None, None, "I cannot say either."]


def test_a_placeholder_that_somebody_typed_is_about_nobody(tmp_path: Path) -> None:
    with conversing(tmp_path, "reply: {restore: true}\npseudonyms: {scope: conversation}\n") as (office, ask):
        ask(f"Write to {ANNA}", "Done.")
        ask("What is <EMAIL_ADDRESS_1>?", "<EMAIL_ADDRESS_1> is a placeholder.")
        assert len(office.found()) == 1
