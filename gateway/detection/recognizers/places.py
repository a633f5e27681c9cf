"""Street addresses in the forms that give themselves away, and postcodes that are said to be such.

Names of places alone are the taggers' work.
"""

from __future__ import annotations

from presidio_analyzer import EntityRecognizer

from gateway.detection.recognizers.patterns import DIGIT_FIRST, STRONG, CheckedPatternRecognizer, ContextPatternRecognizer, word

_STREET = ("Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Way|Place|Pl|Square|Sq|Terrace|Crescent|"
           "Highway|Hwy|Parkway|Pkwy|Circle|Cir|Trail|Close")  # fmt: skip
_WORD = r"(?:[A-Z\u00c0-\u00de][A-Za-z\u00c0-\u024f.'’-]{0,24}|[0-9]{1,3}(?:st|nd|rd|th))"
_UNIT = r"(?:,? (?:Apt|Apartment|Suite|Ste|Unit|Floor|Fl|#)\.? ?[A-Za-z0-9-]{1,6})"
_TOWN = rf"(?:,? {_WORD}(?: {_WORD}){{0,2}},? [A-Z]{{2}}(?: [0-9]{{5}}(?:-[0-9]{{4}})?)?(?![A-Za-z0-9]))"
_ADDRESS = rf"(?<![A-Za-z0-9.,-])[0-9]{{1,5}}[A-Za-z]? {_WORD}(?: {_WORD}){{0,3}} (?:{_STREET})\b\.?{_UNIT}?{_TOWN}?"
_GATE = r"[0-9][A-Za-z]? [A-Z\x{c0}-\x{de}0-9]"
_BOX = r"(?<![A-Za-z0-9])(?ai:P\.? ?O\.? ?Box) [0-9]{1,6}(?![A-Za-z0-9])"


_POSTCODE = (
    r"[0-9]{5}(?:-[0-9]{4})?|[0-9]{4}(?: [A-Z]{2})?|[0-9]{6}|[0-9]{3}-[0-9]{4}|[0-9]{3} [0-9]{2}|"
    r"(?ai:[A-PR-UWYZ][A-HK-Y]?[0-9][0-9A-HJKPSTUW]? ?[0-9][ABD-HJLNP-UW-Z]{2}|"
    r"[ABCEGHJ-NPRSTVXY][0-9][A-Z][ -]?[0-9][A-Z][0-9])"
)
_POSTCODE_WORDS = ("zip", "zip code", "zipcode", "postcode", "post code", "postal code", "plz", "postleitzahl", "code postal",
                   "pin code", "pincode", "邮编", "邮政编码", "郵遞區號", "郵編")  # fmt: skip


def place_recognizers() -> tuple[EntityRecognizer, ...]:
    """English street addresses, post boxes, postcodes."""
    return (
        CheckedPatternRecognizer("LOCATION", [(_ADDRESS, STRONG)], name="StreetAddress", gate=[_GATE], starts=DIGIT_FIRST),
        CheckedPatternRecognizer("LOCATION", [(_BOX, STRONG)], name="PostBox", gate=["(?i)box [0-9]"]),
        ContextPatternRecognizer(
            "LOCATION", [(word(_POSTCODE), STRONG)], words=_POSTCODE_WORDS, name="Postcode", gate=["[0-9]"], before=24
        ),
    )
