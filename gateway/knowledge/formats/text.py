"""Plain text: paragraphs between empty lines."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from gateway.knowledge.formats.document import Block, Document, Refusal, Refused, document

_GAP = re.compile(r"\n[^\S\n]*\n\s*")
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 100_000
"""Bytes by which an encoding is guessed."""


def read_text(data: bytes) -> Document:
    return document("", paragraphs(decoded(data)))


def paragraphs(text: str) -> Iterator[Block]:
    return (Block(part.strip()) for part in _GAP.split(text))


def decoded(data: bytes) -> str:
    """The text in these bytes: by their mark, as UTF-8, or in the encoding that they look like. Raises Refused."""
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8-sig")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = _guessed(data)
    if "\0" in text:
        raise Refused(Refusal.BROKEN)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _guessed(data: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(data[:_SAMPLE]).best()
    if best is None:
        raise Refused(Refusal.BROKEN)
    encoding = "gb18030" if best.encoding in ("gb2312", "gbk") else best.encoding  # which has more, and all of theirs
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise Refused(Refusal.BROKEN) from None
