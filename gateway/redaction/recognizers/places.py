"""Street addresses in the forms that give themselves away; names of places alone are the taggers' work."""

from __future__ import annotations

from presidio_analyzer import EntityRecognizer

from gateway.redaction.recognizers.patterns import STRONG, CheckedPatternRecognizer

_STREET = ("Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Way|Place|Pl|Square|Sq|Terrace|Crescent|"
           "Highway|Hwy|Parkway|Pkwy|Circle|Cir|Trail|Close")  # fmt: skip
_WORD = r"(?:[A-Z\u00c0-\u00de][A-Za-z\u00c0-\u024f.'’-]{0,24}|[0-9]{1,3}(?:st|nd|rd|th))"
_UNIT = r"(?:,? (?:Apt|Apartment|Suite|Ste|Unit|Floor|Fl|#)\.? ?[A-Za-z0-9-]{1,6})"
_TOWN = rf"(?:,? {_WORD}(?: {_WORD}){{0,2}},? [A-Z]{{2}}(?: [0-9]{{5}}(?:-[0-9]{{4}})?)?(?![A-Za-z0-9]))"
_ADDRESS = rf"(?<![A-Za-z0-9.,-])[0-9]{{1,5}}[A-Za-z]? {_WORD}(?: {_WORD}){{0,3}} (?:{_STREET})\b\.?{_UNIT}?{_TOWN}?"
_BOX = r"(?<![A-Za-z0-9])(?i:P\.? ?O\.? ?Box) [0-9]{1,6}(?![A-Za-z0-9])"


def place_recognizers() -> tuple[EntityRecognizer, ...]:
    """English street addresses and post boxes."""
    return (CheckedPatternRecognizer("LOCATION", [(_ADDRESS, STRONG), (_BOX, STRONG)], name="StreetAddress"),)
