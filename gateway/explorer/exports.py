"""A list of exchanges as a file: written while it is read, page by page, and never more than a bounded number."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence

import orjson
from sqlalchemy import select

from gateway.explorer.index.filters import Cursor, Page
from gateway.explorer.index.row import Row
from gateway.store.database import Database
from gateway.store.tables.ledger import ENTRIES

PAGE = 500
MOST = 50_000
"""Exchanges in one file. The last line of a longer list says where to go on."""
MOST_PAGES = 400
"""Pages read for one file: a search in content opens what it looks through, and finds little on most pages."""

_COLUMNS = (
    *("call_id", "opened_at", "completed_at", "tenant", "team", "principal", "surface", "model", "deployment", "outcome"),
    *("allow", "rule", "policy_version", "status", "error_code", "stream", "cache", "conversation", "duration_ms"),
    *("first_event_ms", "input_tokens", "output_tokens", "cost", "findings", "tokens_from", "version", "external"),
)
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")  # of full width, too: OWASP names them

Pages = Callable[[Cursor | None], Page]


def csv_lines(pages: Pages, most: int = MOST) -> Iterator[bytes]:
    """RFC 4180. A cell that a spreadsheet would run as a formula begins with an apostrophe (OWASP, CSV Injection)."""
    yield _line(_COLUMNS)
    for rows, onward in _batches(pages, most):
        yield b"".join(_line([getattr(row, name) for name in _COLUMNS]) for row in rows)
        if onward is not None:
            yield _line(["more", f"at={onward}"])


def json_lines(pages: Pages, database: Database, most: int = MOST) -> Iterator[bytes]:
    """One object a line: the record as it is in the log. Content is not in it, only the digests of its sealed parts."""
    for rows, onward in _batches(pages, most):
        bodies = _bodies(database, [row.call_id for row in rows])
        yield b"".join(_object(row, bodies.get(row.call_id, "")) for row in rows)
        if onward is not None:
            yield orjson.dumps({"more": f"at={onward}"}) + b"\n"


def calls(pages: Pages, most: int) -> tuple[Sequence[str], Cursor | None]:
    """The ids of the first so many exchanges, and where to go on."""
    found: list[str] = []
    for rows, onward in _batches(pages, most):
        found += [row.call_id for row in rows]
        if onward is not None:
            return found, onward
    return found, None


def _batches(pages: Pages, most: int) -> Iterator[tuple[Sequence[Row], Cursor | None]]:
    """Page after page; with the last one of a list that is too long, or took too long to find, where to go on."""
    after, told = None, 0
    for turned in range(1, MOST_PAGES + 1):
        page = pages(after)
        told += len(page.rows)
        rows = page.rows[: len(page.rows) - max(0, told - most)]
        full = told >= most and page.older is not None and bool(rows)
        yield rows, Cursor(rows[-1].seq) if full else page.older if turned == MOST_PAGES else None
        if page.older is None or full:
            return
        after = page.older


def _line(cells: Sequence[object]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(map(_cell, cells))
    return text.getvalue().encode()


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value


def _object(row: Row, body: str) -> bytes:
    try:
        record = orjson.loads(body)
    except orjson.JSONDecodeError:
        record = None
    return orjson.dumps({"seq": row.seq, "call_id": row.call_id, "completed_at": row.completed_at, "record": record}) + b"\n"


def _bodies(database: Database, call_ids: Sequence[str]) -> Mapping[str, str]:
    """By call: the body of its last entry."""
    query = select(ENTRIES.c.call_id, ENTRIES.c.body).where(ENTRIES.c.call_id.in_(call_ids)).order_by(ENTRIES.c.seq)
    with database.reading() as connection:
        return {row.call_id: row.body for row in connection.execute(query)}
