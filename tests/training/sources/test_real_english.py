"""Tweets and sentences as training reads them, and which files they come from."""

from __future__ import annotations

import random
import re

import pytest

from training.sources.real_english import FOREIGN, GUM, MARKED, SPOKEN, one_by_one, only, sentences, tweets

CHANCE = random.Random(0)


def rows(text: str) -> bytes:
    return "\n".join(line.replace("/", "\t") for line in text.split(" ")).encode()


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        ("@ann/O Bo/B-PER Li/I-PER left/O Acme/B-ORG", "{P:Bo Li} left {O:Acme}"),
        ("RT/O @/B-PER ann/B-PER :/O Oslo/B-LOC !/O", "RT: {L:Oslo}!"),
        ("#Oslo/B-LOC is/O &/O gt/O ;/O us/O", "#{L:Oslo} is > us"),
        ("Watch/O Dune/B-creative-work by/O Ann/B-person", "Watch Dune by {P:Ann}"),
    ],
)
def test_tweets_without_accounts_and_with_our_kinds_of_names(tokens: str, text: str) -> None:
    assert list(tweets(rows(tokens), CHANCE)) == [text]


def test_an_empty_line_parts_tweets() -> None:
    assert list(tweets(b"Hi\tO\nAnn\tB-PER\n\t\nBye\tO\nBo\tB-PER\n", CHANCE)) == ["Hi {P:Ann}", "Bye {P:Bo}"]


@pytest.mark.parametrize("seed", range(6))
def test_no_sentence_is_lost(seed: int) -> None:
    lines = [f"Sentence {{{n}}}." for n in range(9)]
    read = list(sentences("\n\n".join(lines).encode(), random.Random(seed)))
    assert " ".join(read) == " ".join(lines).replace("{", "(").replace("}", ")")


def test_sentences_of_other_languages_stand_alone() -> None:
    assert list(one_by_one(b"Ich wohne in Bonn.\n\nJa.\n", CHANCE)) == ["Ich wohne in Bonn."]


@pytest.mark.parametrize("source", [*MARKED, SPOKEN, FOREIGN], ids=lambda source: source.repository)
def test_files_are_of_one_commit_and_known_by_their_digests(source) -> None:  # type: ignore[no-untyped-def]
    assert re.fullmatch("[0-9a-f]{40}", source.commit)
    assert source.files
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in source.files.values())


def test_only_texts_that_may_be_learnt_from() -> None:
    assert {path.split("_")[1] for path in GUM.files} == {"academic", "interview", "news"}


def test_one_file_of_a_source() -> None:
    path = next(iter(FOREIGN.files))
    assert list(only(FOREIGN, path).files) == [path]
