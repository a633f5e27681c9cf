"""XLSX and CSV: each row with the names of its columns, so that it can be understood, and found, by itself."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO, StringIO
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from gateway.knowledge.formats.document import Block, Document, Refusal, Refused, document
from gateway.knowledge.formats.packed import check_packed
from gateway.knowledge.formats.text import decoded

_MOST_COLUMNS = 1_000
_SAMPLE = 10_000


def read_csv(data: bytes) -> Document:
    text = decoded(data)
    try:
        dialect: type[csv.Dialect] | str = csv.Sniffer().sniff(text[:_SAMPLE], ",;\t|")
    except csv.Error:
        dialect = "excel"
    try:
        return document("", _rows(csv.reader(StringIO(text), dialect)))
    except csv.Error:
        raise Refused(Refusal.BROKEN) from None


def read_xlsx(data: bytes) -> Document:
    check_packed(data)
    try:
        book = load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False)
        return document(book.properties.title or "", _sheets(book.worksheets))
    except (InvalidFileException, BadZipFile, KeyError, ValueError, TypeError, AttributeError):
        raise Refused(Refusal.BROKEN) from None


def _sheets(sheets: Iterable[object]) -> Iterator[Block]:
    for sheet in sheets:
        rows = getattr(sheet, "iter_rows", None)
        if rows is not None:  # a sheet may be a chart
            yield Block(str(getattr(sheet, "title", "")), level=1)
            yield from _rows([_written(cell) for cell in row] for row in rows(max_col=_MOST_COLUMNS, values_only=True))


def _rows(rows: Iterable[Sequence[str]]) -> Iterator[Block]:
    """The first row that says something names the columns; if it is the only one, it is a row."""
    names: Sequence[str] | None = None
    told = False
    for row in rows:
        if not any(cell.strip() for cell in row):
            continue
        if names is None:
            names = row
            continue
        told = True
        yield Block("; ".join(_cells(names, row)))
    if names is not None and not told:
        yield Block("; ".join(cell for cell in names if cell.strip()))


def _cells(names: Sequence[str], row: Sequence[str]) -> Iterator[str]:
    for at, cell in enumerate(row[:_MOST_COLUMNS]):
        name = names[at].strip() if at < len(names) else ""
        if cell.strip():
            yield f"{name}: {cell.strip()}" if name else cell.strip()


def _written(cell: object) -> str:
    if cell is None:
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
