"""Killed at any moment, a gateway loses nothing that it acknowledged, and leaves a log that verifies."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest


@pytest.mark.parametrize(("database", "rounds"), [("sqlite", 12), ("postgres", 6)])
def test_nothing_acknowledged_is_lost_and_the_log_verifies(database: str, rounds: int) -> None:
    """A few rounds; `make proof-audit` runs a hundred."""
    command = [sys.executable, "-m", "bench.audit.proof", "--rounds", str(rounds), "--database", database]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    said = re.match(rf"{database}: {rounds} rounds, 2 processes killed in each: (\d+) entries were acknowledged", done.stdout)
    assert said, done.stdout
    assert int(said[1]) > rounds, "they were not killed before they could write"
