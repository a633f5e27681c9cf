"""Single names that the words around them give away: `Sorry Thuy, …`, `Senthil's birthday`, `Aibek and I`, `my boss, Wulan`.

The network knows such places too, but where a name is rare it takes it for a town or a firm, or for nothing. One word with a
capital counts, unless lists call it a place or an ordinary word, and nobody's name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gateway.detection.expressions import Expressions, Places
from gateway.detection.taggers.sieve import Tag, covered, is_uncommon

ClassOf = Callable[[str], int]
"""What lists say of a word in small letters, as bits: 1 a given name, 2 a family name, 4 a word of a place's name, 8 a word."""

_GIVEN, _PLACE, _ORDINARY = 1, 4, 8
_LETTERS, _CAPITALS = "a-zß-öø-ɏḀ-ỿ", "A-ZÀ-ÖØ-ÞĀ-ɏḀ-ỿ"
_WORD = f"[{_CAPITALS}][{_LETTERS}]{{1,20}}(?:-[A-Za-z][{_LETTERS}]{{0,8}})?"
_NAME = rf"(?P<name>{_WORD})(?![\w-])"
_KIN = (
    "mother|father|mum|mom|dad|parents?|wife|husband|spouse|sons?|daughters?|child|children|kids?|baby|brother|sister|siblings?|"
    "aunt|uncle|cousin|niece|nephew|grandmother|grandfather|grandma|grandpa|granddaughter|grandson|fianc[eé]e?|boyfriend|"
    "girlfriend|roommate|flatmate|neighbou?r"
)
_RELATION = (
    f"(?:{_KIN}|friend|colleague|co-?worker|boss|manager|supervisor|mentor|teacher|tutor|coach|assistant|secretary|landlord|"
    "landlady|nanny|babysitter|classmate|teammate|therapist|doctor|dentist|nurse|midwife|lawyer|accountant|hairdresser)"
)
_OWNED = (
    f"(?:{_KIN}|birthday|wedding|funeral|phone|mobile|e-?mail|passport|visa|salary|payslip|diagnosis|illness|surgery|pregnancy|"
    "medication|blood (?:pressure|test)|homework|teacher|boss|CV|résumé|hair|voice|face|hands?|leave request|"
    "performance review|date of birth|home address)"
)
_RELATED = rf"(?:[Mm]y|[Oo]ur|[Hh]is|[Hh]er|[Tt]heir|[Yy]our) (?:[a-z]{{2,12}} )?{_RELATION}"
FIRMS_SAY = (
    "said|told|asked|replied|phoned|texted|emailed|wants|wanted|hopes|hoped|apologi[sz]ed|complained|insisted|promised|called"
)
PEOPLE_DO = (
    "wrote back|thinks|thought|knows|knew|loves|loved|hates|hated|smiled|laughed|cried|nodded|sighed|whispered|shouted|forgot|"
    "resigned|retired|got married|passed away|gave birth|fell ill|fainted|was (?:born|admitted|discharged)|is pregnant|"
    "is (?:on leave|ill|sick|late)|(?:came|went) home|sat down|stood up|woke up|(?:can['’]t|cannot) come"
)
_GREETING = (
    "(?:[Dd]ear|[Hh]i|[Hh]ello|[Hh]ey|Hiya|[Tt]hanks|[Tt]hank you|[Tt]hx|[Ss]orry|Congratulations|Congrats|Welcome(?: back)?|"
    "Happy [Bb]irthday|Bye|Goodbye|Good (?:[Mm]orning|[Aa]fternoon|[Ee]vening|[Nn]ight)|Morning|Well done|Good luck|Cheers|"
    "Love|[Rr]egards|[Ww]ishes|Best|Sincerely|Take care),?"
)
_ASKED = "(?:[Aa]sk(?:ed)?|[Tt]ell|[Tt]old|[Rr]emind|[Ii]nvited?|[Tt]hank|[Pp]hone|[Tt]ext|[Cc]ongratulate)"
_MARRIED = "(?:[Cc]all me|(?:named|called) after|married to|engaged to|divorced from|pregnant with|in love with)"
_THIS_IS = "(?:I['’]m|I am|[Ii]t['’]s|[Tt]his is)"
SPOKEN = r": (?:can you|could you|please|hi|hello|hey|ok|okay|yes|no|yeah|sure|thanks|sorry|I|I['’](?:m|ll|ve|d)|we|haha|lol)\b"
_AGED = r",? \(?(?:[1-9][0-9]|1[01][0-9])[,)]"


@dataclass(frozen=True, slots=True)
class _Frame:
    """What stands before a name or behind it. `is_free`: a firm may stand there as well."""

    before: str = ""
    behind: str = ""
    is_free: bool = False
    form: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        edge = r"(?<![A-Za-z])" if self.before else r"(?<![\w.@/#'’-])"
        behind = f"(?={self.behind})" if self.behind else ""
        object.__setattr__(self, "form", re.compile(f"{edge}{self.before}{_NAME}{behind}"))


_BEFORE = (
    _Frame(f"{_GREETING} ", r"[ \t]*(?:[,!.?;:)\"\r\n–—]|-(?![\w-])|\Z)| and [A-Z]"),
    _Frame(f"{_RELATED},? "),
    _Frame(f"{_MARRIED} "),
    _Frame(f"{_THIS_IS} ", r" (?:from|here|speaking|calling|again)\b", is_free=True),
    _Frame(
        f"{_ASKED} ", r" (?:whether|if|to|about|that|for|on|how|why|when|what|too|not|again|please)\b|[.,?!]|\Z", is_free=True
    ),
    _Frame("@", r",| (?:please|can|could|will|would|do|did|are|have|thanks|what|when|why|how|fyi)\b", is_free=True),
)
_BEHIND = (
    _Frame(behind=rf"['’]s {_OWNED}\b| and I\b|, who (?:is|was|has|had|lives|works)\b|{_AGED}|,? (?:is )?{_RELATED}\b"),
    _Frame(behind=rf" (?:{PEOPLE_DO})\b"),
    _Frame(r"(?<=\n)", behind=SPOKEN),
    _Frame(behind=rf" (?:{FIRMS_SAY})\b| here(?:[.,!]| again\b| from\b)", is_free=True),
)
_MAY_BEGIN = (
    (rf"(?:\b(?:{_GREETING}|{_RELATED},?|{_MARRIED}|{_THIS_IS}|{_ASKED}) |@){_WORD}", _BEFORE),
    (rf"{_WORD}(?:{'|'.join(frame.behind for frame in _BEHIND)})", _BEHIND),
)
_GATE = Expressions([expression for expression, _ in _MAY_BEGIN])
_MAY_BE = tuple((Places(expression), frames) for expression, frames in _MAY_BEGIN)
"""One of them fires where a frame may begin: RE2 looks through a text in a twentieth of the time, and most have neither."""
_SCORE = 0.8
_SURE = 0.95
"""Of a firm that it is one, whatever stands around it."""


def introduced(text: str, tags: Sequence[Tag], class_of: ClassOf) -> list[Tag]:
    """`tags` with such names: those that the network saw as something else are people, the others are added.

    Raises DetectionUnavailable.
    """
    people = {(start, end): is_free for start, end, is_free in _people(text) if may_be_a_name(text[start:end], class_of)}
    if not people:
        return list(tags)
    taken = covered(text, tags)
    added = (Tag(start, end, "PERSON", _SCORE) for start, end in people if taken.find(1, start, end) < 0)
    return sorted([*(_as_person(tag, people) for tag in tags), *added], key=lambda tag: tag.start)


def _people(text: str) -> Iterator[tuple[int, int, bool]]:
    for fired in sorted(_GATE.fired(text)):
        may_be, frames = _MAY_BE[fired]
        for place in may_be.finditer(text):
            for frame in frames:
                found = frame.form.match(text, place.start())
                if found is not None:
                    yield *found.span("name"), frame.is_free
                    break


def may_be_a_name(word: str, class_of: ClassOf, *, or_ordinary: bool = False) -> bool:
    """Whether it has a capital, and lists do not call it something else.

    Of a word with a hyphen (`Min-ji`, `Sun-dried`) the whole or its end. `or_ordinary`: an ordinary word may be one.
    """
    lower = word.lower()
    end = lower.rpartition("-")[2]
    others = _PLACE if or_ordinary else _PLACE | _ORDINARY
    listed = class_of(lower) | (class_of(end) if len(end) > 2 else 0)
    return word[0].isupper() and is_uncommon(lower) and bool(listed & _GIVEN or not listed & others)


def _as_person(tag: Tag, people: Mapping[tuple[int, int], bool]) -> Tag:
    is_free = people.get((tag.start, tag.end))
    if is_free is None or (tag.entity == "ORGANIZATION" and (is_free or (tag.score or 0) > _SURE)):
        return tag
    return replace(tag, entity="PERSON")
