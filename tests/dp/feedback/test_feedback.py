"""Feedback through a whole gateway: whose it may be, what becomes of it, and how it is erased."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from openai import OpenAI
from sqlalchemy import update
from typer.testing import CliRunner

from gateway.assurance.retention import retire
from gateway.audit.act import Act
from gateway.audit.act_reader import read_acts
from gateway.audit.kept import read_content
from gateway.cli.commands import cli
from gateway.keys.keyring import Keyring
from gateway.keys.master import open_master
from gateway.moments import written
from gateway.protocol.wire import JsonObject
from gateway.store import Database
from gateway.store.tables.content import KEPT
from tests.store.databases import sqlite_at
from tests.support.backend import backend_in_thread
from tests.support.disk import files_of
from tests.support.gateway import RunningGateway, policy_text, running_gateway

TENANT = "entities: {default: placeholder}\nreply: {restore: true}\nrecord: {content: redacted, retention_days: 30}"
PRINCIPALS = "{app: {}, other: {}, lean: {record: {content: none}}, few: {limits: {requests: 3/day}}}"
ANNA, BOB = "anna.meier@example.com", "bob.stone@example.org"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    folder = tmp_path_factory.mktemp("feedback")
    with backend_in_thread() as backend:
        policy = policy_text(backend.url, tenant=TENANT, principals=PRINCIPALS)
        with running_gateway(folder, policy) as running:
            yield running


def asked(gateway: RunningGateway, content: str) -> httpx.Response:
    answer = gateway.chat(content)
    assert answer.status_code == 200
    gateway.records(len(gateway.records()))
    return answer


def give(gateway: RunningGateway, key: str | None = None, **said: str) -> httpx.Response:
    headers = {"authorization": f"Bearer {key or gateway.key}"}
    return gateway.http.post("/feedback", json=said, headers=headers)


def acts(gateway: RunningGateway) -> list[Act]:
    with closing(sqlite_at(gateway.settings.audit_path)) as database:
        return [row.act for row in read_acts(database, limit=100) if row.act.action == "feedback.give"]


def test_a_thumb_is_an_act_on_the_record(gateway: RunningGateway) -> None:
    answer = asked(gateway, "When does the lighthouse open?")
    call_id = answer.headers["x-request-id"]
    with OpenAI(base_url=gateway.base_url, api_key=gateway.key) as client:
        told = client.post("/feedback", body={"call_id": call_id, "thumb": "up"}, cast_to=httpx.Response)
    assert (told.status_code, told.json()["call_id"], told.json()["thumb"]) == (201, call_id, "up")
    act = acts(gateway)[0]
    assert (act.act_id, act.principal, act.target, act.result) == (told.json()["id"], "app", call_id, "up")
    by_answer = give(gateway, response_id=answer.json()["id"], thumb="down")
    assert by_answer.status_code == 201


def test_others_calls_are_as_unknown_as_none(gateway: RunningGateway) -> None:
    call_id = asked(gateway, "Mine").headers["x-request-id"]
    other, before = gateway.issue("other"), len(acts(gateway))
    refused = [give(gateway, other, call_id=call_id, thumb="up"), give(gateway, call_id="req_none", thumb="up")]
    assert [one.status_code for one in refused] == [404, 404]
    assert refused[0].json() == refused[1].json()
    assert len(acts(gateway)) == before
    assert give(gateway, "wrong", call_id=call_id, thumb="up").status_code == 401
    assert [(act.outcome, act.target) for act in acts(gateway)[:-before]] == [("denied", None)]


def test_feedback_is_a_request_of_its_caller_also_where_it_is_refused(gateway: RunningGateway) -> None:
    few = gateway.issue("few")
    body = {"model": "test-model", "messages": [{"role": "user", "content": "Hello"}]}
    asked_for = gateway.http.post("/chat/completions", json=body, headers={"authorization": f"Bearer {few}"})
    gateway.records(len(gateway.records()))
    answers = [give(gateway, few, call_id=asked_for.headers["x-request-id"], thumb=one) for one in ("up", "sideways", "up")]
    assert [answer.status_code for answer in answers] == [201, 400, 429]
    assert answers[0].headers["x-ratelimit-remaining-requests"] == "1"
    assert answers[2].json()["error"]["code"] == "rate_limit_exceeded"
    assert int(answers[2].headers["retry-after"]) > 0


def test_a_correction_is_redacted_sealed_and_erased_with_its_call(gateway: RunningGateway) -> None:
    call_id = asked(gateway, f"Who is {ANNA}?").headers["x-request-id"]
    told = give(gateway, call_id=call_id, thumb="down", correction=f"The harbourmaster, not {BOB}.")
    assert told.status_code == 201, told.text
    with closing(sqlite_at(gateway.settings.audit_path)) as database, database.reading() as connection:
        keyring = Keyring(database, open_master(gateway.settings, {}))
        content = read_content(connection, keyring, told.json()["id"], "acme")
    assert content.request == {"correction": "The harbourmaster, not <EMAIL_ADDRESS_1>.", "replaced": 1}
    erase(gateway, ANNA)  # who is in the call, and not in the correction
    files = b"\0".join(files_of(gateway.settings.state_dir).values())
    assert all(word not in files for word in (BOB.encode(), b"harbourmaster"))
    with closing(sqlite_at(gateway.settings.audit_path)) as database, database.reading() as connection:
        keyring = Keyring(database, open_master(gateway.settings, {}))
        assert read_content(connection, keyring, told.json()["id"], "acme").request is None
    again = give(gateway, call_id=call_id, thumb="down", correction="The keeper.")
    assert (again.status_code, again.json()["error"]["param"]) == (400, "correction")


def erase(gateway: RunningGateway, value: str) -> None:
    state = gateway.settings.state_dir
    options = ["--tenant", "acme", "--certificate", str(state.parent / "certificate.txt"), "--yes", "--state-dir", str(state)]
    done = CliRunner().invoke(cli, ["subject", "erase", *options, value], env={"GATEWAY_MASTER_KEY": None})
    assert done.exit_code == 0, done.output


def test_a_correction_is_kept_no_longer_than_its_call(gateway: RunningGateway) -> None:
    """Though it was given later. What was kept of a call for less time than policy says now takes it along as well."""
    call_id = asked(gateway, "When is the lighthouse lit?").headers["x-request-id"]
    soon = written(datetime.now(UTC) + timedelta(days=1))
    with closing(sqlite_at(gateway.settings.audit_path)) as database, database.writing() as connection:
        connection.execute(update(KEPT).where(KEPT.c.call_id == call_id).values(expires_at=soon))
    told = give(gateway, call_id=call_id, thumb="down", correction="At dusk.")
    with closing(sqlite_at(gateway.settings.audit_path)) as database:
        retire(database, datetime.now(UTC) + timedelta(hours=23))
        assert _correction(gateway, database, told.json()["id"]) is not None
        retire(database, datetime.now(UTC) + timedelta(hours=25))
        assert _correction(gateway, database, told.json()["id"]) is None


def _correction(gateway: RunningGateway, database: Database, act_id: str) -> JsonObject | None:
    with database.reading() as connection:
        return read_content(connection, Keyring(database, open_master(gateway.settings, {})), act_id, "acme").request


def test_where_no_content_is_kept_a_correction_is_refused_and_a_thumb_is_not(gateway: RunningGateway) -> None:
    lean = {"authorization": f"Bearer {gateway.issue('lean')}"}
    body = {"model": "test-model", "messages": [{"role": "user", "content": "Hello"}]}
    call_id = gateway.http.post("/chat/completions", json=body, headers=lean).headers["x-request-id"]
    key = lean["authorization"].removeprefix("Bearer ")
    gateway.records(len(gateway.records()))
    assert give(gateway, key, call_id=call_id, thumb="down", correction="Good day").status_code == 400
    assert give(gateway, key, call_id=call_id, thumb="down").status_code == 201
