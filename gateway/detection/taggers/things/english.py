"""Medicines, diseases, programs and terms among what a network took for names in Latin letters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from gateway.detection.taggers.sieve import Tag
from gateway.detection.taggers.things.lists import listed

_NAMED = frozenset({"PERSON", "LOCATION", "ORGANIZATION", "NRP"})
_ADDRESSED = re.compile(r"(?<![A-Za-z])(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Sir|Madam|Dear|Hi|Hello)\.?,? \Z")
"""Somebody may be called like a medicine."""
_SALTS = frozenset(
    "sodium potassium calcium hydrochloride hcl succinate tartrate besylate maleate acetate sulfate er xr sr".split()
)
_MEDICAL = re.compile(
    r"[a-z]{3,}(?:itis|osis|iasis|lepsy|algia|opath(?:y|ic)|ectomy|ostomy|otomy|oplasty|oscopy|rrhea|rrhoea|plegia|penia|phobia|"
    r"philia|aemia|trophy|sclerosis|ectasia|cythemia|glycemia|lipidemia|volemia|natremia|kalemia)"
)
"""Conditions and operations, by their Greek endings; shorter ones are listed."""
_DOSE = re.compile(
    r" (?:[0-9]+(?:\.[0-9]+)? ?(?:mg|mcg|µg|ml|mL|IU|units)|tablets?|capsules?|inhaler|injections?|suspension|ointment|syrup)"
    r"(?![A-Za-z])"
)
_PRESCRIBED = re.compile(
    r"(?i:prescribed(?: (?:him|her|me|them|us))?|side effects of|(?:over)?doses? of|dosage of|m[gl] of|allergic to|"
    r"safe to take|interacts? with|diagnosed with|symptoms of|suffers? from|suffering from) \Z"
)
"""Around a word that no list of names has, and that no list of medicines can know yet."""
_ALWAYS_ILL = frozenset("alzheimer crohn hodgkin hashimoto asperger tourette raynaud sjogren sjögren marfan barrett".split())
_ALSO_ILL = frozenset("parkinson huntington addison cushing graves".split())
"""Family names that are as common: what stands around them decides."""
_HAS = re.compile(r"(?:[Hh]as|[Hh]ave|[Hh]ad|[Hh]aving|with|from|against|is|or|[Oo]nset|[Aa]dvanced|of|for|and|about) \Z")
_ILLNESS = re.compile(
    r"['’]s?(?:(?= (?:and|or|in|patients?|medications?|meds|drugs?|dementia|symptoms|treatments?|hereditary|runs)(?![a-z]))|"
    r"(?= ?[.,;:?!)]|\s*\Z))"
)
_SCHOLARS = frozenset(
    "newton euler simpson cramer heron gauss horner lagrange laplace fourier bayes descartes archimedes kepler hooke ohm boyle "
    "maxwell occam murphy parkinson pareto taylor".split()
)
_OF_A_SCHOLAR = re.compile(
    r"['’]s? (?:methods?|rules?|formulas?|formulae|(?:first |second |third )?laws?|identity|elimination)(?![A-Za-z])"
)
_TOOLS = frozenset(
    "cassandra jenkins travis julia ruby jaeger maven babel fedora anaconda claude hive presto haskell erlang scala pascal ada "
    "puppet consul vault envoy caddy jetty netty looker jest".split()
)
_OF_A_TOOL = re.compile(
    r" (?:v?[0-9]+(?:\.[0-9]+)+|on Rails|CI|CD|CLI|API|SDK|REPL|IDE|ORM|clusters?|pipelines?|plugins?|keyspaces?|gems?|"
    r"compilers?|runtimes?|syntax|queries)(?![A-Za-z])"
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
        """`tags` without such."""
        return (tag for tag in tags if tag.entity not in _NAMED or not self._is_one(text, tag))

    def _is_one(self, text: str, tag: Tag) -> bool:
        value = text[tag.start : tag.end]
        if not value[-1:].isascii() and value[:-1].isascii():
            value = value[:-1]  # in a Chinese text the character behind it may have come along
        lower = value.lower()
        if value in self.terms or lower in self.names or (" " in value and self._is_a_salt(lower)):
            return _ADDRESSED.search(text, max(0, tag.start - 9), tag.start) is None
        if _MEDICAL.fullmatch(lower) is not None:
            return True
        if lower in _ALWAYS_ILL:
            return _ILLNESS.match(text, tag.end) is not None
        if lower in _ALSO_ILL:
            return bool(_ILLNESS.match(text, tag.end) and _HAS.search(text, max(0, tag.start - 9), tag.start))
        if lower in _SCHOLARS and _OF_A_SCHOLAR.match(text, tag.end) is not None:
            return True
        if lower.isalpha() and self._is_prescribed(text, tag) and not self.somebodys(lower):
            return True
        return lower in _TOOLS and _OF_A_TOOL.match(text, tag.end) is not None

    @staticmethod
    def _is_prescribed(text: str, tag: Tag) -> bool:
        return _DOSE.match(text, tag.end) is not None or _PRESCRIBED.search(text, max(0, tag.start - 24), tag.start) is not None

    def _is_a_salt(self, value: str) -> bool:
        first, *rest = value.split()
        return first in self.names and _SALTS.issuperset(rest)
