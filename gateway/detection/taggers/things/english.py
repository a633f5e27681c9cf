"""Medicines, conditions, programs and terms among what a network took for names in Latin letters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from gateway.detection.taggers.sieve import Tag
from gateway.detection.taggers.things.conditions import is_condition, is_named_condition
from gateway.detection.taggers.things.lists import listed
from gateway.detection.taggers.things.medicines import is_medicine
from gateway.detection.taggers.things.namesakes import is_a_law, is_a_tool
from gateway.detection.taggers.things.somebody import acts, is_announced

_NAMED = frozenset({"PERSON", "LOCATION", "ORGANIZATION", "NRP"})
_IN_A_TABLE = r"[\"']?[,;\t|][\"']?|[\"'], [\"']| \| "
_IS_BESIDE, _IS_IN_ITS_ROW = re.compile(rf" |{_IN_A_TABLE}"), re.compile(_IN_A_TABLE)
"""Between a first name and a last name, in a text or in a table; between a person, a town and a firm, in a table."""
_SALTS = frozenset(
    "sodium potassium calcium hydrochloride hcl succinate tartrate besylate maleate acetate sulfate er xr sr".split()
)


@dataclass(frozen=True, slots=True)
class EnglishThings:
    """`names` in lower case, `terms` in capitals; `somebodys` says whether a word in lower case is known as a name."""

    names: frozenset[str]
    terms: frozenset[str]
    somebodys: Callable[[str], bool]

    @classmethod
    def shipped(cls, somebodys: Callable[[str], bool]) -> EnglishThings:
        """The lists that come with the package."""
        words = listed("english.txt")
        terms = frozenset(word for word in words if word.isupper())
        return cls(listed("medicines.txt") | (words - terms), terms, somebodys)

    def without(self, text: str, tags: Iterable[Tag]) -> Iterator[Tag]:
        """`tags`, in order, without such; who is named in the text is somebody wherever that name stands."""
        given = list(tags)
        are = [tag.entity in _NAMED and self._is_one(text, tag) for tag in given]
        if True not in are:
            yield from given
            return
        people = {word for tag, is_one in zip(given, are, strict=True) if not is_one for word in _words_of_a_person(text, tag)}
        for at, tag in enumerate(given):
            if not are[at] or not people.isdisjoint(_words(text, tag)) or self._is_half_a_name(text, given, are, at):
                yield tag

    def _is_one(self, text: str, tag: Tag) -> bool:
        value = text[tag.start : tag.end]
        is_term = value in self.terms
        if not value[-1:].isascii() and value[:-1].isascii():
            value = value[:-1]  # in a Chinese text the character behind it may have come along
        if not (is_term or self._names_one(text, tag, value)) or is_announced(text, tag):
            return False
        return is_term or not acts(text, tag)

    def _names_one(self, text: str, tag: Tag, value: str) -> bool:
        word = value.lower()
        if word in self.names or (" " in value and self._is_a_salt(word)):
            return True
        if not word.isalpha():
            return False
        if is_named_condition(text, tag, word) or is_a_law(text, tag, word) or is_a_tool(text, tag, word):
            return True
        return not self.somebodys(word) and (is_condition(word) or is_medicine(text, tag, word))

    def _is_half_a_name(self, text: str, tags: Sequence[Tag], are: Sequence[bool], at: int) -> bool:
        """Whether somebody stands right beside it, who may be called so as well; a title and a degree are written alike."""
        tag = tags[at]
        is_term = text[tag.start : tag.end] in self.terms
        for other, first, last in ((at - 1, at - 1, at), (at + 1, at, at + 1)):
            if not 0 <= other < len(tags) or are[other]:
                continue
            start, end, is_person = tags[first].end, tags[last].start, tags[other].entity == "PERSON"
            if is_term and (end - start > 1 or not is_person):
                continue
            if 0 < end - start < 5 and (_IS_BESIDE if is_person else _IS_IN_ITS_ROW).fullmatch(text, start, end) is not None:
                return True
        return False

    def _is_a_salt(self, value: str) -> bool:
        first, _, rest = value.partition(" ")
        return first in self.names and _SALTS.issuperset(rest.split())


def _words(text: str, tag: Tag) -> list[str]:
    return text[tag.start : tag.end].lower().split()


def _words_of_a_person(text: str, tag: Tag) -> list[str]:
    return _words(text, tag) if tag.entity == "PERSON" else []
