"""How a field of a form, a record or an element says that a value follows."""

from __future__ import annotations

_SPACED = r"[ \t]{0,4}[\"'*]{0,2}[ \t]{0,4}"
ASSIGNED = f"{_SPACED}[:=]>?{_SPACED}"
"""Between a field and its value: `: `, `": "`, ` = `."""
IS = rf"{_SPACED}(?:[:=]>?|\|){_SPACED}"
"""The same, and the border of a table's cells."""

ENDS = r"(?=[\"'\n\r\t,;|<*]|[ ]{2}|[ ]?\(|[ ](?:[A-Z][A-Z ]{1,16}|[A-Z][a-z]{1,12}(?: [a-z]{2,8})?):|[ ]?\.\s|\.?\Z)"
"""Behind a value: what closes it, the next field on the line, the end of a sentence, or the wall to the next text of a page."""


def in_element(fields: str, value: str) -> str:
    """A pattern for the value of an XML element with such a name."""
    return rf"<(?ai:{fields})>{value}(?=</)"
