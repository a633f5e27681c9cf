"""Where names in Latin letters begin and end: what a network cut off or took in too much.

A hyphen joins the parts of a name, a dash parts what is around it. A legal form or a word for a kind of organisation makes a
firm of the name before it (`Lakshmi Ispat` and `Works`), and `Jr.` belongs to the person before it. Titles before a name or
degrees behind it tell nobody's name, and stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from gateway.detection.taggers.sieve import Tag, stands_in_code

_UPPER, _LOWER = r"A-Z\u00c0-\u00d6\u00d8-\u00de\u0100-\u024f", r"a-z\u00df-\u00f6\u00f8-\u024f"
_HYPHENATED = re.compile(rf"(?:-[{_UPPER}][{_LOWER}{_UPPER}’']+)+")
_DASH = re.compile(r"\s+[–—|·]+\s+|\s*[|]\s*|[^\S\n]{3,}")
_LEGAL = (
    r"(?:\((?:Pvt|Pte|Pty|Private|Proprietary)\)\.? |"
    r"Pvt\.? |Pte\.? |Pty\.? |PRIVATE |Private |Co\.?,? |& Co\.? )?(?:Ltd|LTD|Limited|LIMITED)|LL[CP]|Inc|INC|Incorporated|"
    r"Corp|Corporation|CORPORATION|PLC|plc|Plc|GmbH(?: & Co\.? KG)?|AG|KG|e\.V|S\.?A\.?(?:S|\.S)?|SARL|S\.?r\.?l|S\.?p\.?A|"
    r"B\.?V|N\.?V|AB|AS|A/S|ApS|Oyj?|Kft|Zrt|Sp\. z o\.o|s\.r\.o|d\.o\.o|Ltda|S\.? ?de R\.?L|K\.?K|Sdn\.? Bhd|Tbk"
)
_KIND = (
    "Works|Industries|Holdings|Partners|Associates|Solutions|Consulting|Logistics|Airlines|Airways|Pharmacy|Clinic|Hospital|"
    "University|College|Academy|School|Institute|Foundation|Trust|Society|Bank|Insurance|Hotel|Group|Motors|Bakery|Brewery|"
    "Studios?|Labs?|Laboratories|Technologies|Systems|Enterprises|Brothers|Bros|& Sons|and Sons|& Co|(?:& )?Company|"
    "Corporation|Organi[sz]ation|Association|Commission|Council|Committee|Federation|Agency|Authority|Pharmaceuticals|Ventures|Museum|"
    "Hospice"
)
_HAS_SEAT = re.compile(
    "University|College|Academy|School|Institute|Bank|Ministry|Department|Church|Court|Council|Federation|Association|Union|Board|"
    "Museum|Chamber|Society|Party|Commission|Archdiocese|Diocese"
)
"""What is named after a place or a matter: `University of …`."""
_FIRM = re.compile(
    rf"(?:, | )(?:{_LEGAL})(?![A-Za-z0-9])\.?|(?: (?:{_KIND})){{1,2}}(?![A-Za-z0-9])(?:,? (?:{_LEGAL})(?![A-Za-z0-9])\.?)?"
)
_OF_A_FIRM = re.compile(rf"(?:{_LEGAL}|{_KIND})\.?")
_BEFORE_A_FIRM = frozenset((", ", " ", " & "))
_GENERATION = re.compile(r",? [JS]r(?![A-Za-z0-9])\.?| III?(?![A-Za-z0-9])")
"""Not `IV`, which is as often what a patient is given."""
_BEFORE_ITS_SEAT = frozenset((" of ", " of the "))
_SEATS = frozenset(("LOCATION", "ORGANIZATION"))
_STATE = re.compile(r"[A-Z]{2} [0-9]{5}(?:-[0-9]{4})?")
"""Of the USA, with a postcode: one with the town before it."""
_STATES = "A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]"
_ENDS_A_STATE = re.compile(rf"(?<![A-Za-z])(?:{_STATES})")
_POSTCODE = re.compile(r" [0-9]{5}(?:-[0-9]{4})?(?![A-Za-z0-9-])")
_BEFORE_A_TOWN = re.compile(
    r"(?:(?<![\s\S])|\n|[,;|] ?|[–-] )"
    r"((?:[A-Z]{1,2}-)?(?!(?:19|20)[0-9]{2} )[0-9]{4,5} |[0-9]{3} [0-9]{2} |[0-9]{4} [A-Z]{2} )\Z"
)
"""As Europe writes it: `3011 Bern`, `120 00 Praha`, `3512 JE Utrecht`; what may be a year is none."""
_POSTED, _ENDS_A_POSTCODE = 14, frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_HOUSE = re.compile(r",? (?:[Nn]r|[Nn]o|n°|nº|№|č)\.? ?[0-9]{1,4}[A-Za-z]?(?![A-Za-z0-9])")
_BEFORE_ITS_STATE = frozenset((", ", " "))
_WIDEST_GAP = 8
_ONE_WORD = re.compile(rf"[{_UPPER}][{_LOWER}’']+")
_NUMBERS_ONLY = re.compile(r"[0-9 ,./-]{12,}")
_LEAD = re.compile(
    r"(?:[–—|·]+\s*)?(?:(?:in|at|from|near|to|of|by|for|with|and|or|on|via|than|as|said|says) )?(?=[A-Z\u00c0-\u00de])"
)
_PAPERS = (
    "ISSN|ISBN|PNR|VIN|IMEI|DNI|NIK|NIF|NIE|CPF|RUT|CUIT|CURP|SNILS|INN|BSN|PESEL|CPR|SKU|UPC|EAN|DOI|CVE|OTP|D.O.B|DOB|IMSI|ICCID|"
    "IBAN|BIC|SSN|ITIN|EIN|NINO|UTR|TFN|MRN|NPI|CVV|CVC|DEA|ABN|ACN|NRIC|HKID|AMKA|CNP|EGN|PPSN?|BVN|CCCD|KTP|TCKN|FNR|CNIC|"
    "GSTIN|KYC|S/N|P/N|PLZ"
)
_NUMBER = "(?: (?:[Nn](?:umber|UMBER|o|O|r)s?|I[Dd]|[Cc]ode|[Cc]ard))"
_LABELLED = rf"(?:{_PAPERS}|NHS|Aadhaar|PAN){_NUMBER}(?:[ :#]{{1,3}}[0-9][0-9 -]*+)?"
_NUMBERED = rf"(?:{_PAPERS})[ :#.]{{1,3}}(?=[A-Z0-9-]*[0-9])[A-Z0-9-]{{3,24}}"
_PAPER = re.compile(
    rf"(?:{_PAPERS})s?|{_NUMBERED}|{_LABELLED}|(?:ssn|pesel|imei|iban|isbn|cpf|curp|snils|cuit|nino|itin|aadhaar)|Aadhaar|Steuer-ID"
)
"""What a number is called, and nobody's name."""
_TITLES = r"(?:Mr|Mrs|Ms|Dr|Prof|Atty|Engr|Barr|Rev|Hon|Capt|Lt|Sgt|Cllr|Sr|Fr)\.?"
_TITLE = re.compile(_TITLES)
_PLAIN = re.compile(
    rf"(?=[\s\S]*?[a-z]{{2}})(?!(?:{_LABELLED}|Aadhaar|Steuer-ID|{_TITLES})\Z)"
    r"[A-Z0-9](?:[^–—|·\s]*+\s(?!\s\s))*+[^–—|·\s]*+"
)
"""As most names are: none of the above begins or parts it, and none of what names nobody is it."""
_GOES_ON = frozenset(" ,")
_GLUE = frozenset("_.0123456789")
_BEGINS_A_HANDLE = re.compile(r"(?<![A-Za-z0-9._-])[A-Za-z0-9](?:[A-Za-z0-9_]|(?<=[a-z0-9])[.]){0,39}\Z")
_ENDS_A_HANDLE = re.compile(r"(?:[A-Za-z0-9_]|(?<=[a-z0-9])[.](?=[a-z0-9])){0,39}(?<=[A-Za-z0-9])")
"""Of a user's name in one word. A full stop without a space behind it may end a sentence, but not before a small letter."""
_SENTENCE = re.compile(r"\.[A-Z]")
_OTHER_LETTER = r"\u0370-\u1cff\u1f00-\u1fff\u3041-\u30ff\uac00-\ud7a3"
_OTHER_WORD = f"[{_OTHER_LETTER}][{_OTHER_LETTER}’'-]*"
_ISLAND = re.compile(
    rf"(?<![{_OTHER_LETTER}])(?<![{_OTHER_LETTER}] ){_OTHER_WORD}(?: {_OTHER_WORD}){{0,3}}(?! ?[{_OTHER_LETTER}])"
)
"""A few words in letters that are not Latin, between others."""
_LATIN = re.compile("[A-Za-z]")
_LAST_LATIN = "\u036f"
_SHORE, _REACH = 8, 40


def whole_latin_names(text: str, tags: Sequence[Tag]) -> list[Tag]:
    """`tags`, in order and free of overlap, with better edges; some fall away."""
    whole: list[Tag] = []
    for tag in _kept(text, tags):
        if whole and tag.start - whole[-1].end <= _WIDEST_GAP and (entity := _joined(text, whole[-1], tag)):
            whole[-1] = replace(whole[-1], end=tag.end, entity=entity)
        else:
            whole.append(tag)
    limits = (*(tag.start for tag in whole[1:]), len(text))
    extended = [_extended(text, tag, limit) for tag, limit in zip(whole, limits, strict=False)]
    return extended if text.isascii() else _on_islands(text, extended)


def _on_islands(text: str, tags: list[Tag]) -> list[Tag]:
    """`tags`, where a person in letters that are not Latin is all of the words there, if Latin ones stand around."""
    persons = [tag for tag in tags if text[tag.start] > _LAST_LATIN and tag.entity == "PERSON"]
    islands = {(tag.start, tag.end): tag for person in persons if (tag := _island(text, person)) is not None}
    if not islands:
        return tags
    others = [tag for tag in tags if not any(start <= tag.start and tag.end <= end for start, end in islands)]
    return sorted([*others, *islands.values()], key=lambda tag: tag.start)


def _island(text: str, person: Tag) -> Tag | None:
    """The words around a person's tag in its script; None where more of the text is written in it."""
    for found in _ISLAND.finditer(text, max(0, person.start - _REACH), person.end + _REACH):
        start, end = found.span()
        if start <= person.start < end:
            beside = text[max(0, start - _SHORE) : start] + text[end : end + _SHORE]
            is_name = end >= person.end and _LATIN.search(beside) is not None and not any(map(str.islower, found[0].split()))
            return replace(person, start=start, end=end) if is_name else None
    return None


def _kept(text: str, tags: Iterable[Tag]) -> Iterator[Tag]:
    for tag in tags:
        if _PLAIN.fullmatch(text, tag.start, tag.end) is not None:
            yield tag
        else:
            yield from (one for one in _parted(text, tag) if not names_nobody(text, one))


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


def names_nobody(text: str, tag: Tag) -> bool:
    """Whether it is what a number is called, a row of numbers, or a title."""
    return any(form.fullmatch(text, tag.start, tag.end) is not None for form in (_NUMBERS_ONLY, _PAPER, _TITLE))


def _joined(text: str, left: Tag, right: Tag) -> str:
    """What two tags are together: halves around a hyphen, a firm and its form, a town and its state; nothing for two names."""
    gap = text[left.end : right.start]
    if gap == "-":
        is_half = left.entity == "PERSON" and _ONE_WORD.fullmatch(text, right.start, right.end) is not None
        return left.entity if is_half or left.entity == right.entity else ""
    if gap == "_":
        return "PERSON" if left.entity == right.entity == "PERSON" else ""
    if gap in _BEFORE_ITS_SEAT:
        return "ORGANIZATION" if left.entity == "ORGANIZATION" and right.entity in _SEATS and _has_seat(text, left) else ""
    if gap in _BEFORE_ITS_STATE and left.entity == right.entity == "LOCATION":
        return "LOCATION" if _STATE.fullmatch(text, right.start, right.end) is not None else ""
    is_firm = gap in _BEFORE_A_FIRM and _OF_A_FIRM.fullmatch(text, right.start, right.end) is not None
    return "ORGANIZATION" if is_firm and left.entity != "NRP" and right.entity == "ORGANIZATION" else ""


def _whole_handle(text: str, tag: Tag, limit: int) -> Tag:
    """`liam_hughes88` where `liam` is tagged; in code, where names of variables look like that, it stays."""
    start, end = tag.start, tag.end
    if (after := _ENDS_A_HANDLE.match(text, end, limit)) is not None:
        end = after.end()
    before = _BEGINS_A_HANDLE.search(text, max(0, start - _REACH), start)
    if before is not None and _SENTENCE.match(text, start - 1) is None:
        start = before.start()
    if (start, end) == (tag.start, tag.end) or (text[start - 1 : start] != "@" and stands_in_code(text, tag)):
        return tag
    return replace(tag, start=start, end=end)


def _has_seat(text: str, tag: Tag) -> bool:
    last = text.rfind(" ", tag.start, tag.end) + 1
    return _HAS_SEAT.fullmatch(text, max(last, tag.start), tag.end) is not None


def _extended(text: str, tag: Tag, limit: int) -> Tag:
    if tag.entity == "PERSON":
        return _whole_person(text, tag, limit)
    if tag.entity == "LOCATION":
        tag = _whole_place(text, tag, limit)
    firm = _FIRM.match(text, tag.end, limit) if tag.entity != "NRP" and text[tag.end : tag.end + 1] in _GOES_ON else None
    return tag if firm is None else replace(tag, end=firm.end(), entity="ORGANIZATION")


def _whole_place(text: str, tag: Tag, limit: int) -> Tag:
    """With the postcode before a town or behind a state, and with the number behind a street."""
    end, start = _postcode(text, tag, limit), None
    if end is None and text[tag.end : tag.end + 1] in _GOES_ON:
        end = _HOUSE.match(text, tag.end, limit)
    if text[tag.start - 1 : tag.start] == " " and text[tag.start - 2 : tag.start - 1] in _ENDS_A_POSTCODE:
        start = _BEFORE_A_TOWN.search(text, max(0, tag.start - _POSTED), tag.start)
    if start is None and end is None:
        return tag
    return replace(tag, start=start.start(1) if start else tag.start, end=end.end() if end else tag.end)


def _postcode(text: str, tag: Tag, limit: int) -> re.Match[str] | None:
    """What follows a state of the USA."""
    if _ENDS_A_STATE.fullmatch(text, max(tag.end - 2, tag.start), tag.end) is None:
        return None
    return _POSTCODE.match(text, tag.end, limit)


def _whole_person(text: str, tag: Tag, limit: int) -> Tag:
    following = text[tag.end : tag.end + 1]
    if following in _GLUE or text[tag.start - 1 : tag.start] in _GLUE:
        tag = _whole_handle(text, tag, limit)
        following = text[tag.end : tag.end + 1]
    if following == "-" and (rest := _HYPHENATED.match(text, tag.end, limit)) is not None:
        tag = replace(tag, end=rest.end())
        following = text[tag.end : tag.end + 1]
    if following not in _GOES_ON:
        return tag
    if (firm := _FIRM.match(text, tag.end, limit)) is not None:
        return replace(tag, end=firm.end(), entity="ORGANIZATION")
    generation = _GENERATION.match(text, tag.end, limit)
    return tag if generation is None else replace(tag, end=generation.end())
