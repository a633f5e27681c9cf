"""Where names in Latin letters begin and end: what a network cut off or took in too much.

A hyphen joins the parts of a name, a dash parts what is around it. A legal form or a word for a kind of organisation makes a
firm of the name before it (`Lakshmi Ispat` and `Works`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from gateway.detection.taggers.sieve import Tag

_UPPER, _LOWER = r"A-Z\u00c0-\u00d6\u00d8-\u00de\u0100-\u024f", r"a-z\u00df-\u00f6\u00f8-\u024f"
_HYPHENATED = re.compile(rf"(?:-[{_UPPER}][{_LOWER}{_UPPER}’']+)+")
_DASH = re.compile(r"\s+[–—|·]+\s+|\s*[|]\s*|[^\S\n]{3,}")
_LEGAL = (
    r"(?:Pvt\.? |Pte\.? |Pty\.? |PRIVATE |Private |Co\.?,? |& Co\.? )?(?:Ltd|LTD|Limited|LIMITED)|LL[CP]|Inc|INC|Incorporated|"
    r"Corp|Corporation|CORPORATION|PLC|plc|Plc|GmbH(?: & Co\.? KG)?|AG|KG|e\.V|S\.?A\.?(?:S|\.S)?|SARL|S\.?r\.?l|S\.?p\.?A|"
    r"B\.?V|N\.?V|AB|AS|A/S|ApS|Oyj?|Kft|Zrt|Sp\. z o\.o|s\.r\.o|d\.o\.o|Ltda|S\.? ?de R\.?L|K\.?K|Sdn\.? Bhd|Tbk"
)
_KIND = (
    "Works|Industries|Holdings|Partners|Associates|Solutions|Consulting|Logistics|Airlines|Airways|Pharmacy|Clinic|Hospital|"
    "University|College|Academy|School|Institute|Foundation|Trust|Society|Bank|Insurance|Hotel|Group|Motors|Bakery|Brewery|"
    "Studios?|Labs?|Laboratories|Technologies|Systems|Enterprises|Brothers|Bros|& Sons|and Sons"
)
_FIRM = re.compile(
    rf"(?:, | )(?:{_LEGAL})(?![A-Za-z0-9])\.?|(?: (?:{_KIND})){{1,2}}(?![A-Za-z0-9])(?:,? (?:{_LEGAL})(?![A-Za-z0-9])\.?)?"
)
_ENDS_A_SENTENCE = re.compile(r"\.(?=\s+[A-Z\u00c0-\u00de]|\s*\Z)")
_NUMBERS_ONLY = re.compile(r"[0-9 ,./-]{12,}")
_LEAD = re.compile(r"(?:[–—|·]+\s*)?(?:(?:in|at|from|near|to) )?(?=[A-Z\u00c0-\u00de])")
_PAPER = re.compile(
    "ISSN|ISBN|PNR|VIN|IMEI|DNI|NIK|NIF|NIE|CPF|RUT|CUIT|CURP|SNILS|INN|BSN|PESEL|CPR|SKU|UPC|EAN|DOI|CVE|OTP|D.O.B|DOB"
)
"""What a number is called, and nobody's name."""
_PLAIN = re.compile(r"(?=[\s\S]*?[a-z]{2})[A-Z0-9](?:[^–—|·\s]*+\s(?!\s\s))*+[^–—|·\s]*+")
"""As most names are: none of the above begins or parts it, and none of what names nobody is it."""


def whole_latin_names(text: str, tags: Sequence[Tag]) -> list[Tag]:
    """`tags`, in order and free of overlap, with better edges; some fall away."""
    whole: list[Tag] = []
    for tag in _kept(text, tags):
        if whole and _is_hyphenated(text, whole[-1], tag):
            whole[-1] = replace(whole[-1], end=tag.end)
        else:
            whole.append(tag)
    limits = (*(tag.start for tag in whole[1:]), len(text))
    return [_extended(text, tag, limit) for tag, limit in zip(whole, limits, strict=False)]


def _kept(text: str, tags: Iterable[Tag]) -> Iterator[Tag]:
    for tag in tags:
        if _PLAIN.fullmatch(text, tag.start, tag.end) is not None:
            yield tag
        else:
            yield from (one for one in _parted(text, tag) if not _is_no_name(text, one))


def _parted(text: str, tag: Tag) -> Iterator[Tag]:
    """The pieces between dashes, bars and wide gaps."""
    lead = _LEAD.match(text, tag.start, tag.end)
    start = tag.start if lead is None else lead.end()
    for gap in _DASH.finditer(text, start, tag.end):
        if start < gap.start():
            yield replace(tag, start=start, end=gap.start())
        start = gap.end()
    if start < tag.end:
        yield tag if start == tag.start else replace(tag, start=start)


def _is_no_name(text: str, tag: Tag) -> bool:
    return any(form.fullmatch(text, tag.start, tag.end) is not None for form in (_NUMBERS_ONLY, _PAPER))


def _is_hyphenated(text: str, left: Tag, right: Tag) -> bool:
    return left.entity == right.entity and left.end + 1 == right.start and text[left.end] == "-"


def _extended(text: str, tag: Tag, limit: int) -> Tag:
    following = text[tag.end : tag.end + 1]
    if following == "-" and tag.entity == "PERSON" and (rest := _HYPHENATED.match(text, tag.end, limit)) is not None:
        tag = replace(tag, end=rest.end())
        following = text[tag.end : tag.end + 1]
    firm = _FIRM.match(text, tag.end, limit) if following in (" ", ",") and tag.entity != "NRP" else None
    if firm is None:
        return tag
    end = firm.end()
    return replace(tag, end=end - 1 if _ENDS_A_SENTENCE.match(text, end - 1) else end, entity="ORGANIZATION")
