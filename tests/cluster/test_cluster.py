"""What holds when requests go to any of several machines, and on one of them to any of several workers."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from itertools import count

import httpx
import psutil
import pytest
from redis import Redis
from typer.testing import CliRunner

from bench.cluster.gateways import port_of, ready
from gateway.audit.act import Action
from gateway.audit.act_reader import read_acts
from gateway.audit.event import ExchangeRecord
from gateway.audit.reader import read_exchanges
from gateway.audit.signing import KeyFile
from gateway.cli.audit.commands import app as audit_cli
from gateway.cli.cache.commands import app as cache_cli
from gateway.cli.keys.store import opened_keys
from gateway.store.database import open_database
from tests.cluster.conftest import Cluster
from tests.support.script import echo, text


def said(text: str, role: str = "user") -> dict[str, str]:
    return {"role": role, "content": text}


def answer(response: httpx.Response) -> str:
    return str(response.json()["choices"][0]["message"]["content"])


def until(holds: Callable[[], bool]) -> None:
    """However slow this machine is."""
    deadline = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.1)


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

        def recorded() -> list[ExchangeRecord]:
            return [row.record for row in read_exchanges(database, limit=100) if row.record.call_id in ids]

        until(lambda: [str(record.outcome) for record in recorded()] == ["completed"] * 2)
        records = recorded()
    assert len({record.conversation for record in records}) == 1
    assert records[0].conversation is not None


def test_an_answer_of_one_machine_serves_the_other(cluster: Cluster) -> None:
    """Two people, one question: the second answer comes from the shared cache, with the second one's value."""
    keys, numbers = [cluster.shared.issue("acme", principal) for principal in ("app", "other")], count()

    def shared() -> bool:
        number, before = next(numbers), len(cluster.questions)
        texts = [f"Please ask {name}@example.org again, attempt {number}" for name in ("carol", "dave")]
        both = zip(keys, texts, strict=True)
        answers = [cluster.chat(at, key, [said(asked)], temperature=0) for at, (key, asked) in enumerate(both)]
        assert [answer(one) for one in answers] == texts
        states = [one.headers["x-gateway-cache"] for one in answers]
        return states == ["miss", "hit"] and len(cluster.questions) == before + 1

    until(shared)


def test_a_person_has_one_placeholder_on_all_machines(cluster: Cluster) -> None:
    """Within a conversation, and in another one none: what only the model still knows is put back anywhere."""
    key, sent = cluster.shared.issue("acme", "app"), len(cluster.questions)
    cluster.chat(0, key, [said("Write to eve.fox@example.org and to gus.hay@example.org")], conversation="c-1")
    cluster.chat(1, key, [said("Once more to gus.hay@example.org")], conversation="c-1")
    cluster.chat(1, key, [said("First of all to gus.hay@example.org")], conversation="c-2")
    texts = [str(request.json["messages"][-1]["content"]) for request in cluster.questions[sent:]]
    assert texts == [
        "Write to <EMAIL_ADDRESS_1> and to <EMAIL_ADDRESS_2>",
        "Once more to <EMAIL_ADDRESS_2>",
        "First of all to <EMAIL_ADDRESS_1>",
    ]
    cluster.backend.reply_with(lambda request: text(request, "It was <EMAIL_ADDRESS_1>"))
    try:
        told = {(at, name): answer(cluster.chat(at, key, [said("Who?")], name)) for at in (0, 1) for name in ("c-1", "c-3")}
    finally:
        cluster.backend.reply_with(echo)
    assert {told[at, "c-1"] for at in (0, 1)} == {"It was eve.fox@example.org"}
    assert {told[at, "c-3"] for at in (0, 1)} == {"It was <EMAIL_ADDRESS_1>"}


def test_equal_questions_at_once_on_all_machines_are_one_call(cluster: Cluster) -> None:
    """A Redis that is slow for a moment, on a machine that is busy, costs another call: then it is tried again."""
    key, numbers = cluster.shared.issue("acme", "app"), count()

    def one_call() -> bool:
        number, before = next(numbers), len(cluster.questions)
        asked = [said(f"Write to ida.joy@example.org at once, attempt {number}")]
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda at: cluster.chat(at % 2, key, asked, temperature=0), range(8)))
        assert {answer(one) for one in answers} == {asked[0]["content"]}
        return len(cluster.questions) == before + 1

    cluster.backend.reply_with(lambda request: echo(request).slow_head(1.0))
    try:
        until(one_call)
    finally:
        cluster.backend.reply_with(echo)


def test_other_words_find_an_answer_of_another_machine(cluster: Cluster) -> None:
    """The answer goes out before its wording is kept, and the model that reads wordings is loaded for the first one."""
    key, numbers = cluster.shared.issue("acme", "app"), count()

    def found() -> bool:
        number = next(numbers)
        first = cluster.chat(0, key, [said(f"How do I write to kim.lux@example.org about item {number}?")], temperature=0)
        assert first.headers["x-gateway-cache"] == "miss"
        time.sleep(1)
        second = cluster.chat(1, key, [said(f"how can I write to mia.nox@example.org about item {number}")], temperature=0)
        match = second.headers.get("x-gateway-cache-match") == "semantic"
        return match and answer(second) == f"How do I write to mia.nox@example.org about item {number}?"

    until(found)


def test_what_was_found_in_a_long_text_is_on_redis_and_says_nothing_of_it(cluster: Cluster) -> None:
    key, numbers = cluster.shared.issue("acme", "app"), count()
    with Redis.from_url(cluster.shared.redis_url) as redis:

        def kept() -> bool:
            text = f"Please tell pia.kay@example.org about item {next(numbers)}. " * 50
            assert [answer(cluster.chat(at, key, [said(text)])) for at in (0, 1)] == [text] * 2
            return any(redis.scan_iter("gateway:findings:*"))

        until(kept)
        seen = b"".join(name + bytes(redis.get(name) or b"") for name in redis.scan_iter("gateway:findings:*"))
    assert not [word for word in (b"pia", b"EMAIL", b"item") if word in seen]
    assert b"pia.kay@example.org" not in cluster.backend.wire_bytes


def test_what_is_cleared_by_a_command_is_cleared_for_all(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    key, asked = cluster.shared.issue("acme", "app"), [said("What is to be forgotten?")]
    states = [cluster.chat(machine, key, asked, temperature=0).headers["x-gateway-cache"] for machine in (0, 1)]
    assert states == ["miss", "hit"]
    monkeypatch.setenv("GATEWAY_REDIS_URL", cluster.shared.redis_url)
    state, url = str(cluster.shared.settings("1").state_dir), cluster.shared.database_url
    done = CliRunner().invoke(cache_cli, ["clear", "--tenant", "acme", "--state-dir", state, "--database", url])
    assert done.exit_code == 0, done.output
    states = [cluster.chat(machine, key, asked, temperature=0).headers["x-gateway-cache"] for machine in (1, 0)]
    assert states == ["miss", "hit"]


def test_all_take_a_new_version_of_the_policy(cluster: Cluster) -> None:
    def in_force() -> set[str]:
        ports = [port_of(machine) for machine in cluster.machines for _ in range(6)]
        return {httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=60).json()["checks"]["policy"] for port in ports}

    (before,) = in_force()
    with cluster.shared.policy.open("a", encoding="utf-8") as policy:
        policy.write("# another version\n")
    until(lambda: len(found := in_force()) == 1 and before not in found)


def test_limits_are_counted_by_all_together(cluster: Cluster) -> None:
    key = cluster.shared.issue("acme", "counted")
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda at: cluster.chat(at % 2, key, [said(f"number {at}")]).status_code, range(24)))
    assert Counter(statuses) == {200: 12, 429: 12}


def test_a_revoked_key_is_refused_everywhere(cluster: Cluster) -> None:
    key = cluster.shared.issue("acme", "leaver")
    tries = [0, 1, 1, 1, 1]
    assert {cluster.chat(machine, key, [said("hello")]).status_code for machine in tries} == {200}
    with opened_keys(cluster.shared.settings("1")) as keys:
        assert keys.revoke(key.rpartition("_")[0][: len("pgw_") + 8], datetime.now(UTC))
    until(lambda: {cluster.chat(machine, key, [said("hello")]).status_code for machine in tries} == {401})


def test_a_worker_that_dies_is_replaced_while_the_other_serves(cluster: Cluster) -> None:
    key = cluster.shared.issue("acme", "app")
    machine = cluster.machines[1]
    workers = machine.children()
    workers[0].send_signal(signal.SIGKILL)
    psutil.wait_procs(workers[:1], timeout=30)
    assert {cluster.chat(1, key, [said("still here?")]).status_code for _ in range(4)} == {200}
    until(lambda: len(machine.children()) == len(workers))
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
    assert 4 <= len(loads) <= 6  # two versions; the worker that was killed and replaced may have been the one
    settings = cluster.shared.settings("2")
    noted = str(KeyFile(settings.audit_key_path, settings.audit_origin).load().current.public)
    options = ["--key", noted, "--state-dir", str(settings.state_dir), "--database", cluster.shared.database_url]
    done = CliRunner().invoke(audit_cli, ["verify", *options])
    assert done.exit_code == 0, done.output
