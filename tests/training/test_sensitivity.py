"""The texts of the starter classifier of sensitivity: those that it learns from and those that it is judged by."""

from __future__ import annotations

from gateway.sensitivity.labels import LABELS
from training.sensitivity.apart import shared
from training.sensitivity.held_out import for_calibration, held_out
from training.sensitivity.templates import LANGUAGES, Labelled, generated


def test_no_text_that_judges_was_learnt_from() -> None:
    judged = [*held_out(), *for_calibration()]
    assert shared(generated(1, 1), judged) == []
    long = judged[0]
    assert shared([Labelled(f"Also: {long.text}", frozenset(), long.language)], judged)


def test_every_label_is_taught_and_judged_in_both_languages() -> None:
    for texts in (generated(1, 1), held_out(), for_calibration()):
        for language in LANGUAGES:
            of = [one.labels for one in texts if one.language == language]
            assert all(any(label.value in labels for labels in of) for label in LABELS)
            assert frozenset() in of
            assert frozenset().union(*of) <= {label.value for label in LABELS}


def test_texts_for_calibration_are_in_no_figure() -> None:
    assert not {one.text for one in held_out()} & {one.text for one in for_calibration()}
