"""What commands find on a machine where a gateway has run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.assurance.kept import ANNA, ZHANG, House
from tests.store.databases import sqlite_at


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A state folder as a gateway leaves it: two exchanges of a bank, the first of them due."""
    for name in ("GATEWAY_MASTER_KEY", "GATEWAY_VAULT_URL", "GATEWAY_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GATEWAY_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("LOGNAME", "olga")
    (tmp_path / "state").mkdir(mode=0o700)
    with closing(sqlite_at(tmp_path / "state" / "audit.sqlite")) as database:
        house = House(database, tmp_path / "state")
        house.keep("call_1", "<PERSON_1> to <PERSON_2>", {"<PERSON_1>": ANNA, "<PERSON_2>": ZHANG}, days=0)
        house.keep("call_2", values=frozenset({"anna@example.com"}))
        yield house
