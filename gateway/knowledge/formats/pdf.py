"""PDF: the text of each page. Scanned pages have none."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from io import BytesIO

from pypdf import PdfReader
from pypdf.errors import DependencyError, FileNotDecryptedError, LimitReachedError, PyPdfError

from gateway.knowledge.formats.document import Block, Document, Refusal, Refused, document
from gateway.knowledge.formats.text import paragraphs

_MOST_PAGES = 5_000


def read_pdf(data: bytes) -> Document:
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # its warnings may quote what stands in the file
    try:
        reader = PdfReader(BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise Refused(Refusal.ENCRYPTED)
        if len(reader.pages) > _MOST_PAGES:
            raise Refused(Refusal.TOO_LARGE)
        title = reader.metadata.title if reader.metadata is not None else None
        return document(title if isinstance(title, str) else "", _blocks(reader))
    except (FileNotDecryptedError, DependencyError):
        raise Refused(Refusal.ENCRYPTED) from None
    except LimitReachedError:
        raise Refused(Refusal.BOMB) from None
    except PyPdfError:
        raise Refused(Refusal.BROKEN) from None


def _blocks(reader: PdfReader) -> Iterator[Block]:
    for number, page in enumerate(reader.pages, start=1):
        for block in paragraphs(page.extract_text()):
            yield Block(block.text, page=number)
