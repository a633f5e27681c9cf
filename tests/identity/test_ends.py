"""Keys that somebody gave back where they lie, past the gateway."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.identity.ends import End, Ends
from gateway.identity.key_store import KeyStore
from gateway.identity.pepper import Pepper
from gateway.identity.virtual_keys import KeyRecord, mint

NOW = datetime(2026, 11, 1, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
KEY = KeyRecord(key_id="pgw_aaaaaaaa", tenant="bank", principal="mailroom", digest="d", created=NOW)


def read(*records: KeyRecord) -> dict[str, KeyRecord]:
    return {one.key_id: one for one in records}


@pytest.mark.parametrize("meanwhile", [{}, None], ids=["it is gone for a while", "at once"])
def test_a_revocation_stays(meanwhile: dict[str, KeyRecord] | None, caplog: pytest.LogCaptureFixture) -> None:
    ends = Ends()
    ends.kept(read(replace(KEY, revoked=NOW)))
    if meanwhile is not None:
        assert ends.kept(meanwhile) == {}
    with caplog.at_level(logging.ERROR):
        assert ends.kept(read(KEY))[KEY.key_id].revoked == NOW
    assert "pgw_aaaaaaaa was given back" in caplog.text


@pytest.mark.parametrize(
    ("before", "after", "held"), [(NOW, LATER, NOW), (NOW, None, NOW), (LATER, NOW, NOW), (None, LATER, LATER)]
)
def test_an_end_only_comes_nearer(before: datetime | None, after: datetime | None, held: datetime) -> None:
    ends = Ends()
    ends.kept(read(replace(KEY, expires=before)))
    assert ends.kept(read(replace(KEY, expires=after)))[KEY.key_id].expires == held
    assert ends.kept(read(replace(KEY, expires=after)))[KEY.key_id].expires == held


def test_a_key_is_as_it_is_read_and_the_same_keys_are_read_once(caplog: pytest.LogCaptureFixture) -> None:
    ends, records = Ends(), read(KEY, replace(KEY, key_id="pgw_bbbbbbbb", expires=LATER))
    kept = ends.kept(records)
    assert kept == records
    assert ends.kept(records) is kept
    assert not caplog.records


def test_what_the_record_says_holds_from_the_start(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        kept = Ends({KEY.key_id: End(revoked=NOW, expires=LATER)}).kept(read(KEY, replace(KEY, key_id="pgw_bbbbbbbb")))
    assert (kept[KEY.key_id].revoked, kept[KEY.key_id].expires) == (NOW, LATER)
    assert kept["pgw_bbbbbbbb"] == replace(KEY, key_id="pgw_bbbbbbbb")
    assert [record.message for record in caplog.records] == [
        "key pgw_aaaaaaaa was given back past the gateway, and stays as it was: gateway audit verify"
    ]


def test_a_revocation_that_is_there_a_moment_later_was_not_undone(caplog: pytest.LogCaptureFixture) -> None:
    """An act is entered as done after it was."""
    ends = Ends({KEY.key_id: End(revoked=NOW)})
    with caplog.at_level(logging.ERROR):
        assert ends.kept(read(replace(KEY, revoked=LATER)))[KEY.key_id].revoked == NOW
    assert not caplog.records


def test_a_running_gateway_does_not_let_it_in(tmp_path: Path) -> None:
    path, clock = tmp_path / "keys.sqlite", [0.0]
    with closing(KeyStore(path, monotonic=lambda: clock[0])) as store:
        new = mint(Pepper(b"p" * 32), tenant="bank", principal="mailroom", now=NOW)
        store.add(new.record)
        assert store.revoke(new.record.key_id, NOW)
        assert _found(store, new.record.key_id).revoked == NOW
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("UPDATE virtual_keys SET revoked = NULL")
        clock[0] += 2.0
        assert _found(store, new.record.key_id).revoked == NOW


def _found(store: KeyStore, key_id: str) -> KeyRecord:
    record = store.find(key_id)
    assert record is not None
    return record
