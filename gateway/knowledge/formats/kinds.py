"""Which reader reads which file. A reader's libraries are imported when it is first needed."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import PurePath
from types import MappingProxyType

from gateway.knowledge.formats.document import Document, Refusal, Refused

_READERS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        ".md": ("markdown", "read_markdown"),
        ".markdown": ("markdown", "read_markdown"),
        ".txt": ("text", "read_text"),
        ".text": ("text", "read_text"),
        ".html": ("html", "read_html"),
        ".htm": ("html", "read_html"),
        ".pdf": ("pdf", "read_pdf"),
        ".docx": ("docx", "read_docx"),
        ".docm": ("docx", "read_docx"),
        ".xlsx": ("tables", "read_xlsx"),
        ".xlsm": ("tables", "read_xlsx"),
        ".csv": ("tables", "read_csv"),
        ".tsv": ("tables", "read_csv"),
        ".jsonl": ("jsonl", "read_jsonl"),
        ".ndjson": ("jsonl", "read_jsonl"),
    }
)

KINDS = frozenset(_READERS)
"""Endings of names, in lower case."""


def is_known(name: str) -> bool:
    return PurePath(name).suffix.lower() in KINDS


def read(name: str, data: bytes) -> Document:
    """The document in a file of this name. Raises Refused."""
    reader = _READERS.get(PurePath(name).suffix.lower())
    if reader is None:
        raise Refused(Refusal.UNKNOWN_KIND)
    module, function = reader
    try:
        made: Document = getattr(import_module(f"gateway.knowledge.formats.{module}"), function)(data)
    except RecursionError:
        raise Refused(Refusal.BROKEN) from None
    return made
