"""Passages with their people's values back in place of placeholders, for `redact`, which knows exactly where they stand. Pure.

A passage names people by the placeholders of the documents. An exchange has placeholders of its own, by value: so values are
put back here, inside the gateway, and each is noted as a finding, so that none depends on being recognised once more. What
looked like a placeholder in a file was broken when it was read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from gateway.exchange import Finding
from gateway.obligations import EntityRules, OperatorKind
from gateway.redaction.placeholders import SPELLED, Key

RECOGNIZER = "document"
_COMES_BACK = frozenset({OperatorKind.PLACEHOLDER, OperatorKind.SURROGATE, OperatorKind.KEEP})


@dataclass(frozen=True, slots=True)
class Opened:
    """A text, and where in it values stand."""

    text: str = field(repr=False)
    findings: tuple[Finding, ...] = field(default=(), repr=False)


def keys_in(texts: Iterable[str]) -> frozenset[Key]:
    """The placeholders that stand in some texts."""
    return frozenset((found[1], int(found[2])) for text in texts for found in SPELLED.finditer(text))


def opened(text: str, values: Mapping[Key, str]) -> Opened:
    """Placeholders without a value stay as they are."""
    pieces: list[str] = []
    findings: list[Finding] = []
    at = length = 0
    for found in SPELLED.finditer(text):
        value = values.get((found[1], int(found[2])))
        if value is None:
            continue
        before = text[at : found.start()]
        start = length + len(before)
        value = " ".join(value.split())  # on one line: a document's lines are quoted, and none may look unquoted
        length = start + len(value)
        findings.append(Finding(start, length, found[1], 1.0, RECOGNIZER))
        pieces += [before, value]
        at = found.end()
    return Opened("".join([*pieces, text[at:]]), tuple(findings))


def coming_back(values: Mapping[Key, str], rules: Sequence[EntityRules]) -> Mapping[Key, str]:
    """Those that would come back in an answer under all of these rules."""
    return {key: value for key, value in values.items() if all(each.operator(key[0]) in _COMES_BACK for each in rules)}


def closed(text: str) -> str:
    """Without numbers, which are those of the documents: `<PERSON>`, for who gets no values back."""
    return SPELLED.sub(lambda found: f"<{found[1]}>", text)
