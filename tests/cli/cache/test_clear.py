"""`gateway cache clear`: on Redis, and by the record in the memory of a gateway that runs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.audit.act import Act
from gateway.audit.act_reader import read_acts
from gateway.caching.redis_store import RedisStore
from gateway.caching.store import Name
from gateway.cli.commands import cli
from gateway.identity.pepper import load_pepper
from gateway.keys.keyring import Keyring
from gateway.keys.master import open_master
from gateway.settings import Settings
from gateway.shared.place import RedisPlace
from tests.limits.conftest import RedisServer
from tests.store.databases import sqlite_at

NAMES = [
    Name("bank", "small", b"1" * 32, "v1"),
    Name("bank", "large", b"2" * 32, "v1"),
    Name("bank", "small", b"3" * 32, "v2"),
    Name("shop", "small", b"4" * 32, "v2"),
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The state of a gateway that has cached for two tenants."""
    for name in ("GATEWAY_MASTER_KEY", "GATEWAY_VAULT_URL", "GATEWAY_DATABASE_URL", "GATEWAY_REDIS_URL", "GATEWAY_SECRET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GATEWAY_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("GATEWAY_POLICY", str(tmp_path / "none.yaml"))
    monkeypatch.setenv("LOGNAME", "olga")
    with closing(sqlite_at(tmp_path / "audit.sqlite")) as database:
        keyring = Keyring(database, open_master(Settings(state_dir=tmp_path), {}))
        for tenant in ("bank", "shop"):
            keyring.tenant(tenant)
    return tmp_path


@pytest.fixture
def redis(monkeypatch: pytest.MonkeyPatch) -> Iterator[RedisServer]:
    server = RedisServer()
    monkeypatch.setenv("GATEWAY_REDIS_URL", server.url)
    yield server
    server.stop()


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, ["cache", "clear", *words])


def acts(folder: Path) -> list[Act]:
    with closing(sqlite_at(folder / "audit.sqlite")) as database:
        return [row.act for row in reversed(read_acts(database, limit=100))]


async def _kept(folder: Path, redis: RedisServer, *, put: bool) -> list[bool]:
    store = RedisStore(RedisPlace(redis.url), load_pepper(folder / "gateway.secret", {}).key_for("cache"), budget_s=10)
    for name in NAMES if put else ():
        await store.put(name, b"sealed", ttl_s=60, fence=(await store.get(name)).fence)
    held = [(await store.get(name)).sealed is not None for name in NAMES]
    await store.close()
    return held


@pytest.mark.parametrize(
    ("words", "left", "target"),
    [
        (["--tenant", "bank"], [False, False, False, True], None),
        (["--tenant", "bank", "--model", "small"], [False, True, False, True], "small"),
        (["--tenant", "bank", "--policy", "v1"], [False, False, True, True], "v1"),
    ],
)
def test_what_is_named_is_cleared_on_redis(
    folder: Path, redis: RedisServer, words: list[str], left: list[bool], target: str | None
) -> None:
    assert asyncio.run(_kept(folder, redis, put=True)) == [True] * 4
    done = run(*words)
    assert done.exit_code == 0, done.output
    assert done.output == f"cleared: bank; {left.count(False)} answers on Redis\n"
    assert asyncio.run(_kept(folder, redis, put=False)) == left
    (act,) = acts(folder)
    assert (act.action, act.actor, act.tenant, act.target, act.outcome) == ("cache.clear", "cli:olga", "bank", target, "done")


def test_without_a_name_all_tenants_are_cleared(folder: Path, redis: RedisServer) -> None:
    asyncio.run(_kept(folder, redis, put=True))
    assert run("--model", "small").output == "cleared: bank, shop; 3 answers on Redis\n"
    assert asyncio.run(_kept(folder, redis, put=False)) == [False, True, False, False]
    assert [act.tenant for act in acts(folder)] == ["bank", "shop"]


def test_an_alias_is_the_model_that_it_stands_for(folder: Path, redis: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = folder / "policy.yaml"
    policy.write_text(
        "version: 1\ndeployments: {gpu: {base_url: 'http://127.0.0.1:9/v1'}}\n"
        "models: {small: {deployments: [gpu]}, tiny: {alias: small}}\ntenants: {bank: {models: [small], principals: {app: {}}}}\n"
    )
    monkeypatch.setenv("GATEWAY_POLICY", str(policy))
    asyncio.run(_kept(folder, redis, put=True))
    done = run("--tenant", "bank", "--model", "tiny")
    assert (done.stdout, done.stderr) == ("cleared: bank; 2 answers on Redis\n", "tiny stands for small\n")
    assert asyncio.run(_kept(folder, redis, put=False)) == [False, True, False, True]
    assert [act.target for act in acts(folder)] == ["small"]
    policy.write_text("models: nonsense")
    refused = run("--tenant", "bank", "--model", "tiny")
    assert (refused.exit_code, refused.output) == (1, "the policy cannot be read, which says what model this is\n")


def test_without_redis_the_record_tells_whoever_holds_answers(folder: Path) -> None:
    done = run("--tenant", "bank")
    assert done.output == "cleared: bank; gateways that hold answers in their memory clear them within a second\n"
    assert [(act.action, act.outcome) for act in acts(folder)] == [("cache.clear", "done")]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--tenant", "nobody"], "nothing was ever kept of this tenant"),
        (["--model", "small", "--policy", "v1"], "name a model or a version of the policy, not both"),
    ],
)
def test_what_cannot_be_cleared(folder: Path, words: list[str], why: str) -> None:
    done = run(*words)
    assert (done.exit_code, done.output) == (1, f"{why}\n")
    assert acts(folder) == []


def test_a_redis_that_is_away_is_a_failure_on_record(folder: Path, redis: RedisServer) -> None:
    redis._process.kill()
    redis._process.wait()
    done = run("--tenant", "bank")
    assert (done.exit_code, done.output) == (1, "The cache's store does not answer.\n")
    assert [act.outcome for act in acts(folder)] == ["failed"]
