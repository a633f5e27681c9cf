"""Evidence as a zip: for each exchange its entries and the proof that they are in the log, with the program that checks it."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO
from zipfile import ZIP_STORED, ZipFile

from starlette.responses import Response, StreamingResponse

from gateway.api.admin.refusals import Conflict
from gateway.audit import verify
from gateway.audit.export import ExportError, export_call
from gateway.audit.verify import NotVerified
from gateway.errors import AuditUnavailable
from gateway.explorer.exports import Pages, calls
from gateway.explorer.index.filters import Cursor
from gateway.explorer.readers import Readers
from gateway.store.database import Database

MOST = 1_000
"""Exchanges in one bundle."""
_CHUNK = 1 << 16
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")
"""What a forged id might bring into a file's name."""
_README = """Evidence from the record of a privacy gateway: {filters}

calls/ holds one file for each exchange. Each is verified offline, with Python 3.9 or newer and nothing else:

    for file in calls/*.zip; do python verify.py "$file" VKEY; done

VKEY is the log's verifier key: take it from where you noted it, not from here. Better than the copy in here is a verify.py that
you had before. Personal data in these entries: none but names that the policy gives; kept content is not part of it.

unproved.txt names exchanges that no signed checkpoint covers yet, or that could not be read: ask again in a minute.
{more}"""


async def proof_of_call(readers: Readers, database: Database, call_id: str) -> Response:
    """One exchange's export. Raises Conflict where it is not proved yet, or AuditUnavailable."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "proof.zip"
        try:
            await readers.run(export_call, database, path, call_id)
        except ExportError:
            raise Conflict("Not every entry of this exchange lies under a checkpoint yet.") from None
        except (NotVerified, OSError):
            raise AuditUnavailable("The proof cannot be made.") from None
        return _zip_file(await readers.run(path.read_bytes), "proof.zip")


async def evidence(readers: Readers, database: Database, pages: Pages, filters: str) -> Response:
    """All exchanges of a list, up to MOST; written to a file that is gone when it is sent."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  closed when it is sent
    try:
        await readers.run(_write, file, database, pages, filters)
    except BaseException:
        file.close()
        raise

    def chunks() -> Iterator[bytes]:
        with file:
            file.seek(0)
            while chunk := file.read(_CHUNK):
                yield chunk

    return StreamingResponse(chunks(), headers=_headers("evidence.zip"))


def _write(file: IO[bytes], database: Database, pages: Pages, filters: str) -> None:
    call_ids, onward = calls(pages, MOST)
    with tempfile.TemporaryDirectory() as folder, ZipFile(file, "w", ZIP_STORED) as archive:
        unproved = [call_id for call_id in call_ids if not _add(archive, database, Path(folder), call_id)]
        archive.writestr("unproved.txt", "".join(f"{call_id}\n" for call_id in unproved))
        archive.writestr("verify.py", Path(verify.__file__).read_bytes())
        archive.writestr("README.txt", _README.format(filters=filters, more=_more(call_ids, onward)))


def _add(archive: ZipFile, database: Database, folder: Path, call_id: str) -> bool:
    """False for an exchange that cannot be proved."""
    path = folder / "call.zip"
    try:
        export_call(database, path, call_id)
    except (ExportError, NotVerified):
        return False
    except OSError:
        raise AuditUnavailable("The evidence cannot be written.") from None
    archive.write(path, f"calls/{_UNSAFE.sub('_', call_id)[:100]}.zip")
    path.unlink()
    return True


def _more(call_ids: Sequence[str], onward: Cursor | None) -> str:
    if onward is None:
        return ""
    return f"\nThe list goes on behind these {len(call_ids)} exchanges: add at={onward} to the address of the file.\n"


def _zip_file(content: bytes, name: str) -> Response:
    return Response(content, headers=_headers(name))


def _headers(name: str) -> dict[str, str]:
    return {"content-type": "application/zip", "content-disposition": f'attachment; filename="{name}"'}
