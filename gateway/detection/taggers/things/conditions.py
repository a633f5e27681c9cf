"""Conditions, by the roots of their names, and those that bear the name of whoever described them."""

from __future__ import annotations

import re

from gateway.detection.taggers.sieve import Tag

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
_WITH_OTHERS = re.compile(r"['’]s (?:and|or) (?:Alzheimer|Parkinson|Crohn|dementia|diabetes|MS)\b")
_WITH_SOMEBODY = re.compile(r"['’]s? (?:and|or) [A-Z]")
_PARKINSON = re.compile(r"['’]s (?:medications?|meds|dementia|treatments?|hereditary)\b")
"""`Addison's medication` is as likely somebody's."""


def is_condition(word: str) -> bool:
    """Whether a word in lower case is a condition or an operation."""
    return _MEDICAL.fullmatch(word) is not None


def is_named_condition(text: str, tag: Tag, word: str) -> bool:
    """Whether a disease is meant by a name that people bear as well (`Parkinson's`); `word` is the tag's, in lower case."""
    if word in _ALWAYS_ILL:
        return _ILLNESS.match(text, tag.end) is not None
    if word not in _ALSO_ILL:
        return False
    if _WITH_OTHERS.match(text, tag.end) or (word == "parkinson" and _PARKINSON.match(text, tag.end)):
        return True
    if _ILLNESS.match(text, tag.end) is None or _WITH_SOMEBODY.match(text, tag.end) is not None:
        return False
    return _HAS.search(text, max(0, tag.start - 15), tag.start) is not None
