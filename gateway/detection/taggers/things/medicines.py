"""Medicines that are in no list: by how they end, and by where they stand."""

from __future__ import annotations

import re

from gateway.detection.taggers.sieve import Tag

_MEDICINE = re.compile(
    r"[a-z]{2,}(?:mab|tinib|ciclib|parib|pril|sartan|statin|cillin|mycin|floxacin|cycline|[aeo]zole|tidine|zepam|zolam|oxetine|"
    r"gliptin|gliflozin|glutide|parin|xaban|olol|dipine|[ai]sone|[dlnx]olone|triptan|setron|profen|lukast|[ln]afil|[lz]osin|"
    r"azine|apine|tadine|(?:[iy]clo|fo|[iou]na|pre|tas|tegra|ami|bu|trel|pira)vir|olim|(?:per|as)idone|azodone|opram|thyroxine)"
)
"""How generic names end: `-vir`, `-lim` and `-done` alone are how people and towns are called (Jasvir, Taslim, Gardone)."""
_DOSE = re.compile(
    r" (?:[0-9]+(?:\.[0-9]+)? ?(?:mg|mcg|µg|ml|mL|IU|units)|tablets?|capsules?|inhaler|injections?|suspension|ointment|syrup)"
    r"(?![A-Za-z])"
)
_PRESCRIBED = re.compile(
    r"(?i:(?:was|were|been|am|got) prescribed|prescribed (?:him|her|me|them|us)|diagnosed with|allergic to|"
    r"side effects of|dosage of|suffers? from|suffering from) \Z"
)
"""Around a word that no list of names has, and that no list of medicines can know yet. Nobody stands there."""
_IS_SOMEBODY = re.compile(r"['’]s?[ \n]| [A-ZÀ-ÞĀ-Ɏ]| (?!during\b)[a-z]{2,}ing\b")
"""A name goes on, or does something: `the side effects of Ebuka leaving`."""
_TAKEN = re.compile(r"\b(?:[Tt]ake|[Tt]aking|[Tt]ook) \Z")
_WITH_FOOD = re.compile(
    r" (?:with (?:alcohol|food|milk|grapefruit|wine|beer)|"
    r"while (?:pregnant|breastfeeding)|during pregnancy|on an empty stomach)(?=[.,;:?!)]|\s*\Z| (?:or|and|at|if|every)\b)"
)
_OF_MEDICINES = re.compile(r"(?i:prescribed|doses? of|m[gl] of|safe to take|interacts? with|symptoms of) \Z")
"""Somebody may stand there too, so the word must end like a medicine."""


def is_medicine(text: str, tag: Tag, word: str) -> bool:
    """Whether it is spoken of as one; what no medicine ends like must stand where nobody stands."""
    if _IS_SOMEBODY.match(text, tag.end) is not None:
        return False
    left = max(0, tag.start - 24)
    if _PRESCRIBED.search(text, left, tag.start) is not None:
        return True
    if _WITH_FOOD.match(text, tag.end) is not None and _TAKEN.search(text, left, tag.start) is not None:
        return True
    return _MEDICINE.fullmatch(word) is not None and bool(
        _DOSE.match(text, tag.end) or _OF_MEDICINES.search(text, left, tag.start)
    )
