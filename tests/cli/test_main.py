"""What holds for all commands."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gateway import __version__
from tests.cli.running import run


def test_it_tells_its_version() -> None:
    told = run("--version")
    assert (told.exit_code, told.stdout) == (0, f"gateway {__version__}\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("words", [["--version"], ["policy", "schema"]], ids=["less than a buffer", "more"])
def test_output_that_cannot_be_written_is_one_line(words: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([sys.executable, "-m", "gateway", *words], stdout=full, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (1, b"the output cannot be written: No space left on device\n")
