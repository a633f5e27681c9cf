"""Texts that were written apart from the templates, one a line: `labels<TAB>text`, and `-` for none of the labels."""

from __future__ import annotations

from pathlib import Path

from training.sensitivity.templates import LANGUAGES, Labelled

FOLDER = Path(__file__).parent / "held_out"
_EVERY = 4


def held_out() -> list[Labelled]:
    """Those that figures are about: nothing was chosen by them."""
    return [one for number, one in enumerate(_all()) if number % _EVERY]


def for_calibration() -> list[Labelled]:
    """Every fourth, by which scores are made chances. No figure is about them."""
    return [one for number, one in enumerate(_all()) if not number % _EVERY]


def _all() -> list[Labelled]:
    found = []
    for language in LANGUAGES:
        for line in (FOLDER / f"{language}.tsv").read_text(encoding="utf-8").splitlines():
            labels, _, text = line.partition("\t")
            found.append(Labelled(text, frozenset(labels.split(",")) - {"-"}, language))
    return found
