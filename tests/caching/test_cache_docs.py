"""docs/cache.md says what the policy's language has, and its example is one."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from gateway.caching.question import _LABELS
from gateway.cli.commands import cli
from gateway.exchange import CacheState
from gateway.keys.keyring import Keyring
from gateway.keys.master import open_master
from gateway.obligations import CacheTerms
from gateway.policy.language.caching import Caching
from gateway.policy.language.schema import Tenant
from gateway.settings import Settings
from tests.store.databases import sqlite_at

PAGE = (Path(__file__).parents[2] / "docs" / "cache.md").read_text(encoding="utf-8")


def test_every_field_and_its_default() -> None:
    table = dict(re.findall(r"^\| `(\w+)` \| ([\w]+) \|", PAGE, re.MULTILINE))
    usual = CacheTerms()
    assert set(table) == set(Caching.model_fields)
    assert table == {
        "share": "none",
        "ttl": f"{usual.ttl_s // 60}m",
        "when": "always" if usual.always else "deterministic",
        "max_bytes": str(usual.max_bytes),
        "semantic": str(usual.semantic).lower(),
    }


def test_the_example_is_a_tenant() -> None:
    example, other_words = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert Caching.model_validate(yaml.safe_load(other_words)["cache"]).semantic
    tenant = Tenant.model_validate(yaml.safe_load(example)["tenants"]["acme"])
    assert tenant.cache == Caching.model_validate({"share": "tenant"})
    assert tenant.principals["app"].cache is not None


def test_every_state_and_every_label_is_named() -> None:
    states = re.findall(r"^\| `(\w+)` \| [A-Z]", PAGE, re.MULTILINE)
    assert states == [state.value for state in (CacheState.HIT, CacheState.MISS, CacheState.STALE, CacheState.BYPASS)]
    assert {label for label in _LABELS if f"`{label}`" not in PAGE} == set()


def test_its_commands_clear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GATEWAY_REDIS_URL", "GATEWAY_DATABASE_URL", "GATEWAY_MASTER_KEY", "GATEWAY_VAULT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GATEWAY_STATE_DIR", str(tmp_path))
    with closing(sqlite_at(tmp_path / "audit.sqlite")) as database:
        Keyring(database, open_master(Settings(state_dir=tmp_path), {})).tenant("acme")
    commands = re.findall(r"^gateway (cache clear [^#\n]+)", PAGE, re.MULTILINE)
    assert len(commands) == 3
    for command in commands:
        done = CliRunner().invoke(cli, command.split())
        assert (done.exit_code, done.output.partition(";")[0]) == (0, "cleared: acme"), done.output
