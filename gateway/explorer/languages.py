"""The words of the pages, in each language: plain files, read once. A page asks for a sentence by its key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

import orjson

_FOLDER = Path(__file__).parent / "words"


class Language(StrEnum):
    """The languages of the pages; the value is the tag of BCP 47."""

    ENGLISH = "en"
    CHINESE = "zh-CN"


_ENDINGS: Mapping[Language, str] = MappingProxyType({Language.ENGLISH: "en", Language.CHINESE: "zh"})
NAMES: Mapping[Language, str] = MappingProxyType({Language.ENGLISH: "English", Language.CHINESE: "中文"})
"""What each language calls itself."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The sentences of one language. Calling it gives one, with `{names}` filled in; the result is text, never markup."""

    language: Language
    sentences: Mapping[str, str] = field(repr=False)

    def __call__(self, key: str, **values: object) -> str:
        """Raises KeyError for a key that the files do not have."""
        sentence = self.sentences[key]
        return sentence.format_map(values) if values else sentence

    def known(self, prefix: str, word: str) -> str:
        """The sentence for a word of ours, and the word itself where the record has one that we do not know."""
        return self.sentences.get(f"{prefix}.{word}", word)


def load_catalogues(folder: Path = _FOLDER) -> Mapping[Language, Catalogue]:
    """Every `*.en.json` and `*.zh.json` of the folder, joined. Raises ValueError where two files have the same key."""
    return MappingProxyType({language: Catalogue(language, _joined(folder, language)) for language in Language})


def _joined(folder: Path, language: Language) -> Mapping[str, str]:
    joined: dict[str, str] = {}
    for path in sorted(folder.glob(f"*.{_ENDINGS[language]}.json")):
        own: dict[str, str] = orjson.loads(path.read_bytes())
        if twice := own.keys() & joined.keys():
            raise ValueError(f"{path.name} has keys that another file has: {', '.join(sorted(twice))}")
        joined |= own
    return MappingProxyType(joined)


def preferred(accept_language: str) -> Language:
    """What a browser asks for first (RFC 9110, 12.5.4); English where it asks for neither."""
    offers = sorted((_offer(part) for part in accept_language.split(",")[:20]), key=lambda offer: -offer[1])
    for tag, weight in offers:
        if weight > 0 and tag.startswith("zh"):
            return Language.CHINESE
        if weight > 0 and tag.startswith("en"):
            return Language.ENGLISH
    return Language.ENGLISH


def _offer(part: str) -> tuple[str, float]:
    tag, _, parameter = part.strip().lower().partition(";")
    name, _, weight = parameter.strip().partition("=")
    try:
        return tag.strip(), float(weight) if name == "q" else 1.0
    except ValueError:
        return tag.strip(), 0.0
