"""Of what a corpus says of entities, the names: no pronouns, no titles, nothing that is not named."""

from __future__ import annotations

import random

import pytest

from training.sources.gum import documents


def document(*rows: str) -> bytes:
    """Rows are `form part-of-speech head entity`, `_` for none; a form that ends in `+` has no white space behind it."""
    lines = []
    for at, row in enumerate(rows, 1):
        form, part, head, entity = row.split()
        told = [f"Entity={entity}"] if entity != "_" else []
        told += ["SpaceAfter=No"] if form.endswith("+") else []
        lines.append("\t".join((str(at), form.rstrip("+"), "_", part, "_", "_", head, "_", "_", "|".join(told) or "_")))
    return ("# newdoc id = x\n# newpar\n# text = x\n" + "\n".join(lines) + "\n\n").encode()


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        (("Thomas PROPN 3 (7-person-new-x", "Sam+ PROPN 1 7)", "left VERB 0 _"), "{P:Thomas Sam}left"),
        (("President PROPN 2 (7-person-new-x", "Obama PROPN 3 7)", "spoke VERB 0 _"), "President {P:Obama} spoke"),
        (("his PRON 2 (8-person-new-x(7-person-x-y)", "wife NOUN 3 8)", "spoke VERB 0 _"), "his wife spoke"),
        (
            (
                "in ADP 3 _",
                "the DET 3 (2-organization-new-x",
                "University PROPN 0 _",
                "of ADP 5 _",
                "Oslo PROPN 3 (3-place-x)2)",
            ),
            "in the {U:University of Oslo}",
        ),
        (("Olympics PROPN 2 (2-event-new-x)", "began VERB 0 _"), "Olympics began"),
        (("She PRON 2 (1-person-giv-x)", "left VERB 0 _"), "She left"),
    ],
)
def test_names_in_what_is_said_of_entities(rows: tuple[str, ...], text: str) -> None:
    assert list(documents(document(*rows), random.Random(0))) == [text]


def test_parts_of_a_word_stand_together() -> None:
    content = document("Ann PROPN 3 (1-person-x)", "'s PART 1 _", "cat NOUN 0 _").replace(b"1\tAnn", b"1-2\tAnn's\t_\n1\tAnn")
    assert list(documents(content, random.Random(0))) == ["{P:Ann}'s cat"]
