"""The written sets: a made-up company's documents in each language, and questions in other words than theirs."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).parent
LANGUAGES = ("en", "zh")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and the one passage that answers it, by the headings of its file and its own; both are empty where none
    does. `kind`: asked in other `words` than the text's, by a `name` or number in it, or `none`.
    """

    kind: str
    text: str
    title: str
    section: str

    @property
    def has_answer(self) -> bool:
        return bool(self.section)


def folder(language: str) -> Path:
    return _HERE / language


def questions(language: str) -> Sequence[Asked]:
    """Those that have an answer first."""
    with (_HERE / f"{language}.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    titles = {path.name: path.read_text(encoding="utf-8").partition("\n")[0][2:] for path in folder(language).iterdir()}
    return [Asked(row["kind"], row["question"], titles.get(row["document"], ""), row["section"]) for row in rows]


def split(every: Sequence[Asked]) -> tuple[Sequence[Asked], Sequence[Asked]]:
    """Every second one to choose a threshold by, and the others to say what it is worth."""
    return every[::2], every[1::2]
