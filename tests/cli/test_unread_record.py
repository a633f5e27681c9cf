"""An entry that a newer version wrote is told plainly by every command that reads the record, wherever it is another."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from gateway.audit.entry_table import EntryTable
from gateway.audit.event import ExchangeRecord, Outcome
from gateway.audit.log import Phase, entry_of
from gateway.moments import utc_now
from gateway.protocol.wire import Surface
from tests.cli.running import run
from tests.store.databases import sqlite_at

COMMANDS = (
    ("audit", "list"),
    ("policy", "replay", "--with", "policies/demo.yaml", "--since", "1d"),
    ("policy", "explain", "--call", "req_1"),
    ("eval", "shadow", "m", "--since", "1d"),
    ("routing", "compare", "--model", "m", "--since", "1d"),
    ("assurance", "fairness", "--since", "1d"),
)


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(words[:2]))
@pytest.mark.parametrize("change", [{"usage": "many"}, {"outcome": "later"}, {"findings": 3}], ids=str)
def test_it_is_told(words: tuple[str, ...], change: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GATEWAY_DATABASE_URL", raising=False)
    now = utc_now()
    record = ExchangeRecord(call_id="req_1", surface=Surface.CHAT, opened_at=now, outcome=Outcome.COMPLETED, model="m")
    with closing(EntryTable(sqlite_at(tmp_path / "audit.sqlite"))) as table:
        entry = entry_of(record, Phase.COMPLETED)
        written = orjson.dumps(orjson.loads(entry.body) | change).decode()
        table.write([replace(entry, body=written)])
    refused = run(*words, "--state-dir", tmp_path)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "that this version cannot read" in refused.stderr
