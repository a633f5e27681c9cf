"""Files of every kind, made here; and hostile ones."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

import docx
import openpyxl
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

BOOKMARKS = b"""<!DOCTYPE NETSCAPE-Bookmark-file-1>
<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=UTF-8">
<TITLE>Bookmarks</TITLE><H1>Bookmarks</H1>
<DL><p>
  <DT><H3 ADD_DATE="1">Travel</H3>
  <DL><p>
    <DT><A HREF="https://trains.example/timetable" ADD_DATE="2">Timetables of night trains</A>
    <DD>where to look first
    <DT><A HREF="https://hotels.example/">Hotels by the lake</A>
  </DL><p>
  <DT><A HREF="https://recipes.example/">\xe7\xba\xa2\xe7\x83\xa7\xe8\x82\x89\xe7\x9a\x84\xe5\x81\x9a\xe6\xb3\x95</A>
</DL><p>
"""


def a_pdf(pages: Sequence[str], *, password: str | None = None) -> bytes:
    """One line of text on each page, in Helvetica."""
    writer = PdfWriter()
    font = DictionaryObject(
        {
            NameObject(f"/{k}"): NameObject(f"/{v}")
            for k, v in (("Type", "Font"), ("Subtype", "Type1"), ("BaseFont", "Helvetica"))
        }
    )
    for text in pages:
        page = writer.add_blank_page(width=400, height=400)
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})})
        content = DecodedStreamObject()
        content.set_data(f"BT /F1 12 Tf 20 300 Td ({text}) Tj ET".encode("latin-1"))
        page[NameObject("/Contents")] = writer._add_object(content)
    if password is not None:
        writer.encrypt(password, algorithm="AES-256")
    return _saved(writer.write)


def a_docx() -> bytes:
    word = docx.Document()
    word.core_properties.title = "Handbook"
    word.add_heading("Leave", level=1)
    word.add_paragraph("Everybody has thirty days of leave.")
    word.add_heading("Sick leave", level=2)
    word.add_paragraph("Call before nine.")
    table = word.add_table(rows=2, cols=2)
    for at, text in enumerate(("Office", "Phone", "Zurich", "Room 4")):
        table.cell(at // 2, at % 2).text = text
    return _saved(word.save)


def an_xlsx() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Prices"
    for row in (("Article", "Price"), ("Screw", 12.0), (None, None), ("螺母", 0.5)):
        sheet.append(row)
    return _saved(book.save)


def packed(members: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return made.getvalue()


def with_member(archive: bytes, name: str, data: bytes) -> bytes:
    """The same archive with one member more, or another one in its place."""
    with zipfile.ZipFile(io.BytesIO(archive)) as old:
        members = {one: old.read(one) for one in old.namelist()}
    return packed({**members, name: data})


def a_bomb() -> bytes:
    return with_member(a_docx(), "word/media/huge.xml", b"<a>" + b" " * 30_000_000 + b"</a>")


def with_entities() -> bytes:
    xml = b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>'
    return with_member(a_docx(), "word/document.xml", xml)


def with_macros() -> bytes:
    return with_member(an_xlsx(), "xl/vbaProject.bin", b"Sub AutoOpen()")


def _saved(save: object) -> bytes:
    made = io.BytesIO()
    assert callable(save)
    save(made)
    return made.getvalue()
