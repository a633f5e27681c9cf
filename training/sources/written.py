"""Real Chinese texts that nobody labelled, under licences that permit it: sentences to be read aloud, and conversations.

Each file is of one commit of a public repository; `training.sources.annotated` downloads them.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import random
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any, Generic, TypeVar
from urllib.request import urlopen

_HOST = "https://raw.githubusercontent.com"
_JOINTS = ("，", "\n", " ")
_STOPS = frozenset("。！？!?…；;")
_LINES = 4
"""At most so many lines of a list of sentences make up a text; of a conversation, two messages."""
_LONGEST = 300
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Source(Generic[_T]):
    """Files of one commit of a repository, their SHA-256 digests by their paths, and how texts are read from one of them."""

    repository: str
    commit: str
    files: Mapping[str, str]
    texts: Callable[[bytes, random.Random], Iterator[_T]]

    def kept(self, folder: Path, path: str) -> Path:
        """Where a file is kept in `folder`."""
        return folder / self.repository.partition("/")[2] / path

    def url(self, path: str) -> str:
        return f"{_HOST}/{self.repository}/{self.commit}/{path}"

    def checked(self, path: str, content: bytes) -> bytes:
        """Raises ValueError when it is not the content of that file."""
        if hashlib.sha256(content).hexdigest() != self.files[path]:
            raise ValueError(f"{path} is not that of {self.repository} at {self.commit}")
        return content

    def contents(self, folder: Path) -> Iterator[bytes]:
        """Of each file that is kept in `folder`. Raises ValueError as above."""
        return (self.checked(path, self.kept(folder, path).read_bytes()) for path in self.files)


def run_together(content: bytes, chance: random.Random) -> Iterator[str]:
    """Of a list of sentences: a few after each other are a text, with something between them where no stop is."""
    lines = iter([line.strip() for line in content.decode().splitlines() if line.strip()])
    while some := list(islice(lines, chance.randint(1, _LINES))):
        text = some[0]
        for line in some[1:]:
            text += line if text[-1] in _STOPS else chance.choice(_JOINTS) + line
        yield text


def talks(content: bytes, chance: random.Random) -> Iterator[str]:  # noqa: ARG001
    """Of conversations as KdConv has them: two messages after each other are a text."""
    return (text for talk in json.loads(content) for text in _pairs([one["message"] for one in talk["messages"]]))


def packed_talks(content: bytes, chance: random.Random) -> Iterator[str]:  # noqa: ARG001
    """The same of conversations as CrossWOZ has them."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        told = json.loads(archive.read(archive.namelist()[0]))
    return (text for talk in told.values() for text in _pairs([one["content"] for one in talk["messages"]]))


def comments(content: bytes, chance: random.Random) -> Iterator[str]:  # noqa: ARG001
    """Of a table with a column TEXT: each of its texts."""
    return (row["TEXT"].strip() for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def _pairs(messages: Sequence[str]) -> Iterator[str]:
    return ("".join(message.strip() for message in messages[at : at + 2]) for at in range(0, len(messages), 2))


COMMON_VOICE = Source(
    "common-voice/common-voice",
    "168898f413d7deb17d0ed665e8159abe877c7f19",
    MappingProxyType(
        {
            "server/data/zh-CN/wiki.zh-cn.txt": "a4ca1650995b070d72cb200123d3bd592c69668cd270870cc994c08c39135050",
            "server/data/zh-HK/sentence-collector.txt": "3647b78db09c9be223c8290f96c5a4144afb05a93355c3c455acb3cba55c90d8",
            "server/data/zh-TW/sentence-collector.txt": "0e2b3ee1135862f33d1e201959225e16f4388f9597afcd8bdcf55614ac248117",
            "server/data/zh-TW/setences.txt": "7d6d591f3ac78b368f7e234c937f06e775d52dfbcf90e54fbb1476891cc046e3",
        }
    ),
    run_together,
)
"""Sentences to be read aloud for Mozilla's Common Voice (CC0): out of Wikipedia, or given by volunteers."""
KDCONV = Source(
    "thu-coai/KdConv",
    "653db76432de09a004ba708a68f8bbd5500e6bec",
    MappingProxyType(
        {
            "data/film/dev.json": "2f156d8d34bdd3eac31c196772156d36e017f8cb2255a2c312bd98e367ed363e",
            "data/film/test.json": "5ba2b79f9791bedbe5fe8a1bf5d7cbf277697743ee426ecd05459d9e28bcf21b",
            "data/music/dev.json": "ee34a4af167195db43fdcc910f8d125956222517f0572d248a069057493d557f",
            "data/music/test.json": "46f048c5db9dde45127cf6630b2fa06b685be369b71c5bc2dc3022d3f4bbad65",
            "data/travel/dev.json": "8d1f31295888cf61eff398bab8aa042f7fccd04a088bd63c939f0b79625a9093",
            "data/travel/test.json": "730426b0997b8375c8477c7e658c0ec645fced6ab8d546adda114b21cf30faac",
        }
    ),
    talks,
)
"""Conversations about films, music and travel (Apache-2.0)."""
CROSSWOZ = Source(
    "thu-coai/CrossWOZ",
    "df82c9fdff91b9b130f2d6b89110d3870ba6260e",
    MappingProxyType(
        {
            "data/crosswoz/test.json.zip": "e57703894995211bba8638f130dc7df81e8992b71f3c05c10022ad23d6ca5310",
            "data/crosswoz/val.json.zip": "b2b717990f6f0a1c98daaf5dc465e61d42f7de69c0d31e88e674275b1f34c94c",
        }
    ),
    packed_talks,
)
"""Conversations about sights, hotels and restaurants (Apache-2.0)."""
COLD = Source(
    "thu-coai/COLDataset",
    "a0c55a945497ab58e94aef491180e1cf88ffb864",
    MappingProxyType({"COLDataset/train.csv": "16ca7955bdcaf90f5d8ac39e51eb3eda15320caa1e730ed45cb5e8ca8cd0d5e8"}),
    comments,
)
"""Comments of forums about regions, origins and sexes (Apache-2.0), many of them rude: what people write who do not edit."""
SOURCES = (COMMON_VOICE, KDCONV, CROSSWOZ, COLD)


def written(folder: Path, chance: random.Random, sources: Sequence[Source[str]] = SOURCES) -> Iterator[str]:
    """Every text once, in the order of its file. Raises ValueError when a file is not the one that is known."""
    texts = dict.fromkeys(
        text for source in sources for content in source.contents(folder) for text in source.texts(content, chance)
    )
    return (text for text in texts if len(text) <= _LONGEST)


def download(folder: Path, sources: Sequence[Source[Any]]) -> None:
    """Bring the files that are not there yet."""
    for source in sources:
        for path in source.files:
            kept = source.kept(folder, path)
            if not kept.exists():
                with urlopen(source.url(path), timeout=60) as answer:
                    content = source.checked(path, answer.read())
                kept.parent.mkdir(parents=True, exist_ok=True)
                kept.write_bytes(content)
