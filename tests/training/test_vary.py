"""Texts are varied in ways that keep their marks right."""

from __future__ import annotations

import random

from training.marks import labelled, parts
from training.vary import Gloss

LINE = "{P:马拉戈}和{O:恒晖}在{C:法国}见了{P:Ann}"


def glossed(share: float) -> tuple[str, list[tuple[str, str]]]:
    text = labelled(Gloss(lambda kind: f"x{kind}", random.Random(1), share)(parts(LINE)))
    return text.text, [(text.text[start:end], label) for start, end, label in text.spans]


def test_names_are_written_once_more_in_brackets_with_their_type() -> None:
    text, spans = glossed(1.0)
    assert text.replace("(", "（").replace(")", "）") == "马拉戈（xP）和恒晖（xO）在法国见了Ann"
    assert spans == [
        ("马拉戈", "PERSON"),
        ("xP", "PERSON"),
        ("恒晖", "ORGANIZATION"),
        ("xO", "ORGANIZATION"),
        ("法国", "LOCATION"),
        ("Ann", "PERSON"),
    ]


def test_without_a_share_a_text_stays_as_it_is() -> None:
    assert glossed(0.0)[0] == "马拉戈和恒晖在法国见了Ann"
