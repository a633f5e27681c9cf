"""How much personal data the recognizers find in labelled text, and what they cover beside it.

Input: JSON lines `{"text", "spans": [[start, end, label]], "ignore": [[start, end]]}`, offsets in code points; the data is
yours, none is shipped. Printed for each file:

overlap F1  same type, at least one character in common
leak        share of labelled spans with a character that no finding of any type covers: what would go out
over        share of characters outside labelled and ignored spans that a finding covers: what would be spoilt
ms          CPU milliseconds for 1,000 characters, one thread

Run: `make bench-detection GOLD="a.jsonl b.jsonl"`.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from gateway.exchange import Finding
from gateway.redaction.detect import PresidioDetector

SHORT_NAMES = {
    "EMAIL_ADDRESS": "EMAIL", "PHONE_NUMBER": "PHONE", "CREDIT_CARD": "CARD", "CN_BANK_CARD": "CARD", "US_SSN": "SSN",
    "IBAN_CODE": "IBAN", "IP_ADDRESS": "IP", "QQ_ID": "QQ", "WECHAT_ID": "WECHAT",
}  # fmt: skip


@dataclass
class Score:
    """Counts over a file."""

    labelled: Counter[str] = field(default_factory=Counter)
    reached: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    leaked: int = 0
    spoilt: int = 0
    clean: int = 0
    characters: int = 0
    seconds: float = 0.0

    def f1(self, label: str | None = None) -> float:
        """Of one type, or of all types that the file labels."""
        names = [label] if label else list(self.labelled)
        labelled, found = sum(self.labelled[n] for n in names), sum(self.found[n] for n in names)
        recall = sum(self.reached[n] for n in names) / labelled if labelled else 0.0
        precision = sum(self.right[n] for n in names) / found if found else 0.0
        return 2 * precision * recall / (precision + recall) if precision + recall else 0.0

    def add(self, gold: dict[str, Any], findings: Sequence[Finding]) -> None:
        spans: list[list[Any]] = gold["spans"]
        ignored: list[list[int]] = gold.get("ignore", [])
        covered = _marks(len(gold["text"]), ((f.start, f.end) for f in findings))
        allowed = _marks(len(gold["text"]), ((s[0], s[1]) for s in [*spans, *ignored]))
        named = [(f.start, f.end, SHORT_NAMES.get(f.entity, f.entity)) for f in findings]
        for start, end, label in spans:
            self.labelled[label] += 1
            self.reached[label] += any(a < end and start < b and name == label for a, b, name in named)
            self.leaked += not all(covered[start:end])
        for a, b, name in named:
            hit = any(a < end and start < b and label == name for start, end, label in spans)
            if hit or not any(a < end and start < b for start, end in ignored):
                self.found[name] += 1
                self.right[name] += hit
        self.spoilt += sum(c and not a for c, a in zip(covered, allowed, strict=True))
        self.clean += len(allowed) - sum(allowed)
        self.characters += len(gold["text"])


def _marks(size: int, spans: Iterable[tuple[int, int]]) -> bytearray:
    marks = bytearray(size)
    for start, end in spans:
        marks[start:end] = b"\1" * (min(end, size) - start)
    return marks


def score(path: Path, detector: PresidioDetector) -> Score:
    """Score one file."""
    total = Score()
    for line in path.read_bytes().splitlines():
        gold = orjson.loads(line)
        before = time.process_time()
        findings = detector.analyze(gold["text"])
        total.seconds += time.process_time() - before
        total.add(gold, findings)
    return total


def main(paths: Sequence[str]) -> None:
    detector = PresidioDetector()
    print(f"{'file':24} {'overlap F1':>10} {'leak':>7} {'over':>7} {'ms':>7}   by type")
    for path in map(Path, paths):
        total = score(path, detector)
        by_type = " ".join(f"{label} {total.f1(label):.2f}" for label, _ in total.labelled.most_common())
        leak, over = total.leaked / max(1, sum(total.labelled.values())), total.spoilt / max(1, total.clean)
        cost = total.seconds * 1e6 / max(1, total.characters)
        print(f"{path.name:24} {total.f1():10.3f} {leak:7.3f} {over:7.4f} {cost:7.1f}   {by_type}")


if __name__ == "__main__":
    main(sys.argv[1:])
