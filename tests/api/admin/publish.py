"""Writes docs/openapi-admin.json: `python -m tests.api.admin.publish`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from gateway.api.admin.app import build_admin
from gateway.api.admin.document import document_text
from tests.api.admin.office import parts_in

DOCUMENT = Path(__file__).parents[3] / "docs" / "openapi-admin.json"


def publish() -> None:
    with TemporaryDirectory() as folder:
        parts, _, log = parts_in(Path(folder))
        DOCUMENT.write_text(document_text(build_admin(parts)), encoding="utf-8")
        asyncio.run(log.close())


if __name__ == "__main__":
    publish()
