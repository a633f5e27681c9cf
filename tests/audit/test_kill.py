"""Killed at any moment, a gateway loses nothing that it acknowledged, and leaves a log that verifies."""

from __future__ import annotations

import re
import subprocess
import sys


def test_nothing_acknowledged_is_lost_and_the_log_verifies() -> None:
    """Fifteen rounds; `make proof-audit` runs a hundred."""
    command = [sys.executable, "-m", "bench.audit.proof", "--rounds", "15"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    said = re.match(r"15 rounds, 2 processes killed in each: (\d+) entries were acknowledged", done.stdout)
    assert said, done.stdout
    assert int(said[1]) > 15, "they were not killed before they could write"
