"""The process in which files are read: what it may load, and what becomes of it."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from gateway.knowledge.reading import Reader

PAGE = b"# Title\n\nalpha\n"


async def test_a_folder_of_documents_gives_it_no_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who adds documents often stands in their folder: a file there may have the name of a library."""
    for name in ("markdown_it", "docx", "orjson", "gateway"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(7)\n")
    monkeypatch.chdir(tmp_path)
    async with Reader() as reader:
        assert (await reader.read("a.md", PAGE)).title == "Title"


async def test_it_is_replaced_when_something_ended_it_between_two_files() -> None:
    """The next file has no part in that: refused, it would be gone from the base."""
    async with Reader() as reader:
        await reader.read("a.md", PAGE)
        process = reader._process
        assert process is not None
        os.kill(process.pid, signal.SIGKILL)
        await process.wait()
        assert (await reader.read("b.md", PAGE)).title == "Title"
