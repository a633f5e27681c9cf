"""A document as Markdown for people and as JSON for programs, in the language of a catalogue. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from gateway.assurance.evidence.document import (
    Between,
    Block,
    Chapter,
    Document,
    Kind,
    Line,
    Listed,
    Origin,
    Share,
    Source,
    Table,
    Term,
    Value,
)
from gateway.printable import printable

ABSENT = "–"
_MARKUP = re.compile(r"[\\`*\[\]<>&|~$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
"""What CommonMark or GitHub would obey inside a line; behind a backslash each is itself (CommonMark 0.31, 2.4)."""


class Words(Protocol):
    """The sentences of one language."""

    def __call__(self, key: str, **values: object) -> str: ...

    def known(self, prefix: str, word: str) -> str:
        """The sentence for a word of ours, and the word itself where there is none."""


def markdown(document: Document, t: Words) -> str:
    """With values of others as text: whatever a policy's author wrote is no markup here."""
    parts = [f"# {t(document.key)}", _listed(document.basis, t)]
    for number, chapter in enumerate(document.chapters, start=1):
        parts.append(f"## {number}. {t(chapter.key)}")
        parts += _blocks(chapter.blocks, t)
    return "\n\n".join(parts) + "\n"


def as_json(document: Document, t: Words) -> str:
    """Each statement with its key and its values, beside the sentence in words."""
    told = {
        "document": document.key,
        "title": t(document.key),
        "basis": [_told(line, t) for line in document.basis],
        "chapters": [_chapter(chapter, t) for chapter in document.chapters],
    }
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def in_words(value: Value, t: Words) -> str:
    """One value as people read it."""
    match value:
        case None:
            return ABSENT
        case Term(prefix, word):
            return t.known(prefix, word)
        case Share(of_one):
            return f"{of_one * 100:.1f} %"
        case Between(low, high, shares):
            return f"{low * 100:.1f}–{high * 100:.1f} %" if shares else f"{low:.3g}–{high:.3g}"
        case Listed(items):
            return t("document.comma").join(in_words(item, t) for item in items)
        case float():
            return f"{value:.4g}"
        case _:
            return str(value)


def sentence(line: Line, t: Words) -> str:
    """Without where it comes from."""
    return t(line.key, **{name: in_words(value, t) for name, value in line.values.items()})


def _blocks(blocks: Sequence[Block], t: Words) -> Iterator[str]:
    """Lines that follow each other are one list."""
    lines: list[Line] = []
    for block in blocks:
        if isinstance(block, Line):
            lines.append(block)
            continue
        if lines:
            yield _listed(lines, t)
            lines = []
        yield _table(block, t)
    if lines or not blocks:
        yield _listed(lines, t) if lines else t("document.nothing")


def _listed(lines: Sequence[Line], t: Words) -> str:
    return "\n".join(_item(line, t) for line in lines)


def _item(line: Line, t: Words) -> str:
    said = t(line.key, **{name: _plain(in_words(value, t)) for name, value in line.values.items()})
    mark = "" if line.kind is Kind.FACT else f"**{t.known('kind_of_line', line.kind)}** "
    source = "" if line.source is None else f" *({_plain(_source(line.source, t))})*"
    indent = "  " if line.kind in (Kind.EXCEPTION, Kind.REMEDY) else ""
    return f"{indent}- {mark}{said}{source}{' ______' if line.kind is Kind.FIELD else ''}"


def _table(table: Table, t: Words) -> str:
    heads = [t(f"column.{name}") for name in table.columns]
    rows = [[_plain(in_words(cell, t)) for cell in row] for row in table.rows]
    lines = [heads, [":--"] * len(heads), *rows] if rows else [heads, [":--"] * len(heads), [ABSENT] * len(heads)]
    return "\n".join([t(table.key), "", *(f"| {' | '.join(cells)} |" for cells in lines)])


def _plain(text: str) -> str:
    return _MARKUP.sub(r"\\\g<0>", printable(text))


def _source(source: Source, t: Words) -> str:
    if source.origin is Origin.POLICY:
        return t("source.policy" if source.line else "source.policy.no_line", where=source.where, line=source.line)
    return t(f"source.{source.origin}", where=source.where)


def _chapter(chapter: Chapter, t: Words) -> dict[str, Any]:
    return {
        "chapter": chapter.key,
        "title": t(chapter.key),
        "blocks": [_told(one, t) if isinstance(one, Line) else _told_table(one, t) for one in chapter.blocks],
    }


def _told(line: Line, t: Words) -> dict[str, Any]:
    values = {name: _raw(value) for name, value in line.values.items()}
    told = {"kind": line.kind.value, "key": line.key, "text": sentence(line, t), "values": values}
    if line.source is None:
        return told
    place = {"where": line.source.where or None, "line": line.source.line}
    return told | {"source": {"from": line.source.origin.value, **{name: one for name, one in place.items() if one}}}


def _told_table(table: Table, t: Words) -> dict[str, Any]:
    rows = [dict(zip(table.columns, map(_raw, row), strict=True)) for row in table.rows]
    return {"kind": "table", "key": table.key, "text": t(table.key), "rows": rows}


def _raw(value: Value) -> Any:
    match value:
        case Term(_, word):
            return word
        case Share(of_one):
            return of_one
        case Between(low, high):
            return [low, high]
        case Listed(items):
            return [_raw(item) for item in items]
        case _:
            return value
