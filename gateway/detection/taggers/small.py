"""The small taggers as recognizers: a reader, a network, a decoder; then the names that a text repeats."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from gateway.detection.taggers.decode import Decoder, Scores, Span
from gateway.detection.taggers.han.addresses import whole_addresses
from gateway.detection.taggers.han.bracketed import whole_firms
from gateway.detection.taggers.han.cheered import CHEERED, without_praise
from gateway.detection.taggers.han.compound_names import COMPOUND_NAMES
from gateway.detection.taggers.han.crossings import whole_crossings
from gateway.detection.taggers.han.doors import DOORS
from gateway.detection.taggers.han.endings import whole_names
from gateway.detection.taggers.han.japanese_names import JAPANESE_NAMES
from gateway.detection.taggers.han.latin_letters import with_latin
from gateway.detection.taggers.han.listed import listed_people
from gateway.detection.taggers.han.person_edges import whole_people
from gateway.detection.taggers.han.reader import HanReader
from gateway.detection.taggers.han.short_names import SHORT_NAMES
from gateway.detection.taggers.han.spans import reached, without_words
from gateway.detection.taggers.han.speakers import SPEAKERS
from gateway.detection.taggers.han.titled import TITLED
from gateway.detection.taggers.han.told import TOLD
from gateway.detection.taggers.han.transliterated import whole_foreign_names
from gateway.detection.taggers.han.turns import turns
from gateway.detection.taggers.identifiers import outside_identifiers
from gateway.detection.taggers.latin.faint_names import faint_names
from gateway.detection.taggers.latin.groups import GROUPS, as_groups
from gateway.detection.taggers.latin.half_names import HalfNames
from gateway.detection.taggers.latin.introduced import introduced
from gateway.detection.taggers.latin.islands import whole_islands
from gateway.detection.taggers.latin.korean_names import KOREAN_NAMES
from gateway.detection.taggers.latin.name_edges import names_nobody, whole_latin_names
from gateway.detection.taggers.latin.nicknames import whole_persons
from gateway.detection.taggers.latin.no_names import without_no_names
from gateway.detection.taggers.latin.pinyin_names import pinyin_names
from gateway.detection.taggers.latin.reader import LatinReader
from gateway.detection.taggers.latin.speakers import speakers
from gateway.detection.taggers.latin.vietnamese_names import VIETNAMESE_NAMES
from gateway.detection.taggers.lexicon import Lexicon
from gateway.detection.taggers.name_rules import NameRule, NameRules
from gateway.detection.taggers.network import EightBitNetwork, FloatNetwork, Network
from gateway.detection.taggers.repeats import repeats
from gateway.detection.taggers.sieve import Tag
from gateway.detection.taggers.tagging import Tagger
from gateway.detection.taggers.things.chinese import ChineseThings
from gateway.detection.taggers.things.english import EnglishThings
from gateway.detection.taggers.tokens import Reader, Tokens

LABELS = ("PERSON", "LOCATION", "ORGANIZATION", "NRP", "ADDRESS")
"""What the networks tell apart, in the order of their tags."""
_ENTITIES = tuple("LOCATION" if label == "ADDRESS" else label for label in LABELS)
WEIGHTS = Path(__file__).parent / "weights"
_SOMEBODYS = 1 | 2 | 4
"""Of the lists of the reader for words: given names, family names, places."""
_LETTER = r"[A-Za-z\u00c0-\u024f\u0370-\u03ff\u0400-\u04ff]"
_LATIN = re.compile(rf"{_LETTER}{{2}}")
_LATIN_WORD = re.compile(rf"{_LETTER}+")
_MANY = 10
"""Words: fewer may be a name and little else."""
_LATIN_PHRASE = re.compile(rf"{_LETTER}[^\S\n]*[,.'’-]?[^\S\n]+{_LETTER}")
_LEAD = re.compile(r"(?:(?!(?:van|von|de|da|di|del|der|den|la|le|bin|al|el) )[a-z]+ )+(?=[A-Z])")
_ENGLISH = re.compile(r"[ -~]*[A-Za-z] [A-Za-z][ -~]*")
_ENGLISH_BEFORE, _ENGLISH_BEHIND = re.compile(r"[A-Za-z][ .,@/-]{1,2}\Z"), re.compile(r"[ .,@/-]{1,2}[A-Za-z]")
_WORD = re.compile(r"[^\W\d_]")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_HAN_BEHIND = re.compile(rf"(?<={_LETTER})(?:{_HAN.pattern}){{4,}}\Z")
_IS_HAN = re.compile(rf"{_HAN.pattern}+")
_WRITTEN = re.compile(rf"{_HAN.pattern}|[A-Za-z]|{_LETTER}{{2}}|[\u3041-\u30ff]{{2}}|[\uac00-\ud7a3]{{2}}")
"""What a name has at least: the faces that people draw with single letters (`ಡωಡ`, `꒪Д꒪`) are none."""
_IDENTIFIER = re.compile("[a-z]{1,2}|[A-Z]")
"""What stands so by itself is the name of a field, or an option: `b`, the `up` of `look_up`. Beside Han characters it may
be one of somebody, as in `A先生`."""


class SmallTagger(Tagger):
    """A tagger of ours. `reads` says whether a text is one for it."""

    SIEVED = False
    RULES: tuple[NameRule, ...] = ()
    """What finds names by their form, beside the network."""

    def __init__(self, name: str, reader: Reader, network: Network, reads: Callable[[str], bool]) -> None:
        self._reader = reader
        self._network = network
        self._decoder = Decoder(_ENTITIES)
        self._reads = reads
        self._rules = NameRules(*self.RULES)
        super().__init__(name)

    def tag(self, text: str) -> Iterator[Tag]:
        if not self._reads(text):
            return
        tokens = self._reader.read(text)
        scores = self._network.scores(tokens.ids)
        spans = self._spans(text, tokens, scores)
        tags = self._somebody(text, whole_persons(text, outside_identifiers(text, (_tag(tokens, span) for span in spans))))
        tags = [tag for tag in tags if tag.entity == "LOCATION" or _WORD.search(text, tag.start, tag.end)]
        tags = self._completed(text, tags)
        yield from tags
        yield from repeats(text, tags)
        yield from self._faint(text, tokens, scores, tags)

    def _spans(self, text: str, tokens: Tokens, scores: Scores) -> list[Span]:  # noqa: ARG002
        """What the network says."""
        return self._decoder.spans(scores)

    def _somebody(self, text: str, tags: Iterable[Tag]) -> Iterable[Tag]:  # noqa: ARG002
        """`tags` without what bears a name of its own and is nobody."""
        return tags

    def _completed(self, text: str, tags: list[Tag]) -> list[Tag]:  # noqa: ARG002
        """What rules of the script add to what the network said."""
        return tags

    def _faint(self, text: str, tokens: Tokens, scores: Scores, tags: list[Tag]) -> Iterable[Tag]:  # noqa: ARG002
        """What else it may have meant, where that is told from what lists and rules of the script know."""
        return ()


class _LatinTagger(SmallTagger):
    RULES: tuple[NameRule, ...] = (KOREAN_NAMES, VIETNAMESE_NAMES, GROUPS)

    def __init__(self, reader: LatinReader, network: Network) -> None:
        self._listed = reader.listed
        self._things = EnglishThings.shipped(lambda word: bool(reader.listed(word) & _SOMEBODYS))
        self._halves = HalfNames(reader.listed, reader.knows)
        self.RULES = (*self.RULES, speakers(reader.listed), pinyin_names(reader.listed))
        super().__init__("LatinTagger", reader, network, _reads_latin)

    def _somebody(self, text: str, tags: Iterable[Tag]) -> Iterable[Tag]:
        return self._things.without(text, tags)

    def _completed(self, text: str, tags: list[Tag]) -> list[Tag]:
        tags = [_without_han(text, tag) for tag in tags if not _IS_HAN.fullmatch(text, tag.start, tag.end)]
        tags = list(without_no_names(text, whole_latin_names(text, tags)))
        tags = introduced(text, whole_islands(text, list(as_groups(text, tags))), self._listed)
        return [*self._things.without(text, self._halves.whole(text, tags)), *self._rules.tags(text)]

    def _faint(self, text: str, tokens: Tokens, scores: Scores, tags: list[Tag]) -> Iterable[Tag]:
        faint = faint_names(text, tokens, scores, tags, self._listed)
        named = self._things.without(text, (tag for tag in faint if not names_nobody(text, tag)))
        return without_no_names(text, as_groups(text, named))


class _HanTagger(SmallTagger):
    RULES = (SHORT_NAMES, TITLED, JAPANESE_NAMES, COMPOUND_NAMES, *TOLD, SPEAKERS, CHEERED, DOORS)

    def __init__(self, reader: HanReader, network: Network) -> None:
        self._things, self._english = ChineseThings.shipped(), EnglishThings.shipped(bool)
        super().__init__("HanTagger", reader, network, _reads_han)

    def _spans(self, text: str, tokens: Tokens, scores: Scores) -> list[Span]:
        return without_words(text, tokens, scores, reached(text, tokens, scores, self._decoder.spans(scores)))

    def _somebody(self, text: str, tags: Iterable[Tag]) -> Iterable[Tag]:
        return self._english.without(text, self._things.without(text, tags))

    def _completed(self, text: str, tags: list[Tag]) -> list[Tag]:
        mostly_latin = any(text[tag.start : tag.end].isascii() for tag in tags) and _is_mostly_latin(text)
        tags = [tag for tag in tags if _is_written(text, tag) and not _in_english(text, tag, mostly_latin)]
        tags = whole_people(text, whole_foreign_names(text, [_without_lead(text, tag) for tag in without_praise(text, tags)]))
        names = with_latin(text, whole_firms(text, whole_names(text, tags)))
        names = whole_crossings(text, whole_addresses(text, names))
        return [*turns(text, listed_people(text, names)), *self._rules.tags(text)]


def latin_tagger(weights: Path = WEIGHTS / "latin.npz") -> SmallTagger:
    """For text in Latin letters, with the weights that the package ships."""
    with np.load(weights, allow_pickle=False) as parts:
        reader = LatinReader(_text(parts["vocabulary"]).split("\0"), Lexicon(parts["lexicon"]))
        return _LatinTagger(reader, FloatNetwork(parts["graph"].tobytes()))


def han_tagger(weights: Path = WEIGHTS / "han.npz") -> SmallTagger:
    """For text with Han characters, with the weights that the package ships."""
    with np.load(weights, allow_pickle=False) as parts:
        network = EightBitNetwork(parts["graph"].tobytes(), parts["table"], parts["offsets"])
    return _HanTagger(HanReader.of(weights), network)


def _reads_latin(text: str) -> bool:
    """A single Latin word among Chinese ones is left to the tagger that knows the words around it."""
    return (_LATIN_PHRASE if _reads_han(text) else _LATIN).search(text) is not None


def _reads_han(text: str) -> bool:
    return not text.isascii() and _HAN.search(text) is not None


def _is_mostly_latin(text: str) -> bool:
    """Whether it has more words in Latin letters than Han characters: an English text with a Chinese name."""
    words = len(_LATIN_WORD.findall(text))
    return words >= _MANY and words > len(_HAN.findall(text)) and _reads_latin(text)


def _is_written(text: str, tag: Tag) -> bool:
    """Whether there is more to a name than signs; places may be numbers."""
    if "\u3400" <= text[tag.start] <= "\u9fff" or tag.entity == "LOCATION":
        return True
    if _WRITTEN.search(text, tag.start, tag.end) is None:
        return False
    return _IDENTIFIER.fullmatch(text, tag.start, tag.end) is None or _beside_han(text, tag)


def _beside_han(text: str, tag: Tag) -> bool:
    around = text[max(tag.start - 2, 0) : tag.start].rstrip(" ")[-1:] + text[tag.end : tag.end + 2].lstrip(" ")[:1]
    return _HAN.search(around) is not None


def _in_english(text: str, tag: Tag, mostly_latin: bool) -> bool:
    """Whether it is words between words in Latin letters, which the other tagger knows better, and no name among characters."""
    if mostly_latin:
        return text[tag.start : tag.end].isascii()
    return _ENGLISH.fullmatch(text, tag.start, tag.end) is not None and (
        _ENGLISH_BEHIND.match(text, tag.end) is not None
        or _ENGLISH_BEFORE.search(text, max(tag.start - 3, 0), tag.start) is not None
    )


def _without_lead(text: str, tag: Tag) -> Tag:
    """Without the small words before a Latin name, which the tagger for Chinese sometimes takes in."""
    lead = _LEAD.match(text, tag.start, tag.end)
    return tag if lead is None else replace(tag, start=lead.end())


def _without_han(text: str, tag: Tag) -> Tag:
    """Without characters behind a name in Latin letters, if they are more than a name has: the other tagger knows better."""
    behind = _HAN_BEHIND.search(text, tag.start, tag.end)
    return tag if behind is None else replace(tag, end=behind.start())


def _tag(tokens: Tokens, span: Span) -> Tag:
    return Tag(int(tokens.starts[span.first]), int(tokens.ends[span.last]), span.label, span.score)


def _text(array: Any) -> str:
    return bytes(array).decode("utf-8")
