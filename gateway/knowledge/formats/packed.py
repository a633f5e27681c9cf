"""Files that are ZIP archives of XML, as DOCX and XLSX are: looked through before anything else reads them.

Sizes are those that the archive's directory states; reading stops there, and overlapping members are an error
(https://docs.python.org/3/library/zipfile.html#decompression-pitfalls).
"""

from __future__ import annotations

from io import BytesIO
from xml.sax import SAXException
from xml.sax.handler import ContentHandler
from zipfile import BadZipFile, ZipFile, ZipInfo

from defusedxml.common import DefusedXmlException
from defusedxml.sax import parse

from gateway.knowledge.formats.document import Refusal, Refused

_MOST_MEMBERS = 10_000
_MOST_BYTES = 200 * 2**20
_WORST_RATIO = 200
"""Of Deflate: ordinary XML is packed 5 to 30 times smaller, a table of equal rows 100 times."""
_SMALL = 2**20
_XML = (".xml", ".rels")
_MACROS = ("vbaproject.bin", "vbadata.xml", "xl/macrosheets/")
_ENCRYPTED = 0x1


def check_packed(data: bytes) -> None:
    """Raises Refused for bombs, macros, XML that declares entities, and what is no archive."""
    try:
        with ZipFile(BytesIO(data)) as archive:
            members = archive.infolist()
            _check_sizes(members)
            if any(mark in member.filename.lower() for member in members for mark in _MACROS):
                raise Refused(Refusal.MACROS)
            for member in members:
                if member.filename.lower().endswith(_XML):
                    _check_xml(archive, member)
    except (BadZipFile, EOFError, OSError, RuntimeError, NotImplementedError, ValueError):
        raise Refused(Refusal.BROKEN) from None


def _check_sizes(members: list[ZipInfo]) -> None:
    if len(members) > _MOST_MEMBERS or sum(member.file_size for member in members) > _MOST_BYTES:
        raise Refused(Refusal.BOMB)
    if any(member.file_size > max(_SMALL, _WORST_RATIO * member.compress_size) for member in members):
        raise Refused(Refusal.BOMB)
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise Refused(Refusal.ENCRYPTED)


def _check_xml(archive: ZipFile, member: ZipInfo) -> None:
    try:
        with archive.open(member) as file:
            parse(file, ContentHandler(), forbid_dtd=True)
    except DefusedXmlException:
        raise Refused(Refusal.ENTITIES) from None
    except SAXException:
        raise Refused(Refusal.BROKEN) from None
