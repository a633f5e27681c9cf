"""Vietnamese names in Latin letters without marks: `Pham Ha`, `Do Thi Huong`. They are short, and some are English words.

A family name and one to three names, each a syllable as Vietnamese spells them. Behind a family name that is also a word
elsewhere (`Do`, `Ho`, `Le`) the next one must be one that Vietnamese names are made of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.detection.taggers.name_rules import NameRule
from gateway.detection.taggers.sieve import Tag

_TELLING = "Nguyen|Tran|Pham|Hoang|Huynh|Phan|Vu|Vo|Dang|Bui|Ngo|Duong|Trinh|Dinh|Truong|Doan|Luong|Lam|Luu|Phung|Quach|Trieu"
_OTHER = "Le|Do|Ho|Ly|Ta|Mai|Dao|Cao|Chu|Kieu|Nghiem|Vuong"
_PLACES = "Phan (?:Thiet|Rang)|Lam (?:Dong|Son)|Duong Dong|Hoang (?:Sa|Mai)"
_ONSET = "ngh?|nh|th|tr|ch|ph|kh|gh|gi|qu|[bcdghklmnprstvx]"
_NUCLEUS = "uye|uya|oai|oay|uoi|uou|ieu|yeu|[aeiou]{1,2}|[aeou]y|y|uy"
_SYLLABLE = rf"(?=[A-Z])(?i:(?:{_ONSET})?(?:{_NUCLEUS})(?:ng|nh|ch|[cmnpt])?)(?![A-Za-z0-9_-])"
_WORD = (
    r"(?:I|In|It|On|At|An|He|Hi|Me|My|No|Or|So|The|Then|To|Us|Up|We|You|Can|Not|But|Man|Men|Sun|Son|Team|Bank)(?![A-Za-z0-9_-])"
)
"""Words that begin a sentence or stand behind a name, and look like a syllable."""
_USUAL = (
    "Anh|Bao|Bich|Binh|Chau|Chi|Cuong|Dat|Diem|Dieu|Dinh|Duc|Dung|Duy|Gia|Giang|Hai|Hang|Hanh|Hien|Hieu|Hoa|Hoai|Hoang|Hong|Hung|"
    "Huong|Huu|Huy|Huyen|Khanh|Khoa|Kim|Lan|Linh|Loan|Long|Mai|Minh|My|Nam|Nga|Ngan|Ngoc|Nguyen|Nhan|Nhi|Nhung|Oanh|Phong|"
    "Phuc|Phuong|Quan|Quang|Quoc|Quy|Quynh|Son|Tam|Tan|Thanh|Thao|Thi|Thien|Thinh|Thu|Thuy|Tien|Trang|Trinh|Trung|Tu|Tuan|Tung|"
    "Tuyet|Van|Viet|Vinh|Xuan|Yen"
)
_NEXT = rf"(?: (?!{_WORD}){_SYLLABLE})"
_FIRST = rf"(?: (?:{_USUAL})(?![A-Za-z0-9_-]))"
_NAME = re.compile(
    rf"(?<![A-Za-z0-9_.-])(?!{_PLACES})(?:(?:{_TELLING})(?:{_FIRST}|{_NEXT}){_NEXT}{{0,2}}|(?:{_OTHER}){_FIRST}{_NEXT}{{0,2}})"
)
_SCORE = 0.95


def vietnamese_names(text: str) -> Iterator[Tag]:
    """A tag for each such name."""
    for found in _NAME.finditer(text):
        yield Tag(*found.span(), "PERSON", _SCORE)


VIETNAMESE_NAMES = NameRule((rf"\b(?:{_TELLING}|{_OTHER}) [A-Z]",), vietnamese_names)
