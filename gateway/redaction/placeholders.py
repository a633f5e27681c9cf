"""Placeholders such as `<PERSON_1>`: how they are spelled, minted, and recognised in what a model makes of them.

A placeholder belongs to one exchange, unless policy gives it a wider scope (`gateway.vault`). Numbers that the client's own
text already uses are never minted, so a `<PERSON_1>` that somebody typed is plain text on the way out and on the way back.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

from gateway.redaction.word_edges import marked

Key: TypeAlias = tuple[str, int]
"""Entity type and number, the identity of a placeholder however it is spelled."""

HIGHEST_NUMBER = 999_999_999
_DIGITS = "[0-9０-９]{1,9}"
MOST_BACKSLASHES = 63
"""In a row before `u003c`: a few, in JSON that is inside JSON, four deep."""
_OPENING_CODES = ("003c", "003C", "ff1c", "FF1C", "3008", "300a", "300A", "27e8", "27E8", "2039")
_CLOSING_CODES = ("003e", "003E", "ff1e", "FF1E", "3009", "300b", "300B", "27e9", "27E9", "203a", "203A")
"""Of the brackets below, as JSON in ASCII has them."""


def _any_of(codes: Collection[str]) -> str:
    """A pattern for an escaped character, as it is written, or as it is read by `without_escapes`."""
    return f"u(?:{'|'.join((*codes, *map(marked, codes)))})"


_OPEN = rf"(?:[<＜〈《⟨‹]|&lt;|%3[cC]|\\(?:\\?<|(?<!\\\\)\\{{0,{MOST_BACKSLASHES - 1}}}{_any_of(_OPENING_CODES)}))"
_CLOSE = rf"(?:[>＞〉》⟩›]|&gt;|%3[eE]|\\(?:\\?>|(?:\\|\\{{3}}|\\{{7}})?{_any_of(_CLOSING_CODES)}))"
OPENINGS = ("<", "\\<", "&lt;", "%3c", "%3C", "＜", "〈", "《", "⟨", "‹", *(f"\\u{code}" for code in _OPENING_CODES))
CLOSINGS = (
    *(">", "\\>", "\\\\>", "&gt;", "%3e", "%3E", "＞", "〉", "》", "⟩", "›"),
    *("\\" * times + f"u{code}" for times in (1, 2, 4, 8) for code in _CLOSING_CODES),
)
"""All that these match, for whoever has to see them coming; before an opening, of several backslashes only one."""
SPELLED = re.compile(r"<([A-Z][A-Z0-9_]*)_([0-9]{1,9})>")
"""A placeholder of any type as `spelled` writes it: its type, its number."""
_JOINT = r"(?:\\{0,2}_|[ \-])"
_BACKSLASHES = re.compile(r"\\+(?=[<u])")


def spelled(key: Key) -> str:
    """The form in which a placeholder is sent to a model."""
    return f"<{key[0]}_{key[1]}>"


def canonical(entity: str, number: str) -> Key:
    """The identity behind a spelling: `person`, `３` -> `("PERSON", 3)`."""
    return re.sub(r"[\\_ \-]+", "_", entity).strip("_").upper(), int(number)


@lru_cache(maxsize=256)  # most exchanges of a tenant find the same types; to make one takes longer than to use it on an answer
def spelling_pattern(entities: frozenset[str]) -> re.Pattern[str]:
    """Matches a placeholder of these types as models give it back.

    Inside brackets of some kind: any case, spaces, escaped underscores; a lost last underscore in exact case only, since
    `<person1>` is an element that anybody may write. Without its closing or both brackets: exact
    case and underscore only, and not inside a longer word. `key_of` reads the groups.
    """
    names = sorted(entities, key=len, reverse=True)
    loose = "|".join(_JOINT.join(map(re.escape, name.split("_"))) for name in names)
    exact = "|".join(r"\\{0,2}_".join(map(re.escape, name.split("_"))) for name in names)
    named = rf"(?P<loose>(?i:{loose})(?={_JOINT})|{exact})"
    bracketed = rf"{_OPEN}[ \t]{{0,2}}{named}{_JOINT}?(?P<number>{_DIGITS})[ \t]{{0,2}}{_CLOSE}"
    bare = rf"(?:{_OPEN}[ \t]{{0,2}})?(?<![A-Za-z0-9_])(?P<exact>{exact})\\{{0,2}}_(?P<bare>{_DIGITS})(?![A-Za-z0-9_０-９])"
    return re.compile(f"{bracketed}|{bare}")


def key_of(match: re.Match[str]) -> Key:
    """The identity of what `spelling_pattern` matched."""
    return canonical(match["loose"] or match["exact"], match["number"] or match["bare"])


def backslashes_before(spelling: str) -> int:
    """How many of the backslashes with which something that `spelling_pattern` matched begins are no part of it.

    Markdown escapes more than the opening bracket; what is escaped there alone is text, as in `C:\\Users\\<PERSON_1>`. Before
    `u003c`, documents around have doubled the one of the escape, and have made an even multiple of that of each one before it.
    """
    before = _BACKSLASHES.match(spelling)
    if before is None:
        return 0
    count = before.end()
    if spelling[count] == "u":
        return count - (count & -count)
    return count if "\\" not in spelling[count:] else 0


@dataclass
class PlaceholderMint:
    """Gives each value of one exchange its placeholder. `literals` are placeholders that the client typed itself."""

    literals: frozenset[Key]
    _values: dict[str, Key] = field(default_factory=dict, repr=False)
    _last: dict[str, int] = field(default_factory=dict)

    def mint(self, entity: str, value: str) -> str:
        """The placeholder of a value: the same for the same value, whatever its place or type."""
        key = self._values.get(value)
        if key is None:
            key = self._values[value] = self._next(entity)
        return spelled(key)

    @classmethod
    def holding(cls, literals: frozenset[Key], keys: Mapping[str, Key], highest: Mapping[str, int]) -> PlaceholderMint:
        """One that has these values already; `highest` are the numbers, by type, up to which all are given out elsewhere."""
        return cls(literals, dict(keys), dict(highest))

    @property
    def minted(self) -> Mapping[Key, str]:
        return {key: value for value, key in self._values.items()}

    def apart(self, literals: frozenset[Key]) -> PlaceholderMint:
        """A mint that goes on from here by itself, and leaves out these literals as well."""
        return PlaceholderMint(self.literals | literals, dict(self._values), dict(self._last))

    def _next(self, entity: str) -> Key:
        number = self._last.get(entity, 0) + 1
        while (entity, number) in self.literals:
            number += 1
        self._last[entity] = number
        return entity, number


def typed_literals(texts: Iterable[str], entities: Collection[str]) -> frozenset[Key]:
    """What could be taken for a placeholder of these types in the client's own texts: looser than restoration is, so that
    also `person1` in a question keeps its number free for the answer."""
    pattern = _typed_pattern(frozenset(entities))
    firsts = {name.partition("_")[0].lower() for name in entities}
    return frozenset(canonical(*match.groups()) for text in set(texts) for match in _typed(text, firsts, pattern))


def _typed(text: str, firsts: Iterable[str], pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """What the pattern matches. It begins with the first word of a name, which is quicker found by itself; but outside of ASCII
    other letters count as these too.
    """
    if not text.isascii():
        yield from pattern.finditer(text)
        return
    lowered = text.lower()
    if any(first in lowered for first in firsts):
        yield from _beginning_at(sorted({at for first in firsts for at in _everywhere(lowered, first)}), text, pattern)


def _everywhere(text: str, word: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + 1)


def _beginning_at(places: Iterable[int], text: str, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """Matches that begin at these places, from left to right, without overlap."""
    end = 0
    for at in places:
        if at >= end and (match := pattern.match(text, at)):
            yield match
            end = match.end()


@lru_cache(maxsize=256)
def _typed_pattern(entities: frozenset[str]) -> re.Pattern[str]:
    names = "|".join(_JOINT.join(map(re.escape, name.split("_"))) for name in sorted(entities, key=len, reverse=True))
    exact = rf"(?-i:{names})\\{{0,2}}_"  # also where a value may stand before it
    begins = rf"(?:(?<![A-Za-z])|(?<=%3C)|(?<=u[0-9A-F]{{4}})|(?={exact}))"
    return re.compile(rf"{begins}({names}){_JOINT}?({_DIGITS})", re.IGNORECASE)
