"""DOCX: paragraphs, headings by their styles, and tables row by row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO

import docx
from docx.document import Document as Word
from docx.opc.exceptions import OpcError
from docx.table import Table
from docx.text.paragraph import Paragraph

from gateway.knowledge.formats.document import Block, Document, Refusal, Refused, document
from gateway.knowledge.formats.packed import check_packed

_HEADING = re.compile(r"(?:heading|标题) ?([1-6])", re.IGNORECASE)


def read_docx(data: bytes) -> Document:
    check_packed(data)
    try:
        word = docx.Document(BytesIO(data))
        return document(word.core_properties.title, _blocks(word))
    except (OpcError, KeyError, ValueError, AttributeError):
        raise Refused(Refusal.BROKEN) from None


def _blocks(word: Word) -> Iterator[Block]:
    for part in word.iter_inner_content():
        if isinstance(part, Table):
            yield from _rows(part)
        else:
            yield Block(part.text.strip(), level=_level(part))


def _rows(table: Table) -> Iterator[Block]:
    for row in table.rows:
        cells = list(dict.fromkeys(cell.text.strip() for cell in row.cells))  # a merged cell comes once for each column
        yield Block(" | ".join(cell for cell in cells if cell))


def _level(paragraph: Paragraph) -> int:
    style = paragraph.style.name if paragraph.style is not None else None
    if style == "Title":
        return 1
    found = _HEADING.fullmatch(style or "")
    return int(found[1]) if found else 0
