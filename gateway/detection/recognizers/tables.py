"""Values in tables whose heads say what they are: CSV and its kin, Markdown, what databases print, `INSERT INTO`.

A word before a value explains the value that follows; in a table it stands rows away.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.detection.expressions import Places
from gateway.detection.gate import Gated
from gateway.detection.recognizers.columns import ENTITIES, Reads, any_known, read_heads
from gateway.detection.recognizers.context import WALL
from gateway.detection.recognizers.spans import Said, SpanRecognizer

_SCORE = 0.75
"""More than a telephone has by its form: the head says exactly what a number is."""
_RULE = re.compile(r"[ \t|+:=-]*[=-]{2}[ \t|+:=-]*")
"""Under the heads of Markdown, above and below those of databases."""
_HEAD_CELL = re.compile(
    r"(?!\S+(?: \S+){4})(?![0-9]+\.[0-9]|[^()]*\([^()]*\Z|[^()]*\))(?:\w[\w ./#'()%$€£:-]{0,39}(?<![.:])|\w{1,5}\.|#|)"
)
"""At most four words, no sentence, no version, and no bracket of a call."""
_GOES_ON = re.compile(r"[^,]*,[ ].*,\s*", re.DOTALL)
"""A list in code: a space behind its commas, and one at its end."""
_FEWEST, _MOST_COLUMNS = 2, 64
_LONGEST, _LONGEST_TUPLE = 2_000, 8_192
_EXPLAINS = re.compile("[A-Z]|.* ")
"""Behind a word in small letters."""
_EDGES = " \t\r\n\"'`*"
_SPACES = re.compile(r"[ ]{2,}|\t")
_INSERT = re.compile(r"(?ai:insert[ ]+into)[ ]+[\w.`\"\[\]]{1,80}[ ]*\((?P<heads>[^()]{3,2000})\)\s*(?ai:values)\s*")
_MAY_INSERT = Places("(?i)insert +into")
_STRING = r"'(?:[^'\\\n]|\\[^\n]|''){0,2000}+'"
_TUPLE = re.compile(rf"\((?P<cells>(?:[^()']|{_STRING}|\((?:[^()']|{_STRING}){{0,200}}+\)){{1,4000}}+)\)\s*,?\s*")
"""A row; what a function is called with is a part of it."""
_QUOTED = {'"': re.compile(r'"(?:[^"\n]|""){0,256}+"'), "'": re.compile(_STRING)}
_KINDS_OF_STRINGS = ("N'", "n'", "E'", "e'")

_LAST_WORDS = """
    names? user log.?in handle nick phone tel mobile cell fax whatsapp d.?o.?b birth birth.?date birth.?day born died
    death date security ssn passport ppt licen[cs]e dl plates? reg registration vrn mrn record id nos? nr num number
    code # account acct card pan cv[cv]2? pin passwd pwd pass.?words? pass.?phrases? address line [1-3] street city
    town village suburb county place residence zip plz company employer organi[sz]ation school hospital university
    nationality citizenship ethnicity group religion denomination patient student pupil employee passenger attendee
    tenant guardian spouse nurse kin applicant interviewee nric nik aadhaar cpf curp pesel tckn cnic nin bsn dni cnp
    egn amka nino imei serial identity insurance first last given nom pr[ée]nom nombre apellidos? cognome voornaam
    achternaam imi[ęe] nazwisko sobrenome förnamn efternamn telefon telefon[oe] teléfono t[ée]l[ée]phone telefoon
    m[óo]vil celular handy geburtsdatum naissance nacimiento nascimento nascita geboortedatum passwort passe
    contraseña senha stra(?:ß|ss)e ort stadt ville adresse direcci[óo]n ciudad calle indirizzo città adres cidade
    endereço
"""
"""What heads end with, for the gate."""

Cell = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Table:
    delimiter: str
    reads: Sequence[Reads | None]


class TableColumns(SpanRecognizer, Gated):
    """Everything that columns say; several entities."""

    gate = (
        f"(?i)(?:{'|'.join(_LAST_WORDS.split())})[\"'`*: ]{{0,6}}(?:[,;|\t]|  |\\)\\s*values|\r?\n)",
        r"[^\n][,;|\t][^\n]*\n|  [^\n]*\n|(?i:insert)",
    )

    def __init__(self) -> None:
        self._heads = Places(self.gate[0])
        super().__init__(ENTITIES, "TableColumns")

    def said(self, text: str) -> Iterator[Said]:
        for entity, start, end in (*_in_lines(text, self._heads), *_in_inserts(text)):
            yield entity, start, end, _SCORE


def _in_lines(text: str, heads: Places) -> Iterator[tuple[str, int, int]]:
    """From each line in which something stands as a head does, to the end of its table."""
    done = 0
    for place in heads.finditer(text):
        if place.start() >= done:
            line = text.rfind("\n", done, place.start()) + 1 or done
            table, done = _head(text, line)
            if table is not None:
                found, done = _rows(text, table, done)
                yield from found


def _rows(text: str, table: _Table, at: int) -> tuple[list[tuple[str, int, int]], int]:
    """What the lines from `at` on have, and where the table ends."""
    found: list[tuple[str, int, int]] = []
    while at < len(text):
        start, end, after = _line(text, at)
        if not 0 < end - start <= _LONGEST or text[start:end].isspace():
            return found, at
        if _RULE.fullmatch(text, start, end) is None:
            cells = _cells(text, start, end, table.delimiter)
            if len(cells) < _FEWEST:
                return found, at
            if len(cells) == len(table.reads):
                found += _told(text, table.reads, cells)
        at = after
        if text.startswith(WALL, end):
            return found, at
    return found, at


def _head(text: str, at: int) -> tuple[_Table | None, int]:
    """The table whose heads stand in the line at `at`, if it has any below it, and where the line ends."""
    start, end, after = _line(text, at)
    if end - start > _LONGEST or text.startswith(WALL, end):
        return None, after
    return _table(text, start, end), after


def _line(text: str, at: int) -> tuple[int, int, int]:
    """Where a line starts and where it ends, without the wall to the next text of a page; and where the next one starts."""
    end = text.find("\n", at)
    end, after = (len(text), len(text)) if end < 0 else (end, end + 1)
    return at, end - (len(WALL) - 1) * text.startswith(WALL, end - len(WALL) + 1), after


def _in_inserts(text: str) -> Iterator[tuple[str, int, int]]:
    if _MAY_INSERT.search(text) is None:
        return
    for insert in _INSERT.finditer(text):
        reads = read_heads(insert["heads"].split(","))
        row = _tuple(text, insert.end()) if any_known(reads) else None
        while row is not None:
            cells = _cells(text, row.start("cells"), row.end("cells"), ",", "'")
            if len(cells) == len(reads):
                yield from _told(text, reads, cells)
            row = _tuple(text, row.end())


def _tuple(text: str, at: int) -> re.Match[str] | None:
    return _TUPLE.match(text, at, at + _LONGEST_TUPLE)


def _table(text: str, start: int, end: int) -> _Table | None:
    """The table whose heads stand in this line; commands and what they do, as programs explain them, are none."""
    line = text[start:end]
    delimiter = max(",;|\t", key=line.count)
    if not line.count(delimiter):
        delimiter = "  "
    heads = [text[first:last] for first, last in _cells(text, start, end, delimiter)]
    named = sum(map(bool, heads))
    if named < _FEWEST or len(heads) > _MOST_COLUMNS or not all(map(_HEAD_CELL.fullmatch, heads)):
        return None
    reads = read_heads(heads)
    if not any_known(reads) or (delimiter == "," and _GOES_ON.fullmatch(line)):
        return None
    explains = delimiter == "  " and len(heads) == _FEWEST and heads[0].islower() and _EXPLAINS.match(heads[1])
    return None if explains else _Table(delimiter, reads)


def _told(text: str, reads: Sequence[Reads | None], cells: Sequence[Cell]) -> Iterator[tuple[str, int, int]]:
    for one, (start, end) in zip(reads, cells, strict=True):
        if one is not None and start < end and one.holds(text, start, end):
            yield one.column.entity, start + (text[start] == "@"), end


def _cells(text: str, start: int, end: int, delimiter: str, quote: str = '"') -> list[Cell]:
    """The cells of a line without what is around their values; bars at its edges part nothing."""
    if delimiter == "  ":
        borders = [gap.span() for gap in _SPACES.finditer(text, start, end)]
        firsts, lasts = [start, *(last for _, last in borders)], [*(first for first, _ in borders), end]
        cells = [_trimmed(text, *cell) for cell in zip(firsts, lasts, strict=True)]
    else:
        cells = list(_delimited(text, start, end, delimiter, _QUOTED[quote]))
    if delimiter in ("|", "  "):
        cells = cells[cells[0][0] >= cells[0][1] : len(cells) - (cells[-1][0] >= cells[-1][1])]
    return cells


def _delimited(text: str, start: int, end: int, delimiter: str, quoted: re.Pattern[str]) -> Iterator[Cell]:
    while True:
        first = start
        while first < end and text[first] in " \t\r\n" and text[first] != delimiter:
            first += 1
        if text.startswith(_KINDS_OF_STRINGS, first, end) and quoted.match(text, first + 1, end):
            first = start = first + 1
        value = quoted.match(text, first, end)
        last = text.find(delimiter, value.end() if value else start, end)
        yield _trimmed(text, start, end if last < 0 else last)
        if last < 0:
            return
        start = last + 1


def _trimmed(text: str, start: int, end: int) -> Cell:
    while start < end and text[start] in _EDGES:
        start += 1
    while start < end and text[end - 1] in _EDGES:
        end -= 1
    return start, end
