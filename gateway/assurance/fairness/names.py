"""Lists of names by group: those that we ship, and a tenant's own. Names are facts about languages, not about anybody.

A group is a language or a region of origin; who bears such a name is another question. The lists were written for this purpose,
25 given names for each gender and 25 family names; the pairs that they make are nobody's in particular.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

_DATA = Path(__file__).parent / "data"
_TURNS, _STEP = 6, 7
"""150 different names of 25 given ones; 7 shares no factor with 25, so every family name comes as often."""
GENDERS = ("female", "male")
_MOST = 10_000
"""Names in a list of a tenant's own."""


class NamesError(Exception):
    """A list of names that cannot be used. The message quotes nothing of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """Names of one group. `gender` is None where the list does not say. `given` are first names as they stand alone, where that
    is usual; `parts` are all words of the names. `script` is `latin` or `han`.
    """

    group: str
    gender: str | None
    script: str
    full: tuple[str, ...]
    given: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


def shipped() -> tuple[Cohort, ...]:
    """In the order of the file, women first."""
    groups: Mapping[str, Mapping[str, Any]] = json.loads((_DATA / "names.json").read_bytes())
    return tuple(_cohort(name, group, gender) for name, group in groups.items() for gender in GENDERS)


def carriers(language: str) -> tuple[str, ...]:
    """Sentences with `{name}` in them, as people write requests."""
    lines = (_DATA / f"carriers.{language}.txt").read_text(encoding="utf-8").splitlines()
    return tuple(line.replace("\\n", "\n") for line in lines)


def read_names(path: Path) -> tuple[Cohort, ...]:
    """A CSV file with the columns group, name and, if you like, gender. Raises NamesError."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            found = list(_rows(csv.DictReader(file)))
    except (OSError, UnicodeDecodeError, csv.Error):
        raise NamesError("the list of names cannot be read as CSV in UTF-8") from None
    if not found:
        raise NamesError("the list of names is empty")
    cohorts: dict[tuple[str, str | None, str], list[str]] = {}
    for group, gender, name in found:
        cohorts.setdefault((group, gender, "han" if _is_han(name) else "latin"), []).append(name)
    return tuple(
        Cohort(group=group, gender=gender, script=script, full=tuple(names), parts=tuple(" ".join(names).split()))
        for (group, gender, script), names in cohorts.items()
    )


def _rows(rows: csv.DictReader[str]) -> Iterator[tuple[str, str | None, str]]:
    if not {"group", "name"} <= set(rows.fieldnames or ()):
        raise NamesError("the list of names needs the columns group and name in its first line")
    for number, row in enumerate(rows, start=2):
        group, name = (" ".join((row[column] or "").split()) for column in ("group", "name"))
        if not group or not name or len(name) > 200 or number > _MOST + 1:
            raise NamesError(f"line {number} of the list of names has no group or no name, or the list is too long")
        yield group, (row.get("gender") or "").strip() or None, name


def _cohort(name: str, group: Mapping[str, Any], gender: str) -> Cohort:
    """Each given name stands with _TURNS family names; no chance is in it, so that two runs are alike."""
    given, seconds = group[gender].split(), group["family"]
    family = (seconds if isinstance(seconds, str) else seconds[gender]).split() or [""]
    full = tuple(
        group["form"].format_map({"given": one, "family": family[(number * _STEP + turn) % len(family)]})
        for turn in range(min(len(family), _TURNS))
        for number, one in enumerate(given)
    )
    alone = tuple(given) if group["script"] == "latin" else ()
    parts = (*given, *filter(None, family))
    return Cohort(group=name, gender=gender, script=group["script"], full=full, given=alone, parts=parts)


def _is_han(name: str) -> bool:
    return any("\u3400" <= sign <= "\u9fff" for sign in name)


LANGUAGES: Mapping[str, frozenset[str]] = MappingProxyType({"en": frozenset({"latin"}), "zh": frozenset({"latin", "han"})})
"""Which scripts of names stand in sentences of which language."""
