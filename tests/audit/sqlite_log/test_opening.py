"""What cannot be opened, and what is left behind."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from gateway.audit.database_log import DatabaseAuditLog
from gateway.errors import AuditUnavailable
from tests.store.databases import sqlite_at


def test_a_file_that_is_no_database_and_a_missing_directory_are_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes(b"not a database, but long enough to look at" * 50)
    for path in (tmp_path / "text", tmp_path / "missing" / "audit.db", tmp_path):
        with pytest.raises(AuditUnavailable):
            DatabaseAuditLog(sqlite_at(path))


def test_a_read_only_directory_is_refused(tmp_path: Path) -> None:
    """In a child process, as nobody where we are root: root may write anywhere."""
    place = tmp_path / "read-only"
    place.mkdir(mode=0o555)
    for parent in place.parents:
        if parent.stat().st_uid == os.getuid() and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o011)
    script = (
        "import os, sys\n"
        "from gateway.errors import AuditUnavailable\n"
        "from gateway.store import open_database\n"
        "if os.getuid() == 0: os.setgid(65534); os.setuid(65534)\n"
        "try: open_database('sqlite:///' + sys.argv[1] + '/audit.db')\n"
        "except AuditUnavailable as error: sys.exit(error.message)\n"
    )
    refused = subprocess.run([sys.executable, "-c", script, str(place)], capture_output=True)
    assert refused.stderr == b"The database cannot be opened: PermissionError.\n"


def test_no_thread_is_left_behind(path: Path) -> None:
    before = set(threading.enumerate())
    log = DatabaseAuditLog(sqlite_at(path))
    assert {thread.name for thread in set(threading.enumerate()) - before} == {"audit-writer"}
    asyncio.run(log.close())
    assert "audit-writer" not in {thread.name for thread in set(threading.enumerate()) - before}
