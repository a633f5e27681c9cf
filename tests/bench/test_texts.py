"""The prompts: exact lengths, personal data in each, no two alike."""

from __future__ import annotations

import pytest

from bench.texts import Language, prompt


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("characters", [200, 4_000])
def test_a_prompt_has_its_length_and_holds_what_was_planted(language: Language, characters: int) -> None:
    made = prompt(language, characters, 7)
    assert len(made.text) == characters
    assert all(value in made.text for value in made.planted)
    assert any("@" in value for value in made.planted)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_two_prompts_are_alike_and_a_number_always_gives_the_same(language: Language) -> None:
    texts = [prompt(language, 200, number).text for number in range(100)]
    assert len(set(texts)) == 100
    assert texts[:3] == [prompt(language, 200, number).text for number in range(3)]
