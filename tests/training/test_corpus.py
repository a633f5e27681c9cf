"""What the taggers learn from is well formed."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.marks import LABELS, labelled, lines, listed, parts

HERE = Path(__file__).parents[2] / "training"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_mark_is_closed_and_of_a_known_kind(language: str) -> None:
    import re

    texts = list(lines(HERE / "corpus" / language))
    assert len(texts) > 3000
    for text in texts:
        plain = "".join(part.text for part in text if not part.kind)
        assert not re.search(r"\{[A-Z]:", plain), plain
        assert all(part.text.strip() for part in text if part.kind)


def test_spans_follow_marks() -> None:
    text = labelled(parts(r"Ask {P:Ann Lee}\nin {L:Leeds}"))
    assert text.text == "Ask Ann Lee\nin Leeds"
    assert [(text.text[a:b], label) for a, b, label in text.spans] == [("Ann Lee", LABELS["P"]), ("Leeds", LABELS["L"])]


@pytest.mark.parametrize("path", sorted((HERE / "lists").glob("*/*.txt")), ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_lists_have_entries(path: Path) -> None:
    assert listed(path.parent, path.stem)
