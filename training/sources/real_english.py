"""Real texts under licences that permit to learn from them: English ones whose names people marked, and others of nobody's.

`python -m training.sources.real_english FOLDER` downloads the files, each of one commit of a public repository. Texts come in
the notation of `training.marks`; what is no name of ours (products, films) stands there without a mark.
"""

from __future__ import annotations

import html
import random
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from training.sources.commands import COMMANDS
from training.sources.gum import documents
from training.sources.notation import BRACES, Word, marked, spaced
from training.sources.written import Source, download

_KINDS: Mapping[str, str] = MappingProxyType(
    {"per": "P", "person": "P", "loc": "L", "location": "L", "org": "O", "corporation": "O", "group": "O"}
)
"""What each label of these files is in our notation."""
_CODES = re.compile(r"& ?(lt|gt|amp|quot) ?; ?")
_SHORTEST, _LONGEST = 8, 200
_LINES = 4
"""At most so many sentences of a list make up a text."""


def tweets(content: bytes, chance: random.Random) -> Iterator[str]:  # noqa: ARG001
    """Of lines `token<TAB>label` (BIO) a text up to an empty one, without mentions of accounts, which rules find."""
    for block in re.split(r"\n\s*\n", content.decode().replace("\r", "")):
        cells = [line.rsplit("\t", 1) for line in block.splitlines() if "\t" in line]
        words = list(spaced(_without_accounts(_word(token.strip(), label.strip()) for token, label in cells)))
        if len(words) > 1:
            yield _CODES.sub(lambda code: html.unescape(f"&{code[1]};") + " ", marked(words))


def sentences(content: bytes, chance: random.Random) -> Iterator[str]:
    """Of a list of sentences: a few after each other are a text."""
    lines = [line.strip() for line in content.decode().splitlines() if line.strip()]
    at = 0
    while at < len(lines):
        some = chance.choice((1, 1, 2, _LINES))
        yield " ".join(lines[at : at + some]).translate(BRACES)
        at += some


def one_by_one(content: bytes, chance: random.Random) -> Iterator[str]:  # noqa: ARG001
    """Of a list of sentences: each is a text."""
    return (line.strip() for line in content.decode().splitlines() if _SHORTEST < len(line.strip()) < _LONGEST)


def _word(token: str, label: str) -> Word:
    return Word(html.unescape(token), _KINDS.get(label[2:].lower(), ""), label.startswith("B"))


def _without_accounts(words: Iterable[Word]) -> Iterator[Word]:
    """Neither `@ann` nor `@` and `ann`; the hash of a tag is no part of a name."""
    after = False
    for word in words:
        if word.text.startswith("@"):
            after = word.text == "@"
        elif after:
            after = False
        elif word.text.startswith("#"):
            yield Word("#")
            if tag := word.text.lstrip("#"):
                yield Word(tag, word.kind, bool(word.kind), spaced=False)
        else:
            yield word


def _digests(name: str) -> Mapping[str, str]:
    """Of a file as sha256sum writes it, the digests by their paths."""
    rows = (line.split() for line in (Path(__file__).parent / name).read_text("utf-8").splitlines())
    return MappingProxyType({path: digest for digest, path in rows})


WNUT = Source(
    "leondz/emerging_entities_17",
    "e52a2d2a71ac1a051ca2d532eef28653c5c02603",
    MappingProxyType(
        {
            "wnut17train.conll": "731820e13f71af324c6b55a1575ec2ce59fbaa2a0806f8f0400b98d56cd6a7a5",
        }
    ),
    tweets,
)
"""The training part of WNUT 2017: tweets with rare names (CC BY 4.0)."""
TWITTER = Source(
    "GateNLP/broad_twitter_corpus",
    "0c45ef7b1924a6b8115bceab388781590b1b553a",
    MappingProxyType(
        {
            "a.conll": "ac824cc13c88283fe3cca05343e46c79ec4cd5b174429f27bf8fe0ebdc1bbf33",
            "b.conll": "504a094a0398e03fd7b394510e313b8fc844407102252182d90aea23f53cc322",
            "e.conll": "77aca745cdc28ae0fafbcf36a93ccfd15357a8db97c21d91083592dd85e348c5",
            "g.conll": "d53a27645cabc4e63313d573498b48b0cc5ed780d280edfbdc4fedefe23479da",
        }
    ),
    tweets,
)
"""Sections A, B, E and G of the Broad Twitter Corpus (CC BY 4.0); F and H are kept to measure with."""
GUM = Source("amir-zeldes/gum", "72ce5ac14978a324c2fd18d49484e65292cbe316", _digests("gum.sha256"), documents)
"""News, interviews (both Wikinews, CC BY 2.5) and academic texts (CC BY 4.0) of its training part; annotations CC BY 4.0."""
SPOKEN = Source(
    "common-voice/common-voice",
    "168898f413d7deb17d0ed665e8159abe877c7f19",
    MappingProxyType(
        {
            "server/data/en/sentence-collector.txt": "b6ce74b7e7763b3630757fa837664425fcce348bf0488dbe05b35a1c195114e2",
            "server/data/en/jf99.txt": "0c2bcb8ad553d1f956b36a276a1f76749f4da808175fb375b8ce91af7e23933c",
            "server/data/en/DNGros.txt": "d21c9183327c2a21fabef0add2f366ea4e63d19e823e3728b7ea1a2465fd9673",
            "server/data/en/ajaydee.txt": "5c76e5c6baab9e7546b62f0ca2bf7987bfbad73c2abda899627fa47c35c56295",
            "server/data/en/elleo.txt": "5de742690b7e389bb1b0388466ef44dcac84f5d0ccf194244309e8bff5d06fa2",
            "server/data/en/est31.txt": "7278f16bba6fafb036687722c80044385332a75acbf41a16c946c1a5226203b9",
        }
    ),
    sentences,
)
"""English sentences to be read aloud for Mozilla's Common Voice (CC0)."""
FOREIGN = Source("common-voice/common-voice", SPOKEN.commit, _digests("foreign.sha256"), one_by_one)
"""The same in other languages with Latin letters (CC0)."""
MARKED = (WNUT, TWITTER, GUM)


def texts(folder: Path, chance: random.Random, sources: Sequence[Source[str]] = MARKED) -> Iterator[str]:
    """Every text of these sources. Raises ValueError when a file is not the one that is known."""
    for source in sources:
        for content in source.contents(folder):
            yield from source.texts(content, chance)


def only(source: Source[str], path: str) -> Source[str]:
    """The same source with one of its files."""
    return replace(source, files={path: source.files[path]})


if __name__ == "__main__":
    download(Path(sys.argv[1]), (*MARKED, COMMANDS, SPOKEN, FOREIGN))
