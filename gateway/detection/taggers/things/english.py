"""Medicines, diseases, programs and terms among what a network took for names in Latin letters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from gateway.detection.taggers.sieve import Tag
from gateway.detection.taggers.things.lists import listed

_NAMED = frozenset({"PERSON", "LOCATION", "ORGANIZATION", "NRP"})
_BEFORE_SOMEBODY = re.compile(
    r"(?<![A-Za-z])(?i:mr|mrs|ms|miss|mx|dr|prof|professor|sir|madam|lady|lord|rev|sgt|capt|captain|officer|judge|coach|chef|nurse|"
    r"uncle|aunt|auntie|herr|frau|señora?|sra?|mme|madame|monsieur|dear|hi|hello|hey|thanks|thank you|sorry|regards|wishes|"
    r"sincerely|cheers|love|best|i['’]m|i am|name is)(?:\.?,? |,\s{1,4})\Z|"
    r"(?i:names?|patient|client|customer|employee|contact|author|from|to|b?cc|by|signed|attn|attendees?|participants?|assignee|"
    r"owner|reviewer|sender|recipient|candidate|applicant|student|tenant|resident|insured|user)"
    r"[\"'*_`]{0,3}[ \t]?[:=|][ \t]{0,3}[\"'*_`]{0,3}\Z|"
    r"(?i:wife|husband|son|daughter|sister|brother|friend|colleague|boss|manager|neighbou?r|teacher|partner), \Z|@\Z"
)
_BEHIND_SOMEBODY = re.compile(
    r"['’]s (?:wife|husband|mother|father|sons?|daughters?|children|birthday|phone|mobile|e-?mail|address|passport|salary|boss|"
    r"account|appointment|house|flat|car|job)\b| and I\b|, who (?:is|was|has|had|lives|works)\b|, [1-9][0-9],|"
    r" (?:said|says|told|asked|replied|wrote|writes|phoned|texted|emailed|wants|wanted|thinks|thought|knows|knew|lives|lived|"
    r"hopes|hoped|loves|loved|smiled|laughed|complained|insisted|promised|resigned|retired)\b| here[.,!]|"
    r": (?:can you|could you|please|hi|hello|hey|ok|okay|yes|no|yeah|sure|thanks|sorry|I|I['’](?:m|ll|ve|d)|we|haha|lol)\b"
)
"""Somebody may be called like a medicine."""
_IS_BESIDE = re.compile(r" |[\"']?[,;\t|][\"']?| \| ")
"""Between a first name and a last name, in a text or in a table."""
_SALTS = frozenset(
    "sodium potassium calcium hydrochloride hcl succinate tartrate besylate maleate acetate sulfate er xr sr".split()
)
_MEDICAL = re.compile(
    r"[a-z]*(?:arthr|bronch|bronchiol|hepat|pancreat|appendic|diverticul|gastr|enterocol|gastroenter|nephr|cyst|prostat|mening|"
    r"encephal|dermat|cellul|sinus|rhin|tonsill|laryng|pharyng|conjunctiv|tendin|tendon|burs|phleb|vascul|thyroid|pneumon|pericard|"
    r"myocard|endocard|gingiv|periodont|stomat|kerat|retin|blephar|vagin|epididym|endometr|fasci|spondyl|esophag|labyrinth|"
    r"radicul|arter|follicul|urethr|myos)itis|"
    r"[a-z]*(?:cirrh|fibr|scler|sten|thromb|necr|psych|tubercul|sarcoid|endometri|por|oarthr|scoli|kyph|acid|alkal|cyan|halit|myc|"
    r"plasm|ankyl|spondyl|amyloid|mononucle|silic|asbest)osis|"
    r"[a-z]*(?:psor|candid|ascar|leishman|schistosom|lith|amoeb|ameb|trichomon)iasis|"
    r"[a-z]{3,}(?:lepsy|algia|opath(?:y|ic)|ectomy|ostomy|otomy|oplasty|oscopy|rrhea|rrhoea|plegia|penia|"
    r"phobia|aemia|trophy|ectasia|cythemia|glycemia|lipidemia|volemia|natremia|kalemia)"
)
"""Conditions and operations. Greek endings alone are not enough: Politis and Theodosis are people."""
_MEDICINE = re.compile(
    r"[a-z]{2,}(?:mab|tinib|ciclib|parib|pril|sartan|statin|cillin|mycin|floxacin|cycline|[aeo]zole|tidine|zepam|zolam|oxetine|"
    r"gliptin|gliflozin|glutide|parin|xaban|olol|dipine|sone|olone|triptan|setron|profen|lukast|afil|osin|azine|apine|tadine|vir|"
    r"lim|done|pram|thyroxine)"
)
"""How generic names end."""
_DOSE = re.compile(
    r" (?:[0-9]+(?:\.[0-9]+)? ?(?:mg|mcg|µg|ml|mL|IU|units)|tablets?|capsules?|inhaler|injections?|suspension|ointment|syrup)"
    r"(?![A-Za-z])"
)
_PRESCRIBED = re.compile(
    r"(?i:(?:was|were|been|am|got) prescribed|prescribed (?:him|her|me|them|us)|diagnosed with|allergic to|"
    r"side effects of|dosage of|suffers? from|suffering from) \Z"
)
"""Around a word that no list of names has, and that no list of medicines can know yet. Nobody stands there."""
_NAMES_GO_ON = re.compile(r"['’]s?[ \n]| [A-ZÀ-ÞĀ-Ɏ]")
_TAKEN = re.compile(r"\b(?:[Tt]ake|[Tt]aking|[Tt]ook) \Z")
_WITH_FOOD = re.compile(
    r" (?:with (?:alcohol|food|milk|grapefruit|wine|beer)|"
    r"while (?:pregnant|breastfeeding)|during pregnancy|on an empty stomach)\b"
)
_OF_MEDICINES = re.compile(r"(?i:prescribed|doses? of|m[gl] of|safe to take|interacts? with|symptoms of) \Z")
"""Somebody may stand there too, so the word must end like a medicine."""
_ALWAYS_ILL = frozenset("alzheimer crohn asperger tourette marfan".split())
_ALSO_ILL = frozenset("parkinson huntington addison cushing graves hodgkin hashimoto raynaud sjogren sjögren barrett".split())
"""Family names that are as common: what stands around them decides."""
_HAS = re.compile(
    r"(?:[Hh]as|[Hh]ave|[Hh]ad|[Hh]aving|(?:diagnosed|living|people|patients|adults) with|[Oo]nset|[Aa]dvanced) \Z"
)
_ILLNESS = re.compile(
    r"['’]s?(?:(?= (?:and|or|in|patients?|medications?|meds|drugs?|dementia|symptoms|treatments?|hereditary|runs)(?![a-z]))|"
    r"(?= ?[.,;:?!)]|\s*\Z))"
)
_SURELY_ILLNESS = re.compile(
    r"['’]s (?:medications?|meds|dementia|treatments?|hereditary|"
    r"(?:and|or) (?:Alzheimer|Parkinson|Crohn|dementia|diabetes|MS))\b"
)
_SCHOLARS = frozenset(
    "newton euler cramer heron gauss horner lagrange laplace fourier bayes descartes archimedes kepler hooke ohm boyle occam "
    "bernoulli poisson dijkstra kruskal fibonacci".split()
)
_NAMESAKES = frozenset("simpson maxwell murphy parkinson pareto taylor".split())
"""Whose rules and formulas may be those of somebody in the room."""
_OF_A_SCHOLAR = re.compile(
    r"['’]s? (?:method|rules?|formulas?|formulae|(?:first |second |third )?laws?|elimination)(?![A-Za-z])"
)
_OF_A_NAMESAKE = re.compile(r"['’]s (?:rule|law)(?![A-Za-z])")
_TOOLS = frozenset(
    "cassandra jenkins travis julia ruby jaeger maven babel fedora anaconda claude hive presto haskell erlang scala pascal ada "
    "puppet consul vault envoy caddy jetty netty looker jest kibana keras trino conda tauri vite vue stata kotlin mocha elixir "
    "svelte".split()
)
_OF_A_TOOL = re.compile(
    r" (?:v[0-9]+(?:\.[0-9]+)+|[0-9]+\.[0-9]+\.[0-9]+|on Rails|CI|CLI|API|SDK|REPL|IDE|ORM|cluster|pipeline|plugins?|"
    r"keyspaces?|gems?|compilers?|runtimes?|syntax)(?![A-Za-z0-9.])"
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
        """`tags`, in order, without such."""
        given = list(tags)
        are = [tag.entity in _NAMED and self._is_one(text, tag) for tag in given]
        for at, tag in enumerate(given):
            if not are[at] or self._is_half_a_name(text, given, are, at):
                yield tag

    def _is_one(self, text: str, tag: Tag) -> bool:
        value = text[tag.start : tag.end]
        if not value[-1:].isascii() and value[:-1].isascii():
            value = value[:-1]  # in a Chinese text the character behind it may have come along
        if not self._names_one(text, tag, value) or _BEFORE_SOMEBODY.search(text, max(0, tag.start - 24), tag.start):
            return False
        return value in self.terms or _BEHIND_SOMEBODY.match(text, tag.end) is None

    def _names_one(self, text: str, tag: Tag, value: str) -> bool:
        lower = value.lower()
        if value in self.terms or lower in self.names or (" " in value and self._is_a_salt(lower)):
            return True
        if not lower.isalpha():
            return False
        if lower in _ALWAYS_ILL:
            return _ILLNESS.match(text, tag.end) is not None
        if lower in _ALSO_ILL and _is_illness(text, tag):
            return True
        if lower in _NAMESAKES:
            return _OF_A_NAMESAKE.match(text, tag.end) is not None
        if lower in _SCHOLARS and _OF_A_SCHOLAR.match(text, tag.end) is not None:
            return True
        if lower in _TOOLS:
            return _OF_A_TOOL.match(text, tag.end) is not None
        return (_MEDICAL.fullmatch(lower) is not None or _is_medicine(text, tag, lower)) and not self.somebodys(lower)

    def _is_half_a_name(self, text: str, tags: Sequence[Tag], are: Sequence[bool], at: int) -> bool:
        """Whether somebody stands right beside it, who may be called so as well; a title and a degree are written alike."""
        tag = tags[at]
        is_term = text[tag.start : tag.end] in self.terms
        for other, first, last in ((at - 1, at - 1, at), (at + 1, at, at + 1)):
            if not 0 <= other < len(tags) or are[other] or tags[other].entity != "PERSON":
                continue
            start, end = tags[first].end, tags[last].start
            if 0 < end - start < 4 and _IS_BESIDE.fullmatch(text, start, end) and not (is_term and end - start > 1):
                return True
        return False

    def _is_a_salt(self, value: str) -> bool:
        first, *rest = value.split()
        return first in self.names and _SALTS.issuperset(rest)


def _is_illness(text: str, tag: Tag) -> bool:
    if _SURELY_ILLNESS.match(text, tag.end) is not None:
        return True
    return bool(_ILLNESS.match(text, tag.end) and _HAS.search(text, max(0, tag.start - 15), tag.start))


def _is_medicine(text: str, tag: Tag, lower: str) -> bool:
    """Whether it is spoken of as one; what no medicine ends like must stand where nobody stands."""
    if _NAMES_GO_ON.match(text, tag.end) is not None:
        return False
    left = max(0, tag.start - 24)
    if _PRESCRIBED.search(text, left, tag.start) is not None:
        return True
    if _WITH_FOOD.match(text, tag.end) is not None and _TAKEN.search(text, left, tag.start) is not None:
        return True
    return _MEDICINE.fullmatch(lower) is not None and bool(
        _DOSE.match(text, tag.end) or _OF_MEDICINES.search(text, left, tag.start)
    )
