"""What holds when requests go to any of several machines, and on one of them to any of several workers."""

from __future__ import annotations

import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime

import psutil
from typer.testing import CliRunner

from bench.cluster.gateways import port_of, ready
from gateway.audit.act import Action
from gateway.audit.act_reader import read_acts
from gateway.audit.reader import read_exchanges
from gateway.audit.signing import KeyFile
from gateway.cli.audit import app as audit_cli
from gateway.cli.keys_session import opened_keys
from gateway.store.database import open_database
from tests.cluster.conftest import Cluster


def said(text: str, role: str = "user") -> dict[str, str]:
    return {"role": role, "content": text}


def answer(response: object) -> str:
    return str(response.json()["choices"][0]["message"]["content"])  # type: ignore[attr-defined]


def test_any_machine_goes_on_with_a_conversation(cluster: Cluster) -> None:
    """Both see one conversation, and each gives the caller's own values back."""
    key = cluster.shared.issue("acme", "app")
    asked = said("Write to ann.lee@example.org")
    first = cluster.chat(0, key, [asked])
    assert answer(first) == "Write to ann.lee@example.org"
    second = cluster.chat(1, key, [asked, said(answer(first), "assistant"), said("And to bob.ray@example.org too")])
    assert answer(second) == "And to bob.ray@example.org too"
    assert b"@example.org" not in cluster.backend.wire_bytes
    ids = {first.headers["x-request-id"], second.headers["x-request-id"]}
    with closing(open_database(cluster.shared.database_url)) as database:
        deadline = time.monotonic() + 30
        while True:
            records = [row.record for row in read_exchanges(database, limit=100) if row.record.call_id in ids]
            if [str(record.outcome) for record in records] == ["completed"] * 2:
                break
            assert time.monotonic() < deadline, "the exchanges were not recorded"
            time.sleep(0.05)
    assert len({record.conversation for record in records}) == 1
    assert records[0].conversation is not None


def test_an_answer_of_one_machine_serves_the_other(cluster: Cluster) -> None:
    """Two people, one question: the second answer comes from the shared cache, with the second one's value."""
    keys = [cluster.shared.issue("acme", principal) for principal in ("app", "other")]
    before = len(cluster.backend.received)
    answers = [
        cluster.chat(machine, key, [said(f"Please ask {name}@example.org again")], temperature=0)
        for machine, (key, name) in enumerate(zip(keys, ("carol", "dave"), strict=True))
    ]
    assert [one.headers["x-gateway-cache"] for one in answers] == ["miss", "hit"]
    assert [answer(one) for one in answers] == [f"Please ask {name}@example.org again" for name in ("carol", "dave")]
    assert len(cluster.backend.received) == before + 1


def test_limits_are_counted_by_all_together(cluster: Cluster) -> None:
    key = cluster.shared.issue("acme", "counted")
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda at: cluster.chat(at % 2, key, [said(f"number {at}")]).status_code, range(24)))
    assert Counter(statuses) == {200: 12, 429: 12}


def test_a_revoked_key_is_refused_everywhere_within_a_second(cluster: Cluster) -> None:
    key = cluster.shared.issue("acme", "leaver")
    tries = [0, 1, 1, 1, 1]
    assert {cluster.chat(machine, key, [said("hello")]).status_code for machine in tries} == {200}
    with opened_keys(cluster.shared.settings("1")) as keys:
        assert keys.revoke(key.rpartition("_")[0][: len("pgw_") + 8], datetime.now(UTC))
    time.sleep(1)
    assert {cluster.chat(machine, key, [said("hello")]).status_code for machine in tries} == {401}


def test_a_worker_that_dies_is_replaced_while_the_other_serves(cluster: Cluster) -> None:
    key = cluster.shared.issue("acme", "app")
    machine = cluster.machines[1]
    workers = machine.children()
    workers[0].send_signal(signal.SIGKILL)
    psutil.wait_procs(workers[:1], timeout=30)
    assert {cluster.chat(1, key, [said("still here?")]).status_code for _ in range(4)} == {200}
    deadline = time.monotonic() + 90
    while len(machine.children()) < len(workers):
        assert time.monotonic() < deadline, "the worker was not replaced"
        time.sleep(0.1)
    assert ready(port_of(machine))


def test_all_write_one_log_that_verifies(cluster: Cluster) -> None:
    """Also the end: every process drains and signs. Only one process of each machine says which policy it loaded."""
    key = cluster.shared.issue("acme", "app")
    calls = {cluster.chat(at % 2, key, [said(f"for the log {at}")]).headers["x-request-id"] for at in range(6)}
    assert [machine.stop() for machine in cluster.machines] == [0, 0]
    with closing(open_database(cluster.shared.database_url)) as database:
        recorded = {row.record.call_id for row in read_exchanges(database, limit=1_000) if row.record.outcome != "incomplete"}
        loads = [row.act for row in read_acts(database, limit=1_000) if row.act.action is Action.POLICY_LOAD]
    assert calls <= recorded
    assert 2 <= len(loads) <= 3  # the worker that was killed and replaced may have been the one
    settings = cluster.shared.settings("2")
    noted = str(KeyFile(settings.audit_key_path, settings.audit_origin).load().current.public)
    options = ["--key", noted, "--state-dir", str(settings.state_dir), "--database", cluster.shared.database_url]
    done = CliRunner().invoke(audit_cli, ["verify", *options])
    assert done.exit_code == 0, done.output
